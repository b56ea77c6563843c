"""From bytes to alerts and findings: a file that grows, datagrams, and a server that hangs up."""

from __future__ import annotations

import io
import socket
from pathlib import Path

from tests.unit.feeds.conftest import HEADER, line
from tests.unit.feeds.test_feeds import MOST_TRIES, server

from truceline.feeds import Feed, FileFeed, Session, TcpFeed, UdpFeed
from truceline.formats.live import LiveDecoder
from truceline.formats.registry import read_file
from truceline.model.agreement import Agreement
from truceline.model.alert import Alert
from truceline.model.finding import Verdict
from truceline.model.movement import SourceRef
from truceline.rules import check_tracks
from truceline.rules.live import Watch
from truceline.timebase import SystemClock

CLOCK = SystemClock()


def visit(name: str, start_s: int) -> list[bytes]:
    """Twelve minutes, a fix every 20 s at 15 m/s: from 11.8 km in to 10 km less 900 m, and out again."""
    east_m = [11_800 - 300 * k for k in range(10)] + [9_100 + 300 * k for k in range(10)]
    return [line(name, start_s + 20 * k, metres) for k, metres in enumerate(east_m)]


def run(feed: Feed, decoder: LiveDecoder, watch: Watch, *, until: int) -> tuple[list[Alert], Session, bytes]:
    """Steps until so many records were met, a bounded number of them."""
    record = io.BytesIO()
    session = Session(feed, decoder, watch, clock=CLOCK, record=record)
    alerts: list[Alert] = []
    for count, step in enumerate(session.steps()):
        alerts += step.alerts
        if step.health.records_count >= until or count > MOST_TRIES:
            break
    return alerts, session, record.getvalue()


def now_s() -> int:
    return CLOCK.now_us() // 1_000_000


def test_a_file_that_grows(
    tmp_path: Path, agreement: Agreement, decoder: LiveDecoder, watch: Watch, mapping: Path
) -> None:
    path = tmp_path / "fixes.csv"
    rows = visit("p1", now_s() - 3600)
    path.write_bytes(HEADER + b"".join(rows[:8]) + rows[8][:10])
    feed = FileFeed(path, clock=CLOCK, follow=True)
    session = Session(feed, decoder, watch, clock=CLOCK)
    said: list[str] = []
    steps = session.steps()
    said += [alert.state for alert in next(steps).alerts]
    # The eighth fix is at 9,700 m, past the edge; the fix before it is at the edge itself, and looked at 30 s on.
    with path.open("ab") as stream:
        stream.write(rows[8][10:] + b"".join(rows[9:]))
    for _ in range(MOST_TRIES):
        said += [alert.state for alert in next(steps).alerts]
        if feed.meter.health.records_count == len(rows):
            break
    result = session.close()
    said += [alert.state for alert in watch.alerts()]
    assert [state for state in said if state != "update"] == ["open", "close"]
    assert result.verdict is Verdict.BREACH
    read = read_file(str(path), format="csv", mapping=str(mapping))
    again = check_tracks(agreement, read.tracks)
    assert [item.incursion for item in result.findings] == [item.incursion for item in again.findings]
    assert [item.verdict for item in result.findings] == [item.verdict for item in again.findings]


def test_datagrams(decoder: LiveDecoder, watch: Watch) -> None:
    rows = visit("p1", now_s() - 3600)
    feed = UdpFeed("127.0.0.1", 0, clock=CLOCK)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(HEADER, ("127.0.0.1", feed.port))
        for row in rows:
            sender.sendto(row, ("127.0.0.1", feed.port))
    alerts, session, recorded = run(feed, decoder, watch, until=len(rows))
    result = session.close()
    assert recorded == HEADER + b"".join(rows)
    assert result.verdict is Verdict.BREACH
    assert {alert.subject for alert in alerts} == {"p1"}
    assert feed.meter.health.lag_s is not None
    assert feed.meter.health.lag_s > 3000


def test_a_server_that_hangs_up_in_the_middle_of_a_row(
    agreement: Agreement, decoder: LiveDecoder, watch: Watch
) -> None:
    """The row that was cut is lost and counted; the rest is watched as if nothing had been."""
    rows = visit("p1", now_s() - 3600)
    first, second = HEADER + b"".join(rows[:5]) + rows[5][:6], b"".join(rows[6:])
    with server(first, second) as port:
        feed = TcpFeed("127.0.0.1", port, clock=CLOCK, first_wait_s=0.05)
        _, session, _ = run(feed, decoder, watch, until=len(rows))
        result = session.close()
    health = feed.meter.health
    assert health.reconnects_count == 1
    assert health.bad_count == 1
    assert watch.counts.used == len(rows) - 1
    assert result.verdict is Verdict.BREACH


def test_the_evidence_names_the_source_and_the_hash_of_what_came(
    tmp_path: Path, decoder: LiveDecoder, agreement: Agreement
) -> None:
    path = tmp_path / "fixes.csv"
    path.write_bytes(HEADER + b"".join(visit("p1", 1_583_000_000)))
    watch = Watch(agreement, source=SourceRef(name="fixes.csv", format="csv"))
    session = Session(FileFeed(path, clock=CLOCK), decoder, watch, clock=CLOCK)
    for _ in session.steps():
        pass
    (finding,) = [item for item in session.close().findings if item.kind == "incursion"]
    (source,) = finding.evidence
    assert (source.name, source.sha256) == (
        "fixes.csv",
        read_file(str(path), format="csv", mapping=str(tmp_path / "fixes.mapping.yaml")).source.sha256,
    )
