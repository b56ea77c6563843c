"""The written document to the agreement of the model: names to objects, and who is bound worked out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from truceline.agreement import document_rules as written
from truceline.agreement.document import Document, WrittenParty
from truceline.agreement.document_fields import expanded_classes
from truceline.agreement.explain import agreed_length
from truceline.agreement.places import PlaceBuilder, altitude_band, spoofing_sink
from truceline.agreement.problems import Path, Sheet
from truceline.errors import Problem
from truceline.model.agreement import (
    Agreement,
    Band,
    Cease,
    Clause,
    EvidencePolicy,
    Exemption,
    KeepOut,
    KeepSide,
    Line,
    NoFly,
    NoFlyLimit,
    Place,
    Recorded,
    Rule,
    Selector,
    Separate,
    Shape,
    Side,
    SideName,
    Suspension,
    TextRef,
    Validity,
    Withdraw,
)
from truceline.model.evidence import ACTS
from truceline.model.identity import Party
from truceline.timebase import BEGINNING_OF_TIME, END_OF_TIME, Interval

_OTHER: dict[str, SideName] = {"left": "right", "right": "left"}


@dataclass(slots=True, kw_only=True)
class Resolver:
    """Resolves clauses one by one and collects what does not fit together.

    Attributes
    ----------
    party_ids : tuple of str
        Every declared party, in the order of the file.
    parties : mapping
        The parties that could be read.
    """

    party_ids: tuple[str, ...]
    parties: Mapping[str, WrittenParty]
    places: PlaceBuilder
    sheet: Sheet
    problems: list[Problem] = field(default_factory=list)

    # ------------------------------------------------------------ who

    def backers(self, party: str) -> frozenset[str]:
        """Everybody who backs a party, directly or through others."""
        found: set[str] = set()
        todo = [party]
        while todo:
            known = self.parties.get(todo.pop())
            fresh = set(known.backed_by) - found if known is not None else set()
            found |= fresh
            todo += fresh
        return frozenset(found)

    def selector(self, who: written.Who | None) -> Selector:
        """Who is bound; None and "all" bind everybody."""
        if who is None or isinstance(who, str):
            return Selector()
        if isinstance(who, list):
            return Selector(parties=frozenset(who))
        return Selector(
            parties=self._with_backed(who.parties, who.backed) if who.parties is not None else None,
            except_parties=self._with_backed(who.except_, who.backed),
            classes=expanded_classes(who.classes) if who.classes is not None else None,
            armed=True if who.all_ == "armed" else None,
            calibre_min_mm=who.calibre_at_least,
            range_min_m=who.range_at_least,
        )

    def _with_backed(self, names: Iterable[str], backed: bool) -> frozenset[str]:
        named = frozenset(names)
        return named | {party for party in self.party_ids if backed and self.backers(party) & named}

    def bound(self, selector: Selector) -> tuple[str, ...]:
        """The declared parties a selector can mean, in the order of the file."""
        return tuple(
            party
            for party in self.party_ids
            if (selector.parties is None or party in selector.parties)
            and party not in selector.except_parties
        )

    # ------------------------------------------------------------ clauses

    def clause(self, name: str, clause: written.Clause) -> Clause | None:
        """One clause, or None where something it needs is wrong."""
        path: Path = ("clauses", name)
        who = self.selector(getattr(clause, "who", None))
        if isinstance(clause, written.KeepSideClause) and clause.who is None:
            who = Selector(parties=frozenset(clause.sides))
        if isinstance(clause, written.SeparateClause):
            who = self._either(clause)
        if self.party_ids and not self.bound(who):
            self._say((*path, "who"), "nobody", "nobody is left that this clause binds", "check `except`")
        rule, missing = self._rule(clause, who, path)
        exemptions = self._exemptions(clause)
        if rule is None or exemptions is None:
            return None
        return Clause(
            id=name,
            rule=rule,
            who=who,
            text=clause.text,
            title=clause.title,
            source=clause.source,
            validity=_validity(clause),
            exemptions=exemptions,
            tolerance_m=clause.tolerance,
            altitude=altitude_band(getattr(clause, "altitude", None)),
            note=clause.note,
            assumptions=tuple(clause.assumptions),
            missing=missing,
            contested_by=tuple(clause.contested_by),
        )

    def _either(self, clause: written.SeparateClause) -> Selector:
        """Whoever is on one side or the other of a separation is bound by it."""
        first, second = (self.selector(who) for who in clause.between)
        return (
            Selector(parties=frozenset(self.bound(first)) | frozenset(self.bound(second)))
            if (first.parties is not None and second.parties is not None)
            else Selector()
        )

    def _exemptions(self, clause: written.WrittenClause) -> tuple[Exemption, ...] | None:
        made = []
        for item in clause.exempt:
            where = self.places.area(item.where) if item.where is not None else None
            if item.where is not None and where is None:
                return None
            made.append(
                Exemption(
                    purposes=frozenset(item.purpose) if item.purpose is not None else None,
                    classes=expanded_classes(item.classes) if item.classes is not None else None,
                    parties=frozenset(item.parties) if item.parties is not None else None,
                    where=where,
                    text=item.text,
                )
            )
        return tuple(made)

    def _rule(self, clause: written.Clause, who: Selector, path: Path) -> tuple[Rule | None, tuple[str, ...]]:
        """The rule, and the names of its numbers that are not published."""
        match clause:
            case written.CeaseClause():
                return self._cease(clause), ()
            case written.KeepOutClause():
                area = self.places.area(clause.where)
                return (KeepOut(where=area, place_ids=(clause.where,)) if area is not None else None), ()
            case written.KeepSideClause():
                return self._keep_side(clause, who, path), ()
            case written.NoFlyClause():
                return self._no_fly(clause)
            case written.WithdrawClause():
                return self._withdraw(clause, who, path)
            case written.SeparateClause():
                first, second = (self.selector(item) for item in clause.between)
                rule = Separate(
                    first=first,
                    second=second,
                    distance_m=clause.distance,
                    vertical_m=clause.vertical,
                    vertical_accuracy_m=clause.vertical_accuracy,
                    severity_m=dict(clause.severity.items()),
                )
                return rule, () if clause.distance is not None else ("distance",)
            case written.RecordedClause():
                return Recorded(rule="" if clause.rule == "recorded" else clause.rule), ()
        return None, ()

    def _cease(self, clause: written.CeaseClause) -> Cease | None:
        acts = frozenset(ACTS) if "any" in clause.acts else frozenset(clause.acts)
        if clause.where is None:
            return Cease(acts=acts)
        area = self.places.area(clause.where)
        return Cease(acts=acts, where=area, place_ids=(clause.where,)) if area is not None else None

    def _keep_side(self, clause: written.KeepSideClause, who: Selector, path: Path) -> KeepSide | None:
        line = self.places.line_with_sides(clause.line, (*path, "line"))
        own = self._per_party(clause.sides, who, (*path, "sides"), code="no-side", what="side")
        if line is None or own is None:
            return None
        forbidden: dict[str, Shape] = {
            party: Side(line=line, side=_OTHER[side], accuracy_m=line.accuracy_m)
            for party, side in own.items()
        }
        return KeepSide(line=line, forbidden=forbidden, place_ids=(clause.line,))

    def _per_party(
        self, stated: Mapping[str, str], who: Selector, path: Path, *, code: str, what: str
    ) -> dict[str, str] | None:
        """What is stated for each bound party; a backed force takes its nearest backers'."""
        made = {party: value for party, value in stated.items() if party in self.bound(who)}
        for party in self.bound(who):
            if party in stated:
                continue
            from_backers = self._from_nearest_backers(party, stated)
            if len(from_backers) != 1:
                said = "its backers differ on it" if from_backers else f"no {what} is stated for it"
                hint = f"state its {what}, or leave it out of `who`"
                self._say(path, code, f"{party!r} is bound and {said}", hint)
                return None
            made[party] = from_backers.pop()
        return made

    def _from_nearest_backers(self, party: str, stated: Mapping[str, str]) -> set[str]:
        """What is stated for the nearest backers of a party that have something stated."""
        level, seen = {party}, {party}
        while level:
            known = [self.parties[name].backed_by for name in level if name in self.parties]
            level = {backer for backers in known for backer in backers} - seen
            seen |= level
            found = {stated[backer] for backer in level if backer in stated}
            if found:
                return found
        return set()

    def _no_fly(self, clause: written.NoFlyClause) -> tuple[NoFly | None, tuple[str, ...]]:
        limits, places = [], []
        for limit in clause.limits:
            names = ", ".join(limit.classes)
            where: Shape | None = None
            if limit.within is not None and limit.of is not None:
                line = self.places.line(limit.of)
                if line is None:
                    return None, ()
                where = _both_sides(line, limit.within)
                label = f"{names} within {agreed_length(limit.within)} of {limit.of}"
            elif limit.where is not None:
                where = self.places.area(limit.where)
                if where is None:
                    return None, ()
                label = f"{names} in {limit.where}"
            else:
                label = f"{names} near {limit.of}" if limit.of else names
                label += ", how near is not published"
            places += [name for name in (limit.of, limit.where) if name is not None]
            limits.append(NoFlyLimit(classes=expanded_classes(limit.classes), where=where, label=label))
        missing = ("within",) if any(limit.where is None for limit in limits) else ()
        return NoFly(limits=tuple(limits), place_ids=tuple(dict.fromkeys(places))), missing

    def _withdraw(
        self, clause: written.WithdrawClause, who: Selector, path: Path
    ) -> tuple[Withdraw | None, tuple[str, ...]]:
        lines = self._baselines(clause, who, path)
        sides: dict[str, str] | None = {}
        if clause.own_side is not None:
            sides = self._per_party(clause.own_side, who, (*path, "own_side"), code="no-side", what="side")
        if lines is None or sides is None:
            return None, ()
        by_width = "width" in clause.model_fields_set
        per_side_m = clause.width / 2 if clause.width is not None else clause.per_side
        too_near: dict[str, Shape] = {}
        if per_side_m is not None:
            parties = sides or lines
            for party in parties:
                line = lines[party] if party in lines else lines["*"]
                too_near[party] = (
                    Side(
                        line=line, side=_OTHER[sides[party]], offset_m=per_side_m, accuracy_m=line.accuracy_m
                    )
                    if sides
                    else _both_sides(line, per_side_m)
                )
        stated = clause.baseline.values() if isinstance(clause.baseline, dict) else [clause.baseline]
        rule = Withdraw(
            per_side_m=per_side_m,
            width_m=clause.width,
            too_near=too_near,
            place_ids=tuple(dict.fromkeys(stated)),
        )
        return rule, () if per_side_m is not None else ("width" if by_width else "per_side",)

    def _baselines(self, clause: written.WithdrawClause, who: Selector, path: Path) -> dict[str, Line] | None:
        """The baseline of each bound party; ``"*"`` where one line serves all."""
        at: Path = (*path, "baseline")
        stated: dict[str, str] | None = {"*": ""}
        if isinstance(clause.baseline, dict):
            stated = self._per_party(clause.baseline, who, at, code="no-baseline", what="baseline")
        else:
            stated = {"*": clause.baseline}
        if stated is None:
            return None
        made: dict[str, Line] = {}
        for party, name in stated.items():
            here = (*at, party) if isinstance(clause.baseline, dict) and party in clause.baseline else at
            sided = clause.own_side is not None
            line = self.places.line_with_sides(name, here) if sided else self.places.line(name)
            if line is None:
                return None
            made[party] = line
        return made

    def _say(self, path: Path, code: str, message: str, hint: str) -> None:
        self.problems.append(self.sheet.problem(path, code=code, message=message, hint=hint))


