"""WORDS: every sentence a person reads, in one place, so that every surface says the same.

The rule for words on a screen is tested by ``tests/house/test_words.py``: no permission is ever worded, no
side is named by an insult or an aim, and a breach found by software is a breach *as encoded*.
"""

from truceline.words.assessment import Gist, assessment, joined
from truceline.words.counts import counting_sentence, counting_title, counting_unit
from truceline.words.evidence import (
    act_words,
    credibility_words,
    drop_words,
    place_precision_words,
    reliability_words,
    time_precision_words,
)
from truceline.words.language import N_, _, ngettext
from truceline.words.quantities import (
    date_words,
    day_words,
    depth_words,
    deviation_words,
    duration_words,
    hours_words,
    instant_words,
    length_words,
    local_words,
    observed_words,
    period_words,
    position_words,
    probability_words,
    range_words,
    separation_words,
    span_words,
)
from truceline.words.verdicts import (
    because_words,
    kind_words,
    mark_meaning,
    mark_words,
    severity_words,
    verdict_meaning,
    verdict_words,
)
from truceline.words.watching import alert_end_words, alert_state_words, arrival_words, feed_words

__all__ = [
    "N_",
    "Gist",
    "_",
    "act_words",
    "alert_end_words",
    "alert_state_words",
    "arrival_words",
    "assessment",
    "because_words",
    "counting_sentence",
    "counting_title",
    "counting_unit",
    "credibility_words",
    "date_words",
    "day_words",
    "depth_words",
    "deviation_words",
    "drop_words",
    "duration_words",
    "feed_words",
    "hours_words",
    "instant_words",
    "joined",
    "kind_words",
    "length_words",
    "local_words",
    "mark_meaning",
    "mark_words",
    "ngettext",
    "observed_words",
    "period_words",
    "place_precision_words",
    "position_words",
    "probability_words",
    "range_words",
    "reliability_words",
    "separation_words",
    "severity_words",
    "span_words",
    "time_precision_words",
    "verdict_meaning",
    "verdict_words",
]
