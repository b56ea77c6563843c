"""The words of the counting rules: what is counted as one, and what is merged."""

from __future__ import annotations

from truceline.words.language import N_, _, ngettext

_TITLES = {
    "visit": N_("Visits past a line"),
    "near-line": N_("Passages near a line"),
    "gap": N_("Unobserved stretches within reach of a line"),
    "encounter": N_("Encounters"),
    "report": N_("Reports"),
    "event": N_("Reported events of distinct origin"),
    "undetermined": N_("Questions that could not be decided"),
    "observed": N_("Movers observed with nothing found"),
    "finding": N_("All findings"),
}
_SENTENCES = {
    "visit": N_(
        "One visit past a line, or into an area, by one mover under one clause counts as one, however long it "
        "lasts. Crossings too close together to be told apart at the stated accuracy are one visit. Two movers "
        "side by side count as two."
    ),
    "near-line": N_(
        "One passage of one mover so near a line that, at the stated accuracy, it may have been past it "
        "counts as one."
    ),
    "gap": N_(
        "One stretch without fixes, long enough for the mover to have been past a line and back, counts as one."
    ),
    "encounter": N_(
        "One pair of movers nearer than the agreed separation counts as one, from when they come nearer to "
        "when they part."
    ),
    "report": N_("One report by one source counts as one, whatever it rests on. Copies count each."),
    "event": N_(
        "Reports of the same act that overlap in time and place and share a named origin count as one event. "
        "Copies of one wire are one."
    ),
    "undetermined": N_(
        "One question about one mover and one clause that could not be decided counts as one."
    ),
    "observed": N_("One mover observed under one clause with nothing found counts as one."),
    "finding": N_(
        "One answer about one clause and one piece of evidence counts as one. The other rows are parts of it."
    ),
}


def counting_title(rule_id: str) -> str:
    """The heading of a counting rule."""
    return _(_TITLES[rule_id]) if rule_id in _TITLES else rule_id.replace("-", " ")


def counting_sentence(rule_id: str) -> str:
    """What counts as one under a rule, and what is merged."""
    return _(_SENTENCES[rule_id]) if rule_id in _SENTENCES else ""


def counting_unit(rule_id: str, count: int = 2) -> str:
    """The unit of a count, in the form that fits the number.

    Examples
    --------
    >>> counting_unit("visit", 1), counting_unit("report", 0)
    ('visit', 'reports')
    """
    forms = {
        "visit": ngettext("visit", "visits", count),
        "near-line": ngettext("passage", "passages", count),
        "gap": ngettext("stretch", "stretches", count),
        "encounter": ngettext("encounter", "encounters", count),
        "report": ngettext("report", "reports", count),
        "event": ngettext("event", "events", count),
        "undetermined": ngettext("question", "questions", count),
        "observed": ngettext("mover and clause", "movers and clauses", count),
    }
    return forms.get(rule_id, ngettext("finding", "findings", count))
