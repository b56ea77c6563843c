"""What a verdict, a kind of finding, a mark and a reason are called on every surface.

Codes are plain strings here: this room lies below the model. An unknown code is shown as written, with
its hyphens opened, so that nothing is ever hidden.
"""

from __future__ import annotations

from truceline.words.language import N_, _

_VERDICTS = {
    "BREACH": N_("breach as encoded"),
    "POSSIBLE": N_("possible breach"),
    "NOT_EVALUATED": N_("not evaluated"),
    "NO_COVERAGE": N_("not observed"),
    "CLEAR": N_("observed, no breach found"),
}
# What the verdicts are called where a plan was checked, and where a track was held beside its plan.
_PLAN_VERDICTS = {
    "BREACH": N_("conflict with the clause as encoded"),
    "POSSIBLE": N_("possible conflict"),
    "NO_COVERAGE": N_("nothing to compare with"),
    "CLEAR": N_("no conflict found in the data held"),
}
_CONFORMANCE_VERDICTS = {
    "BREACH": N_("not as notified"),
    "POSSIBLE": N_("possibly not as notified"),
    "CLEAR": N_("observed, as notified"),
}
_VERDICTS_BY_KIND = {
    **dict.fromkeys(("plan-conflict", "plan-encounter", "plan-overlap", "no-conflict"), _PLAN_VERDICTS),
    **dict.fromkeys(
        ("off-route", "ahead", "behind", "off-altitude", "unnotified", "on-plan"), _CONFORMANCE_VERDICTS
    ),
}
_VERDICT_MEANINGS = {
    "BREACH": N_(
        "Beyond the line, or within the separation, even if the line and the fix are both off by their stated "
        "accuracy; or a report that meets the evidence policy of the agreement."
    ),
    "POSSIBLE": N_(
        "Beyond or not, depending on where within their accuracy the line and the fix truly are, on what "
        "happened while nobody looked, or on a report that stands alone. Needs review."
    ),
    "NOT_EVALUATED": N_(
        "The clause lacks a number, or what was observed is missing, unreliable or too coarse to say. "
        "The reason is given."
    ),
    "NO_COVERAGE": N_("Nobody looked, or the gap between two fixes is too long to say. This is not quiet."),
    "CLEAR": N_("Observed for the time stated, and not beyond. It says nothing about other times or movers."),
}
_KINDS = {
    "incursion": N_("visit past a line"),
    "near-line": N_("near a line, within its accuracy"),
    "gap": N_("gap in which a line was within reach"),
    "encounter": N_("encounter"),
    "report": N_("report"),
    "plan-conflict": N_("plan in conflict with a clause"),
    "plan-encounter": N_("plan too near another movement"),
    "plan-overlap": N_("plan at the place and time of another movement"),
    "no-conflict": N_("plan checked"),
    "off-route": N_("off its route"),
    "ahead": N_("ahead of its plan"),
    "behind": N_("behind its plan"),
    "off-altitude": N_("at another altitude than planned"),
    "unnotified": N_("movement that no plan covers"),
    "on-plan": N_("on its plan"),
    "observed": N_("observed"),
    "undetermined": N_("could not be determined"),
}
_MARKS = {
    "alleged": N_("alleged"),
    "unobserved": N_("unobserved"),
    "open-start": N_("began earlier"),
    "open-end": N_("end not seen"),
    "not-accepted": N_("clause not accepted by this party"),
    "schematic-line": N_("schematic line"),
    "schematic": N_("schematic line"),
    "no-clock": N_("no clock time"),
    "exempt-in-part": N_("exempt in part"),
    "unreliable": N_("unreliable positions"),
    "vertical-accuracy-not-stated": N_("accuracy of heights not stated"),
    "accuracy-not-stated": N_("accuracy not stated"),
    "several-movers": N_("several movers drawn as one"),
    "coarse-time": N_("time known only coarsely"),
    "coarse-place": N_("place known only coarsely"),
    "attribution-unknown": N_("attribution unknown"),
    "attribution-disputed": N_("attribution disputed"),
    "exercise": N_("EXERCISE"),
}
_MARK_MEANINGS = {
    "alleged": N_("Rests on a report that does not meet the evidence policy by itself."),
    "unobserved": N_("Could have happened between two fixes; nobody saw it."),
    "open-start": N_("The record begins already past the line, so entry time and place are not known."),
    "open-end": N_("The record ends while still past the line, so exit time and place are not known."),
    "not-accepted": N_("This party does not accept the clause. The finding stands beside that fact."),
    "schematic-line": N_(
        "The line was sketched from public reporting and never published; see its accuracy."
    ),
    "schematic": N_("The line was sketched from public reporting and never published; see its accuracy."),
    "no-clock": N_("The source draws a path and gives a date, not a time of day."),
    "unreliable": N_("The positions jump or contradict each other and were not used to judge."),
    "vertical-accuracy-not-stated": N_(
        "The source states no accuracy for its heights, so nothing is certain."
    ),
    "accuracy-not-stated": N_("The source states no accuracy for its positions, so nothing is certain."),
    "several-movers": N_("The source draws one path for several movers."),
    "coarse-time": N_("The time is known only to the month or the year."),
    "coarse-place": N_("The place is known only to the district, the province or the country."),
    "attribution-unknown": N_("The report does not say who did it."),
    "attribution-disputed": N_("Sources disagree on who did it."),
    "exercise": N_("Made for an exercise. Nothing of it happened."),
}
_BECAUSE = {
    "party": N_("binds another party"),
    "class": N_("binds another class of mover"),
    "exempt": N_("exempt under the clause"),
    "suspended": N_("suspended at that time"),
    "not-in-force": N_("not in force at that time"),
    "outside-area": N_("outside the clause's area"),
    "outside-band": N_("never at the clause's heights"),
    "height-not-watched": N_("alerts do not look at heights"),
    "altitude-unknown": N_("the height is not known"),
    "altitude-datum": N_("the height is measured from something else"),
    "act": N_("the clause does not name this act"),
    "no-evidence-kind": N_("this kind of evidence cannot be judged against this clause"),
    "not-judged": N_("a rule kind this version keeps as text and does not judge"),
    "number-not-published": N_("the number is known to exist and is not published"),
    "party-unknown": N_("the party is not known"),
    "class-unknown": N_("the class of mover is not known"),
    "armed-unknown": N_("not known whether armed"),
    "calibre-unknown": N_("the calibre is not known"),
    "range-unknown": N_("the range is not known"),
    "no-pair-bound": N_("no two movers are bound to keep apart"),
    "empty": N_("the record holds no fix"),
    "positions-unreliable": N_("the positions are unreliable"),
    "vertical-unknown": N_("the vertical distance is unknown"),
    "act-unknown": N_("the act is not stated"),
    "time-too-coarse": N_("the time is known too coarsely"),
    "place-too-coarse": N_("the place is known too coarsely"),
    "within-accuracy": N_("within the stated accuracy"),
    "vertical-accuracy-not-stated": N_("accuracy of heights not stated"),
    "accuracy-not-stated": N_("accuracy not stated"),
    "gap-within-reach": N_("not observed, and within reach"),
    "gap-no-top-speed": N_("not observed, top speed not known"),
    "no-shared-time": N_("never observed at the same time"),
    "single-origin": N_("rests on too few origins"),
    "attribution-unknown": N_("attribution not known"),
    "place-near-edge": N_("the place may lie inside or outside"),
    "time-only-to-the-month": N_("known only to the month or coarser"),
    "evidence-policy-met": N_("evidence policy met"),
    "no-conflict-found": N_("no conflict found"),
    "within-corridor": N_("only the corridor or its margins"),
    "within-lateness": N_("only if late"),
    "in-force-in-part": N_("in force for a part of the time"),
    "other-movement-near": N_("no clause speaks of it"),
    "nothing-notified": N_("no other movement given"),
    "within-margin": N_("within the notified margin"),
    "within-accuracy-of-plan": N_("within the stated accuracy"),
    "not-observed-on-plan": N_("not observed"),
    "no-plan-covers": N_("no plan covers it"),
    "altitude-not-recorded": N_("altitude not known"),
    "altitude-not-comparable": N_("altitudes of another datum"),
    "altitude-accuracy-not-stated": N_("accuracy of altitude not stated"),
}
_SEVERITIES = {
    "A": N_("serious risk of collision"),
    "B": N_("separation not assured"),
    "C": N_("no risk of collision"),
    "D": N_("risk not determined"),
    "E": N_("met the conditions for a report, no risk"),
}


