"""``truceline watch``: a source as it comes, alerts as they happen, the findings at the end."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from truceline.cli.check_commands import show_result
from truceline.cli.command import Command, Example
from truceline.cli.exits import Exit, first_of, of_verdict
from truceline.cli.reading import Reading, reading_options
from truceline.cli.render import Output, output_options

if TYPE_CHECKING:
    from truceline.feeds import Health, Session
    from truceline.model.agreement import Agreement
    from truceline.model.alert import Alert, WatchSettings

HEALTH_EVERY_S = 60.0
_WATCH_CHOICES = (
    click.option("--lateness", metavar="TIME", default="30 s", show_default=True,
                 help="How late a fix may come and still raise an alert; alerts wait as long."),
    click.option("--close-after", metavar="TIME", default="60 s", show_default=True,
                 help="How long a mover is away from the line before its alert is over."),
    click.option("--open-after", metavar="TIME", default="0 s", show_default=True,
                 help="How long it is possibly past the line before an alert is raised."),
    click.option("--follow", is_flag=True, help="Go on at the end of a file as it grows."),
    click.option("--until-silent", metavar="TIME", help="End where nothing came for so long."),
    click.option("--record", metavar="FILE", help="Write every byte as it came to FILE, which must not exist."),
)  # fmt: skip


def _watch_options(function: Any) -> Any:
    for option in reversed(_WATCH_CHOICES):
        function = option(function)
    return function


@click.command(
    cls=Command,
    examples=(
        Example(
            "truceline watch ne-syria-2020 fixes.csv --format-in csv --mapping fixes.mapping.yaml",
            "a table of positions, as if it came now",
        ),
        Example(
            "truceline watch ne-syria-2020 fixes.csv --format-in csv --mapping fixes.mapping.yaml "
            '--follow --until-silent "2 s" --format jsonl',
            "the same while another program writes it, for a script",
        ),
    ),
)
@click.argument("agreement_file", metavar="AGREEMENT")
@click.argument("source")
@reading_options(tracks=True)
@_watch_options
@output_options("table", "jsonl")
def watch(agreement_file: str, source: str, reading: Reading, out: Output, **how: Any) -> Exit:
    """Watch what moves, as it is told.

    SOURCE is a file, - for standard input, udp://HOST:PORT to listen or tcp://HOST:PORT to connect. Alerts go to
    stdout as they open, change and close; how the source is goes to stderr. At its end, or on Ctrl-C, all that came
    is checked once more as a whole, and those findings stand: alerts are provisional.
    """
    from truceline.agreement import load_agreement
    from truceline.feeds import FileShelf, Session, open_feed
    from truceline.formats.fixes import DEFAULT_LONGEST_GAP_S
    from truceline.formats.live import live_decoder
    from truceline.mission.shipped import agreement_path
    from truceline.model.movement import SourceRef
    from truceline.rules.live import Watch
    from truceline.timebase import SystemClock
    from truceline.units import parse_duration

    agreement = load_agreement(agreement_path(agreement_file))
    format_id = _format(reading)
    decoder = live_decoder(format_id, name=source, **reading.options)
    told = decoder.options
    clock = SystemClock()
    silent = how["until_silent"]
    silent_after_s = None if silent is None else parse_duration(silent)
    settings = _settings(how)
    with (
        contextlib.closing(open_feed(source, clock=clock, follow=how["follow"])) as feed,
        _recording(how["record"]) as record,
        FileShelf() as shelf,
    ):
        watching = Watch(
            agreement,
            settings=settings,
            source=SourceRef(name=source, format=format_id),
            exercise=told.exercise,
            longest_gap_s=told.longest_gap_s or DEFAULT_LONGEST_GAP_S,
            shelf=shelf,
        )
        session = Session(feed, decoder, watching, clock=clock, record=record, silent_after_s=silent_after_s)
        _run(session, agreement, out)
        return _finish(session, agreement, out)


def _format(reading: Reading) -> str:
    from truceline.errors import UsageError
    from truceline.formats.live import live_formats

    if reading.format is None:
        raise UsageError(
            "the format of what comes is not stated",
            hint=f"add --format-in with one of {', '.join(live_formats())}",
        )
    return reading.format


def _settings(how: dict[str, Any]) -> WatchSettings:
    from truceline.model.alert import WatchSettings
    from truceline.units import parse_duration

    return WatchSettings(
        lateness_s=parse_duration(how["lateness"]),
        open_after_s=parse_duration(how["open_after"]),
        close_after_s=parse_duration(how["close_after"]),
    )


@contextlib.contextmanager
def _recording(path: str | None) -> Iterator[BinaryIO | None]:
    if path is None:
        yield None
        return
    from pathlib import Path

    from truceline.errors import unwritable

    with contextlib.ExitStack() as held:
        try:
            stream = held.enter_context(Path(path).open("xb"))
        except OSError as error:
            raise unwritable(path, error) from None
        yield stream


def _run(session: Session, agreement: Agreement, out: Output) -> None:
    """Until the source ends, or Ctrl-C: both end a watch as they should."""
    said_us, state = None, ""
    try:
        for step in session.steps():
            _say_alerts(step.alerts, agreement, out)
            due = said_us is None or step.now_us - said_us >= HEALTH_EVERY_S * 1e6
            if due or step.health.state != state:
                said_us, state = step.now_us, step.health.state
                _say_health(step.health, step.now_us, out)
    except KeyboardInterrupt:
        out.note("ended by Ctrl-C; what came is checked")


def _finish(session: Session, agreement: Agreement, out: Output) -> Exit:
    from truceline.timebase import SystemClock
    from truceline.words import arrival_words

    result = session.close()
    _say_alerts(session.watch.alerts(), agreement, out)
    health = session.feed.meter.health
    _say_health(health, SystemClock().now_us(), out)
    counts = session.watch.counts
    out.note(
        arrival_words(
            arrived=counts.arrived,
            used=counts.used,
            duplicate=counts.duplicate,
            conflict=counts.conflict,
            late=counts.late,
            ahead=counts.ahead,
        )
    )
    if result.checked_count:
        show_result(result, agreement, out=out, title="what stands")
    else:
        out.warn("nothing to check: no usable position came")
    lost = health.bad_count or health.dropped_count or counts.conflict
    unsure = [Exit.UNSURE] if lost or not result.checked_count else []
    return first_of([of_verdict(result.verdict), *unsure])


def _say_alerts(alerts: tuple[Alert, ...], agreement: Agreement, out: Output) -> None:
    if not alerts:
        return
    if out.format == "jsonl":
        from truceline.views.data import alert_record

        out.lines(json.dumps(alert_record(alert), ensure_ascii=False) + "\n" for alert in alerts)
    else:
        out.lines(_alert_line(alert, agreement) + "\n" for alert in alerts)


def _alert_line(alert: Alert, agreement: Agreement) -> str:
    from truceline.views.tables import party_name
    from truceline.words import (
        alert_end_words,
        alert_state_words,
        because_words,
        depth_words,
        instant_words,
        mark_words,
        position_words,
        span_words,
        verdict_words,
    )

    over = alert.state == "close"
    parts = [
        f"{instant_words(alert.at_us)}  {alert_state_words(alert.state)}: {verdict_words(alert.verdict.value)}",
        f"clause {alert.clause}",
        f"{alert.subject} ({party_name(agreement, alert.party)})",
        depth_words(alert.depth_low_m, alert.depth_high_m, rule=alert.rule),
        position_words(alert.deepest.lonlat_deg),
    ]
    if over:
        parts += [span_words(alert.began_us, alert.last_us), alert_end_words(alert.ended)]
    parts += [because_words(alert.because)] if alert.because else []
    parts += [mark_words(mark) for mark in alert.marks]
    parts += [mark_words("exercise")] if alert.exercise else []
    return ", ".join(parts)


def _say_health(health: Health, now_us: int, out: Output) -> None:
    from truceline.words import feed_words

    said = feed_words(
        name=health.name,
        state=health.state,
        silent_s=health.silent_s(now_us),
        ever=health.last_data_us is not None,
        records_count=health.records_count,
        bad_count=health.bad_count,
        reconnects_count=health.reconnects_count,
        dropped_count=health.dropped_count,
        lag_s=health.lag_s,
        trouble=health.trouble,
    )
    if health.state == "waiting":
        out.warn(said)
    else:
        out.note(said)