def _both_sides(line: Line, distance_m: float) -> Band:
    return Band(line=line, left_m=distance_m, right_m=distance_m, accuracy_m=line.accuracy_m)


def _interval(start_us: int | None, end_us: int | None) -> Interval:
    return Interval(
        BEGINNING_OF_TIME if start_us is None else start_us, END_OF_TIME if end_us is None else end_us
    )


def _validity(clause: written.WrittenClause) -> Validity:
    return Validity(
        interval=_interval(clause.from_, clause.until),
        suspensions=tuple(
            Suspension(
                interval=_interval(item.from_, item.until),
                party=None if item.by == "all" else item.by,
                notice=item.notice,
            )
            for item in clause.suspended
        ),
    )


def resolve(
    document: Document, *, places: Mapping[str, Place], clauses: Mapping[str, Clause], sha256: str, file: str
) -> Agreement:
    """The whole agreement, from a document that stands and its resolved places and clauses."""
    text, policy = document.text, document.policy
    return Agreement(
        title=document.title,
        text=TextRef(source=text.source, status=text.status, sha256=text.sha256 or "", note=text.note),
        parties={
            name: Party(
                id=name,
                name=party.name,
                backed_by=tuple(party.backed_by),
                accepts=party.accepts,
                armed=party.armed,
                note=party.note,
            )
            for name, party in document.parties.items()
        },
        places=dict(places),
        clauses=dict(clauses),
        signed=document.signed or "",
        zone=document.timezone.zone if document.timezone is not None else None,
        zone_basis=document.timezone.basis if document.timezone is not None else "",
        policy=EvidencePolicy(
            reliability=policy.reliability,
            credibility=policy.credibility,
            independent_origins_count=policy.independent_origins,
        ),
        spoofing_sinks=tuple(spoofing_sink(item) for item in document.spoofing_sinks),
        assumptions=tuple(document.assumptions),
        sha256=sha256,
        file=file,
        exercise=document.exercise,
    )
