"""Each clause in plain English: who, what, where, when, what is overlooked, and what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from truceline.model.agreement import (
    Agreement,
    AltitudeBand,
    Band,
    Cease,
    Circle,
    Clause,
    Combination,
    Exemption,
    KeepOut,
    KeepSide,
    Line,
    NoFly,
    Place,
    Polygon,
    Recorded,
    Selector,
    Separate,
    Shape,
    Side,
    Suspension,
    Withdraw,
)
from truceline.model.evidence import ACTS
from truceline.model.identity import CLASS_GROUPS, CLASSES
from truceline.timebase import ALWAYS, BEGINNING_OF_TIME, END_OF_TIME, Interval, format_instant, to_datetime
from truceline.units import LENGTH_M

_ACTS = {
    "armed-clash": "armed clashes",
    "shelling": "shelling",
    "air-strike": "air strikes",
    "uav-strike": "drone strikes",
    "ied": "bombs left behind",
    "small-arms-fire": "small-arms fire",
    "attack": "attacks on persons",
    "ramming": "ramming",
    "blocking": "blocking",
    "overflight": "overflights",
    "crossing": "crossings",
    "detention": "detentions",
    "non-violent-transfer": "transfers without violence",
    "other": "other acts",
}
_CLASSES = {
    "foot": "people on foot",
    "vehicle": "vehicles",
    "armoured-vehicle": "armoured vehicles",
    "tank": "tanks",
    "artillery": "artillery",
    "mortar": "mortars",
    "mlrs": "multiple rocket launchers",
    "sam": "surface-to-air missiles",
    "vessel": "vessels",
    "warship": "warships",
    "fixed-wing": "fixed-wing aircraft",
    "rotary": "helicopters",
    "uav": "drones",
    "balloon": "balloons",
}
_GROUPS = {
    "aircraft": "aircraft",
    "land": "land movers",
    "sea": "vessels and warships",
    "weapon": "heavy weapons",
}
_OTHER = {"left": "right", "right": "left"}
_MISSING = {
    "distance": "the distance",
    "within": "how near an aircraft may come",
    "per_side": "the distance from the baseline",
    "width": "the width of the zone",
}


def explain(agreement: Agreement) -> tuple[tuple[str, str], ...]:
    """Say each clause in a few plain sentences.

    Parameters
    ----------
    agreement : Agreement

    Returns
    -------
    tuple of (clause id, text)
        In the order of the agreement. The text names what is unknown, who is exempt, suspensions,
        tolerance, and who does not accept the clause.
    """
    return tuple((name, _Teller(agreement).clause(clause)) for name, clause in agreement.clauses.items())


def listed(words: Iterable[str], last: str = "and") -> str:
    """Words as a list in a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a", "b"], "or")
    ('a, b and c', 'a or b')
    """
    items = list(words)
    return f"{', '.join(items[:-1])} {last} {items[-1]}" if len(items) > 1 else "".join(items)


def agreed_length(metres: float) -> str:
    """A length as it was agreed, without rounding it further than six digits.

    Examples
    --------
    >>> agreed_length(18520.0), agreed_length(500.0), agreed_length(55000.0)
    ('18.52 km', '500 m', '55 km')
    """
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"


def position_words(lonlat_deg: tuple[float, float]) -> str:
    """A position as a text writes it.

    Examples
    --------
    >>> position_words((38.61778, 33.50583)), position_words((-70.5, -12.0))
    ('38.61778 E 33.50583 N', '70.5 W 12.0 S')
    """
    lon, lat = (round(value, 6) for value in lonlat_deg)
    return f"{abs(lon)} {'E' if lon >= 0 else 'W'} {abs(lat)} {'N' if lat >= 0 else 'S'}"


@dataclass(frozen=True, slots=True)
class _Teller:
    agreement: Agreement

    def clause(self, clause: Clause) -> str:
        sentences = [self.rule(clause)]
        if not isinstance(clause.rule, Recorded) or clause.validity.interval != ALWAYS:
            sentences.append(self.time(clause.validity.interval))
        if clause.altitude is not None:
            sentences.append(band_words(clause.altitude))
        sentences += [self.suspension(item) for item in clause.validity.suspensions]
        if clause.tolerance_m:
            sentences.append(f"The parties overlook up to {agreed_length(clause.tolerance_m)}.")
        sentences += [self.exemption(item) for item in clause.exemptions]
        if clause.missing:
            unknown = listed(_MISSING.get(item, item) for item in clause.missing)
            sentences.append(f"Not published: {unknown}; until it is known this is not evaluated.")
        against = [
            party.name
            for name, party in self.agreement.parties.items()
            if name in clause.contested_by or party.accepts is False
        ]
        if against:
            sentences.append(f"Not accepted by {listed(against)}.")
        return " ".join(sentence[0].upper() + sentence[1:] for sentence in sentences)

    # ------------------------------------------------------------ who

    def name(self, party: str) -> str:
        known = self.agreement.parties.get(party)
        return known.name if known is not None else party

    def names(self, parties: Iterable[str], last: str = "and") -> str:
        """Party names in the order of the file."""
        wanted = set(parties)
        ordered = [party for party in self.agreement.parties if party in wanted]
        return listed((self.name(party) for party in ordered), last)

    def subject(self, who: Selector) -> str:
        """Whom a clause binds, as the subject of its sentence."""
        parties = "everybody" if who.parties is None else self.names(who.parties - who.except_parties)
        if who.parties is None and who.except_parties:
            parties = f"everybody except {self.names(who.except_parties)}"
        what = class_words(who.classes) if who.classes is not None else ""
        if who.armed is True:
            what = f"armed {what}" if what else "armed movers"
        limits = []
        if who.calibre_min_mm is not None:
            limits.append(f"of {who.calibre_min_mm:g} mm calibre or more")
        if who.range_min_m is not None:
            limits.append(f"with a range of {agreed_length(who.range_min_m)} or more")
        if limits:
            what = f"{what or 'weapons'} {listed(limits)}"
        return f"{what} of {parties.replace('everybody', 'any party')}" if what else parties

    # ------------------------------------------------------------ what

    def rule(self, clause: Clause) -> str:
        who = self.subject(clause.who)
        match clause.rule:
            case Cease(acts=acts) as cease:
                where = f"in {self.place(cease.place_ids[0])}" if cease.place_ids else "anywhere"
                every = acts == frozenset(ACTS)
                what = (
                    "any act known here"
                    if every
                    else listed((_ACTS[act] for act in ACTS if act in acts), "or")
                )
                must = "nobody may" if clause.who == Selector() else f"{who} must not"
                return f"{must} take part in {what} {where}."
            case KeepOut(place_ids=places):
                return f"{who} must stay out of {self.place(places[0])}."
            case KeepSide() as keep:
                return self.keep_side(keep, who)
            case NoFly(limits=limits):
                said = "; ".join(limit.label for limit in limits)
                return f"No flight by {who.replace('everybody', 'anybody')}: {said}."
            case Withdraw() as withdraw:
                return self.withdraw(withdraw, who)
            case Separate() as separate:
                return self.separate(separate)
            case Recorded(rule=kind):
                label = f" ({kind})" if kind else ""
                return f'Kept as text{label} and not judged by this version: "{clause.text.strip()}"'
        raise AssertionError(clause.rule)

    def keep_side(self, rule: KeepSide, who: str) -> str:
        line = self.place(rule.place_ids[0])
        return f"{who} must stay on their own side of {line}: {self.own_sides(rule.forbidden)}."

    def own_sides(self, shapes: Mapping[str, Shape]) -> str:
        """The side each party is to stay on, told from the side it must not be on."""
        own: dict[str, list[str]] = {}
        for party, shape in shapes.items():
            if isinstance(shape, Side):
                own.setdefault(_OTHER[shape.side], []).append(party)
        sides = [f"{self.names(parties)} on the {side}" for side, parties in own.items()]
        return f"{listed(sides)}, as seen along the line" if sides else ""

    def withdraw(self, rule: Withdraw, who: str) -> str:
        lines = listed((self.place(name) for name in rule.place_ids), "or")
        own = len(rule.place_ids) > 1
        what = f"their own baseline, {lines}" if own else lines
        if rule.per_side_m is None:
            return f"{who} must stay some distance from {what}."
        width = f", half of a zone {agreed_length(rule.width_m)} wide" if rule.width_m is not None else ""
        sides = self.own_sides(rule.too_near)
        past = f"; being past the line counts as too near ({sides})" if sides else ", on either side of it"
        return f"{who} must stay at least {agreed_length(rule.per_side_m)} from {what}{width}{past}."

    def separate(self, rule: Separate) -> str:
        first, second = self.subject(rule.first), self.subject(rule.second)
        apart = "some distance" if rule.distance_m is None else f"at least {agreed_length(rule.distance_m)}"
        text = f"any mover of {first} and any mover of {second} must stay {apart} apart"
        if rule.vertical_m is not None:
            text += f", or at least {agreed_length(rule.vertical_m)} above or below each other"
        text += "."
        if rule.severity_m:
            steps = listed(f"{key} up to {agreed_length(value)}" for key, value in rule.severity_m.items())
            text += f" The severity of an encounter is {steps}."
        return text

    # ------------------------------------------------------------ where and when

    def place(self, name: str) -> str:
        """A place by name, with what it is and how well it is known."""
        place = self.agreement.places[name]
        return f"{place.name or name} ({self.drawn(place)})"

    def drawn(self, place: Place) -> str:
        accuracy = f"known to {agreed_length(place.accuracy_m)}" if place.accuracy_m else "taken as exact"
        schematic = "schematic, " if place.schematic else ""
        return f"{self.shape(place.shape)}; {schematic}{accuracy}"

    def shape(self, shape: Line | Shape) -> str:
        match shape:
            case Line(lonlat_deg=positions):
                return f"a line of {len(positions)} positions"
            case Circle() as circle:
                return (
                    f"a circle of {agreed_length(circle.radius_m)} round {position_words(circle.centre_deg)}"
                )
            case Polygon(polygons=polygons):
                return "an area" if len(polygons) == 1 else f"an area in {len(polygons)} pieces"
            case Band(left_m=left, right_m=right) if left == right:
                return f"a band of {agreed_length(left)} on each side of {self.line_name(shape.line)}"
            case Band(left_m=left, right_m=right):
                widths = f"{agreed_length(left)} on the left and {agreed_length(right)} on the right"
                return f"a band of {widths} of {self.line_name(shape.line)}"
            case Side(side=side):
                return f"the {side} of {self.line_name(shape.line)}"
            case Combination(op="difference", parts=parts):
                return f"{self.area(parts[0])} less {listed(self.area(part) for part in parts[1:])}"
            case Combination(op="intersection", parts=parts):
                return f"what {listed(self.area(part) for part in parts)} share"
            case Combination(parts=parts):
                return f"{listed(self.area(part) for part in parts)} together"
        raise AssertionError(shape)

    def line_name(self, line: Line) -> str:
        return next(
            (item.name or name for name, item in self.agreement.places.items() if item.shape == line),
            "a line",
        )

    def area(self, shape: Shape) -> str:
        """A shape by the name it has in the agreement, else by what it is."""
        named = (item.name or name for name, item in self.agreement.places.items() if item.shape == shape)
        return next(named, None) or self.shape(shape)

    def instant(self, instant_us: int) -> str:
        zone = self.agreement.zone
        text = format_instant(instant_us)
        if zone is None or zone in ("UTC", "Etc/UTC"):
            return text
        local = to_datetime(instant_us, zone).strftime("%Y-%m-%d %H:%M")
        assumed = ", assumed" if self.agreement.zone_basis == "assumed" else ""
        return f"{text} ({local} {zone}{assumed})"

    def time(self, interval: Interval) -> str:
        start, end = interval.start_us, interval.end_us
        since = f"from {self.instant(start)}" if start > BEGINNING_OF_TIME else "with no beginning stated"
        until = f"until {self.instant(end)}" if end < END_OF_TIME else "with no end stated"
        if start <= BEGINNING_OF_TIME and end >= END_OF_TIME:
            return "No beginning and no end are stated."
        return f"in force {since}, {until}."

    def suspension(self, item: Suspension) -> str:
        by = "all" if item.party is None else self.name(item.party)
        until = (
            f" until {self.instant(item.interval.end_us)}"
            if item.interval.end_us < END_OF_TIME
            else ", not resumed"
        )
        notice = f" Notice: {item.notice.strip().rstrip('.')}." if item.notice else ""
        return f"Suspended by {by} from {self.instant(item.interval.start_us)}{until}.{notice}"

    def exemption(self, item: Exemption) -> str:
        parts = []
        if item.classes is not None:
            parts.append(class_words(item.classes))
        if item.parties is not None:
            parts.append(f"of {self.names(item.parties)}" if parts else self.names(item.parties))
        if item.purposes is not None:
            parts.append(f"on {listed(sorted(item.purposes), 'or')}")
        if item.where is not None:
            parts.append(f"in {self.area(item.where)}")
        quoted = f': "{item.text.strip()}"' if item.text else "."
        return f"Exempt: {' '.join(parts)}{quoted}"


_DATUMS = {"msl": "above mean sea level", "agl": "above ground", "ellipsoid": "above the ellipsoid"}


def band_words(band: AltitudeBand) -> str:
    """The heights a clause is limited to, in a sentence.

    Examples
    --------
    >>> band_words(AltitudeBand(from_m=0.0, to_m=4572.0, from_datum="agl", to_datum="baro"))
    'only between 0 m above ground and FL150; the limits themselves are outside.'
    """
    limits = ((band.from_m, band.from_datum), (band.to_m, band.to_datum))
    low, high = (height_words(limit_m, datum) for limit_m, datum in limits)
    where = f"between {low} and {high}" if low and high else f"above {low}" if low else f"below {high}"
    return f"only {where}; the limits themselves are outside."


def height_words(limit_m: float | None, datum: str) -> str:
    """One limit of a band; "" where there is none."""
    if limit_m is None:
        return ""
    if datum == "baro":
        level = limit_m / LENGTH_M["ft"] / 100
        return (
            f"FL{round(level):03d}"
            if abs(level - round(level)) < 1e-6
            else f"{limit_m:g} m pressure altitude"
        )
    return f"{limit_m:g} m {_DATUMS[datum]}"


def class_words(classes: frozenset[str]) -> str:
    """Classes in words, a whole group by its name.

    Examples
    --------
    >>> class_words(frozenset({"vessel", "warship", "uav"}))
    'drones or vessels and warships'
    """
    whole = {name: members for name, members in CLASS_GROUPS.items() if members <= classes}
    # A group inside another that is whole as well need not be named (weapons are land movers).
    named = [name for name in whole if not any(whole[name] < members for members in whole.values())]
    left = classes - frozenset().union(*(whole[name] for name in named))
    return listed(
        [*(_CLASSES[name] for name in CLASSES if name in left), *(_GROUPS[name] for name in named)], "or"
    )
