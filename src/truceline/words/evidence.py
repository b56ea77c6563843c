"""What grades, precisions, acts and dropped records are called."""

from __future__ import annotations

from truceline.words.language import N_, _

# Source reliability and information credibility, the two separate scales of the Admiralty code. Level 1 of
# the second scale is worded by what it rests on, since software never says that a thing is certain.
_RELIABILITY = {
    "A": N_("completely reliable"),
    "B": N_("usually reliable"),
    "C": N_("fairly reliable"),
    "D": N_("not usually reliable"),
    "E": N_("unreliable"),
    "F": N_("reliability cannot be judged"),
}
_CREDIBILITY = {
    1: N_("borne out by other independent sources"),
    2: N_("probably true"),
    3: N_("possibly true"),
    4: N_("doubtful"),
    5: N_("improbable"),
    6: N_("truth cannot be judged"),
}
_TIME_PRECISION = {
    "instant": N_("known to the minute"),
    "hour": N_("known to the hour"),
    "day": N_("known to the day"),
    "days": N_("known to a few days"),
    "week": N_("known to the week"),
    "month": N_("known only to the month"),
    "year": N_("known only to the year"),
}
_PLACE_PRECISION = {
    "point": N_("at a point"),
    "place": N_("at a named place"),
    "near": N_("near a named place"),
    "district": N_("somewhere in a district"),
    "province": N_("somewhere in a province"),
    "country": N_("somewhere in a country"),
    "unknown": N_("place not known"),
}
_ACTS = {
    "uav-strike": N_("UAV strike"),
    "ied": N_("improvised explosive device"),
    "attack": N_("attack, means not stated"),
    "crossing": N_("crossing, as reported"),
}
_DROPS = {
    "late": N_("came late"),
    "not-finite": N_("a coordinate that is not a number"),
    "out-of-range": N_("a coordinate or time out of range"),
    "swapped?": N_("longitude and latitude look swapped"),
    "no-time": N_("no time"),
    "bad-time": N_("an impossible time"),
    "duplicate": N_("the same record twice"),
    "conflict": N_("two records that contradict each other"),
    "out-of-order": N_("out of time order"),
    "empty-segment": N_("a segment with nothing in it"),
    "bad-row": N_("a row that cannot be read"),
    "bad-json": N_("a line that is not the JSON it should be"),
    "bad-event": N_("an event that cannot be read"),
    "not-measured": N_("a position that was not measured"),
    "too-long": N_("too long to be a record"),
}


def reliability_words(letter: str) -> str:
    """What a source grade A to F says."""
    return _(_RELIABILITY[letter]) if letter in _RELIABILITY else letter


def credibility_words(number: int) -> str:
    """What an information grade 1 to 6 says."""
    return _(_CREDIBILITY[number]) if number in _CREDIBILITY else str(number)


def time_precision_words(precision: str) -> str:
    """How finely a time is known."""
    return _(_TIME_PRECISION[precision]) if precision in _TIME_PRECISION else precision


def place_precision_words(precision: str) -> str:
    """How finely a place is known."""
    return _(_PLACE_PRECISION[precision]) if precision in _PLACE_PRECISION else precision


def act_words(act: str | None) -> str:
    """What an act is called; "act not stated" of None.

    Examples
    --------
    >>> act_words("armed-clash"), act_words(None)
    ('armed clash', 'act not stated')
    """
    if act is None:
        return _("act not stated")
    return _(_ACTS[act]) if act in _ACTS else act.replace("-", " ")


def drop_words(code: str) -> str:
    """Why a reader could not use a record as it stood."""
    return _(_DROPS[code]) if code in _DROPS else code.replace("-", " ")
