"""The two or three sentences a report opens with, made from the numbers and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from truceline.units import Metres, Seconds
from truceline.words.language import _, ngettext
from truceline.words.quantities import depth_words, hours_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """What an assessment is made from.

    ``breach_*`` and ``possible_*`` are counts of visits, encounters and reports by verdict; ``near_count`` and
    ``gaps_count`` of possible breaches near a line and between fixes. ``deepest_*``
    describe the deepest visit of verdict BREACH (None: there is none). ``observed_s`` None: the effort of
    observation was not recorded.
    """

    period: str
    clauses_count: int
    tracks_count: int = 0
    paths_count: int = 0
    reports_count: int = 0
    breach_visits_count: int = 0
    possible_visits_count: int = 0
    breach_encounters_count: int = 0
    possible_encounters_count: int = 0
    breach_reports_count: int = 0
    possible_reports_count: int = 0
    near_count: int = 0
    gaps_count: int = 0
    not_evaluated_count: int = 0
    not_observed_count: int = 0
    deepest_low_m: Metres | None = None
    deepest_high_m: Metres | None = None
    deepest_rule: str = ""
    deepest_clause: str = ""
    observed_s: Seconds | None = None
    of_s: Seconds | None = None
    exercise: bool = False


def joined(items: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return _("{first} and {last}").format(first=", ".join(items[:-1]), last=items[-1])


def _evidence(gist: Gist) -> str:
    parts = []
    if gist.tracks_count:
        parts.append(ngettext("{n} track", "{n} tracks", gist.tracks_count).format(n=gist.tracks_count))
    if gist.paths_count:
        parts.append(
            ngettext("{n} drawn path", "{n} drawn paths", gist.paths_count).format(n=gist.paths_count)
        )
    if gist.reports_count:
        parts.append(ngettext("{n} report", "{n} reports", gist.reports_count).format(n=gist.reports_count))
    return joined(parts)


def _counted(visits: int, encounters: int, reports: int, near: int = 0, gaps: int = 0) -> str:
    forms = (
        (visits, ngettext("{n} visit past a line", "{n} visits past a line", visits)),
        (near, ngettext("{n} passage near a line", "{n} passages near a line", near)),
        (gaps, ngettext("{n} unobserved stretch", "{n} unobserved stretches", gaps)),
        (encounters, ngettext("{n} encounter", "{n} encounters", encounters)),
        (reports, ngettext("{n} reported act", "{n} reported acts", reports)),
    )
    return joined([form.format(n=count) for count, form in forms if count])


def _scope(gist: Gist) -> str:
    evidence = _evidence(gist)
    clauses = ngettext("{n} clause", "{n} clauses", gist.clauses_count).format(n=gist.clauses_count)
    if not evidence:
        return _("For {period} nothing was given to check against {clauses} of this agreement.").format(
            period=gist.period, clauses=clauses
        )
    said = _("For {period}, {evidence} made for an exercise were checked against {clauses}.")
    real = _("For {period}, {evidence} were checked against {clauses}.")
    return (said if gist.exercise else real).format(period=gist.period, evidence=evidence, clauses=clauses)


def _breaches(gist: Gist) -> str:
    counts = (gist.breach_visits_count, gist.breach_encounters_count, gist.breach_reports_count)
    if not any(counts):
        return ""
    what = _counted(*counts)
    if sum(counts) == 1:
        sentence = _("{what} is a breach of a clause as encoded").format(what=what)
    else:
        sentence = _("{what} are breaches of a clause as encoded").format(what=what)
    if gist.deepest_low_m is not None and gist.deepest_high_m is not None:
        depth = depth_words(gist.deepest_low_m, gist.deepest_high_m, rule=gist.deepest_rule)
        more = _(", the deepest {depth} (clause {clause})")
        if sum(counts) == 1:
            more = _(", {depth} (clause {clause})")
        sentence += more.format(depth=depth, clause=gist.deepest_clause)
    return sentence + "."


def _possibles(gist: Gist) -> str:
    counts = (
        gist.possible_visits_count,
        gist.possible_encounters_count,
        gist.possible_reports_count,
        gist.near_count,
        gist.gaps_count,
    )
    if not any(counts):
        return ""
    what = _counted(*counts)
    if sum(counts) == 1:
        return _("{what} is a possible breach and needs review.").format(what=what)
    return _("{what} are possible breaches and need review.").format(what=what)


def _unseen(gist: Gist) -> str:
    if gist.observed_s is None:
        sentence = _(
            "The effort of observation was not recorded, so a low count does not mean a quiet period"
        )
    elif gist.of_s is None:
        sentence = _("Movement was observed for {hours} hours").format(hours=hours_words(gist.observed_s))
    elif gist.observed_s >= gist.of_s:
        sentence = _("Movement was observed for all {hours} hours").format(hours=hours_words(gist.of_s))
    else:
        sentence = _(
            "Movement was observed for {hours} of {whole} hours; what happened in the rest is not known"
        )
        sentence = sentence.format(hours=hours_words(gist.observed_s), whole=hours_words(gist.of_s))
    unsaid = gist.not_evaluated_count + gist.not_observed_count
    if unsaid:
        more = ngettext(
            "{n} question could not be answered and is listed with its reason",
            "{n} questions could not be answered and are listed with their reasons",
            unsaid,
        )
        sentence += "; " + more.format(n=unsaid)
    return sentence + "."


def assessment(gist: Gist) -> tuple[str, ...]:
    """Two to four plain sentences: what was checked, what was found, what was not seen.

    Examples
    --------
    >>> assessment(Gist(period="5 January 2020", clauses_count=1, tracks_count=1, observed_s=3600, of_s=86400))[1]
    'No breach was found in what was observed.'
    """
    found = [sentence for sentence in (_breaches(gist), _possibles(gist)) if sentence]
    if not found and _evidence(gist):
        found = [_("No breach was found in what was observed.")]
    return (_scope(gist), *found, _unseen(gist))
