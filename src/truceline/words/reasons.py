"""Why an answer is what it is: one sentence for each reason code."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from truceline.timebase import Interval, format_instant
from truceline.units import format_duration, format_length
from truceline.words.language import ngettext

# {placeholders} are filled by `sentence`; every code a rule can give stands here (a test holds the two equal).
SENTENCES: dict[str, str] = {
    # does not apply
    "party": "The clause does not bind {party}.",
    "class": "The clause does not concern this kind ({seen}).",
    "exempt": "Exempt: {text}",
    "suspended": "The clause was suspended for {by} ({interval}).",
    "not-in-force": "The clause was not in force then{interval}.",
    "outside-area": "The place lies wholly outside the area of the clause.",
    "outside-band": "It was never within the heights the clause is limited to.",
    "act": "The clause does not name this act ({act}).",
    "not-judged": "Held as text and not judged by this version (rule kind: {rule}).",
    "no-evidence-kind": "A clause of the kind {rule} is not judged from {evidence}.",
    "no-pair-bound": "No two movers are bound to keep apart under this clause.",
    "empty": "The record holds no fix.",
    # cannot be determined
    "party-unknown": "It is not known whose this was, and the clause binds only some.",
    "class-unknown": "It is not known what kind of mover this was, and the clause binds only some kinds.",
    "armed-unknown": "It is not known whether this was armed, and the clause binds only the armed.",
    "calibre-unknown": "The calibre is not known, and the clause begins at one.",
    "range-unknown": "The range is not known, and the clause begins at one.",
    "number-not-published": "The rule is known and its number is not published{closest}.",
    "positions-unreliable": "The positions are unreliable: they imply a speed that this kind cannot reach.",
    "vertical-unknown": "Near over the ground; how far one was above the other cannot be told from the heights.",
    "height-not-watched": "The clause holds at some heights only, and alerts do not look at heights; the findings do.",
    "altitude-unknown": "Its height is not known, and the clause holds at some heights only.",
    "altitude-datum": "Its height is given as {seen} and the clause's limit as {wanted}; one does not give the other.",
    "act-unknown": "The report does not say what was done.",
    "time-too-coarse": "The time is known too coarsely to place it in or out of the clause's time.",
    "place-too-coarse": "The place is known too coarsely to put it in or out of the clause's area.",
    # possible
    "within-accuracy": "Not seen past the line, but the line and the positions may be off by enough.",
    "accuracy-not-stated": "The accuracy of the positions is not stated, so nothing is certain.",
    "vertical-accuracy-not-stated": "The accuracy of the heights is not stated, so nothing is certain.",
    "gap-within-reach": "Not observed for {duration}, long enough at {speed} to have been past the line.",
    "gap-no-top-speed": "Not observed for longer than the source allows, and no top speed is known.",
    "no-shared-time": "{count} never observed at the same time.",
    "single-origin": "Rests on {origins}; the agreement's evidence policy asks for more.",
    "attribution-unknown": "It is not known who did it.",
    "place-near-edge": "The place may lie inside or outside the area.",
    "time-only-to-the-month": "The time is known only to the month or coarser, so this is never an exact breach.",
    # of plans, and of tracks beside their plans
    "no-conflict-found": "No conflict was found in the data held.",
    "within-corridor": "The planned line stays clear of it; the corridor and its margins do not.",
    "within-lateness": "As planned they are not there at one time; late they may be.",
    "in-force-in-part": "The clause is in force for only a part of the time in which this may be there.",
    "other-movement-near": "Another notified movement may be there at the same time. No clause speaks of it.",
    "nothing-notified": "No other movement was given to look at.",
    "within-margin": "Outside what was planned, but by no more than the margin that was notified.",
    "within-accuracy-of-plan": "Outside what was planned or not, depending on how far off the positions are.",
    "not-observed-on-plan": "Not observed in this part of the time of {plan}.",
    "no-plan-covers": "Observed while no notified plan covers it.",
    "altitude-not-recorded": "No altitude is known.",
    "altitude-not-comparable": "The altitudes of plan and track are not measured from the same datum.",
    "altitude-accuracy-not-stated": "The accuracy of altitudes is not stated, so nothing is certain.",
    # breach
    "evidence-policy-met": "Place, time and attribution are known and the evidence policy is met.",
}

# What a height is measured from.
DATUMS: dict[str, str] = {
    "msl": "height above mean sea level",
    "ellipsoid": "height above the ellipsoid",
    "baro": "pressure altitude",
    "agl": "height above ground",
}

# Why positions are not relied on, one for each check of plausibility; {seen} and {limit} as `_MEASURED` says.
DOUBTS: dict[str, str] = {
    "speed-impossible": "they imply {seen}, and this kind reaches no more than {limit}",
    "speed-differs": "they imply {seen}, and the source itself gives {limit}",
    "position-frozen": "they stood still while the mover went on, {seen} at least",
    "many-at-one-point": "{seen} movers reported one and the same point at one time",
    "spoofing-sink": "they lie at {note}, where receivers under spoofing are known to appear",
    "clock-before-2000": "their times lie before the year 2000",
    "clock-rollover": "their times are off by 1,024 weeks (19.6 years), as when a receiver loses count of the week",
    "clock-ahead": "their clock is {seen} ahead of the receiver's",
    "clock-behind": "their clock is {seen} behind the receiver's",
    "clock-whole-hours": "their clock is off by whole hours ({seen}), as when a zone is taken for UTC",
}
_MEASURED: dict[str, Callable[[float], str]] = {
    "speed-impossible": lambda value: f"{value:.3g} m/s",
    "speed-differs": lambda value: f"{value:.3g} m/s",
    "position-frozen": format_length,
    "many-at-one-point": lambda value: f"{value:.0f}",
    "clock-ahead": format_duration,
    "clock-behind": format_duration,
    "clock-whole-hours": lambda value: format_duration(abs(value)),
}


class Doubted(Protocol):
    """What is said about positions that are not relied on (``truceline.model.finding.Doubt``)."""

    @property
    def code(self) -> str: ...
    @property
    def seen(self) -> float: ...
    @property
    def limit(self) -> float: ...
    @property
    def note(self) -> str: ...


def doubts_sentence(doubts: Iterable[Doubted]) -> str:
    """Why positions are not relied on: each check that fired once, with the worst it saw."""
    worst: dict[tuple[str, str], Doubted] = {}
    for doubt in doubts:
        before = worst.get((doubt.code, doubt.note))
        if before is None or abs(doubt.seen) > abs(before.seen):
            worst[doubt.code, doubt.note] = doubt
    return f"The positions are unreliable: {'; '.join(_doubted(doubt) for doubt in worst.values())}."


def _doubted(doubt: Doubted) -> str:
    spoken = _MEASURED.get(doubt.code, str)
    return DOUBTS[doubt.code].format(
        seen=spoken(doubt.seen), limit=spoken(doubt.limit), note=doubt.note or "a place"
    )


def sentence(code: str, **said: object) -> str:
    """The sentence of a reason code, with what is known of it filled in.

    Raises
    ------
    KeyError
        Where the code has no sentence: a reason nobody can read is a fault of ours.

    Examples
    --------
    >>> sentence("party", party="turkey")
    'The clause does not bind turkey.'
    """
    words = {name: _spoken(name, value) for name, value in said.items()}
    words.setdefault("closest", _closest(said.get("closest_m")))
    words.setdefault("interval", "")
    words.setdefault("duration", _spoken("duration_s", said.get("duration_s")))
    words.setdefault("speed", _spoken("speed_mps", said.get("speed_mps")))
    words.setdefault("origins", _origins(said.get("origins_count")))
    if code == "not-in-force" and isinstance(said.get("interval"), Interval):
        words["interval"] = f" ({said['interval']})"
    if code == "no-shared-time":
        count = said.get("count", 1)
        words["count"] = "The two movers were" if count == 1 else f"{count} pairs of movers were"
    return SENTENCES[code].format_map(_Blank(words))


def plan_note(as_of_us: int, others_count: int) -> str:
    """What a check of a plan rests on, and what it is not.

    Examples
    --------
    >>> plan_note(0, 2)
    'Data held as of 1970-01-01 00:00Z, 2 other movements among it. This gives no permission.'
    """
    held = format_instant(as_of_us)
    return ngettext(
        "Data held as of {held}, {n} other movement among it. This gives no permission.",
        "Data held as of {held}, {n} other movements among it. This gives no permission.",
        others_count,
    ).format(held=held, n=others_count)


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "not stated"


def _spoken(name: str, value: object) -> str:
    if value is None or value == "":
        return "not stated" if name != "interval" else ""
    if name == "duration_s" and isinstance(value, (int, float)):
        return format_duration(float(value))
    if name == "speed_mps" and isinstance(value, (int, float)):
        return f"{value:g} m/s"
    return str(value)


def _closest(value: object) -> str:
    return f" (they came as near as {format_length(float(value))})" if isinstance(value, (int, float)) else ""


def _origins(count: object) -> str:
    if not isinstance(count, int) or count == 0:
        return "no named origin"
    return "one origin" if count == 1 else f"{count} origins"