def _opened(code: str) -> str:
    return code.replace("-", " ").replace("_", " ")


def verdict_words(verdict: str, kind: str = "") -> str:
    """What a verdict is called on a screen; of a plan (by the kind of the finding) it is called otherwise.

    Examples
    --------
    >>> verdict_words("CLEAR"), verdict_words("CLEAR", "no-conflict")
    ('observed, no breach found', 'no conflict found in the data held')
    """
    by_kind = _VERDICTS_BY_KIND.get(kind, {})
    if verdict in by_kind:
        return _(by_kind[verdict])
    return _(_VERDICTS[verdict]) if verdict in _VERDICTS else _opened(verdict)


def verdict_meaning(verdict: str) -> str:
    """What a verdict says and does not say, in one or two sentences; "" of an unknown verdict."""
    return _(_VERDICT_MEANINGS[verdict]) if verdict in _VERDICT_MEANINGS else ""


def kind_words(kind: str) -> str:
    """What a kind of finding is called."""
    return _(_KINDS[kind]) if kind in _KINDS else _opened(kind)


def mark_words(mark: str) -> str:
    """The short flag of a mark.

    Examples
    --------
    >>> mark_words("open-end")
    'end not seen'
    """
    return _(_MARKS[mark]) if mark in _MARKS else _opened(mark)


def mark_meaning(mark: str) -> str:
    """What a mark means, in a sentence; "" where this version has none."""
    return _(_MARK_MEANINGS[mark]) if mark in _MARK_MEANINGS else ""


def because_words(code: str) -> str:
    """Why a clause did not apply or was not judged, in a few words."""
    return _(_BECAUSE[code]) if code in _BECAUSE else _opened(code)


def severity_words(severity: str) -> str:
    """A letter A to E with the words airprox boards use; "not graded" where the agreement sets no thresholds.

    Source: UK Airprox Board risk categories (ICAO Doc 4444, aircraft proximity).
    """
    if severity not in _SEVERITIES:
        return _("not graded")
    return f"{severity}, {_(_SEVERITIES[severity])}"
