"""What is said while a source is watched: alerts, how a feed is, and what became of what it gave."""

from __future__ import annotations

from truceline.units import Seconds, format_duration
from truceline.words.language import N_, _, ngettext

_STATES = {"open": N_("alert"), "update": N_("alert goes on"), "close": N_("alert over")}
_ENDS = {
    "away": N_("away from the line again"),
    "gap": N_("no position for longer than the source allows"),
    "silent": N_("nothing heard of it any more"),
    "not-in-force": N_("the clause is not in force any more"),
    "other-rules": N_("more became known of who it is"),
    "end": N_("the watch ended"),
}
_FEEDS = {
    "opening": N_("not open yet"),
    "open": N_("open"),
    "waiting": N_("not there, tried again"),
    "ended": N_("ended"),
}


def alert_state_words(state: str) -> str:
    """What a change of an alert is called."""
    return _(_STATES[state]) if state in _STATES else state.replace("-", " ")


def alert_end_words(ended: str) -> str:
    """Why an alert is over; "" while it is not."""
    return _(_ENDS[ended]) if ended in _ENDS else ended.replace("-", " ")


def feed_words(
    *,
    name: str,
    state: str,
    silent_s: Seconds,
    ever: bool,
    records_count: int,
    bad_count: int,
    reconnects_count: int,
    dropped_count: int,
    lag_s: Seconds | None,
    trouble: str,
) -> str:
    """How a feed is, in one line; how long nothing has come stands in front.

    Examples
    --------
    >>> feed_words(name="udp://h:1", state="open", silent_s=2.4, ever=True, records_count=10, bad_count=1,
    ...            reconnects_count=0, dropped_count=0, lag_s=3.2, trouble="")
    'udp://h:1: open, last data 2 s ago, 10 records, 1 not used, 3 s behind'
    """
    ago = format_duration(round(silent_s))
    said = [_(_FEEDS[state]) if state in _FEEDS else state]
    said.append(_("last data {ago} ago").format(ago=ago) if ever else _("no data for {ago}").format(ago=ago))
    said.append(ngettext("{n} record", "{n} records", records_count).format(n=records_count))
    if bad_count:
        said.append(_("{n} not used").format(n=bad_count))
    if reconnects_count:
        said.append(_("begun again {n} times").format(n=reconnects_count))
    if dropped_count:
        said.append(_("{n} datagrams lost").format(n=dropped_count))
    if lag_s is not None:
        said.append(_("{lag} behind").format(lag=format_duration(max(round(lag_s), 0))))
    if trouble:
        said.append(trouble)
    return f"{name}: {', '.join(said)}"


def arrival_words(*, arrived: int, used: int, duplicate: int, conflict: int, late: int, ahead: int) -> str:
    """What became of the fixes that came.

    Examples
    --------
    >>> arrival_words(arrived=5, used=4, duplicate=1, conflict=0, late=2, ahead=0)
    '5 fixes came, 4 used; 1 came twice, 2 came late'
    """
    said = _("{arrived} fixes came, {used} used").format(arrived=arrived, used=used)
    odd = [
        (duplicate, _("{n} came twice")),
        (conflict, _("{n} contradict another at the same instant")),
        (late, _("{n} came late")),
        (ahead, _("{n} before their own time")),
    ]
    told = ", ".join(text.format(n=count) for count, text in odd if count)
    return f"{said}; {told}" if told else said
