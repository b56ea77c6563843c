"""What feeds give, when what they are fed from grows, turns over, floods, or hangs up."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from truceline.errors import UsageError
from truceline.feeds import Chunk, Feed, FileFeed, FileShelf, StandardInput, TcpFeed, UdpFeed, open_feed
from truceline.feeds.network import LONGEST_WAIT_S
from truceline.kernels import StreamFixes
from truceline.timebase import SystemClock

CLOCK = SystemClock()
MOST_TRIES = 100


def taken(feed: Feed, size: int, *, tries: int = MOST_TRIES) -> bytes:
    """At least so many bytes, or what came in a bounded number of looks."""
    data = b""
    for _ in range(tries):
        chunk = feed.take(0.05)
        data += chunk.data if chunk is not None else b""
        if len(data) >= size or feed.ended:
            break
    return data


class StandingClock:
    """A clock that a test moves."""

    def __init__(self, now_us: int = 1_000_000_000_000) -> None:
        self.instant_us = now_us

    def now_us(self) -> int:
        return self.instant_us


# ---------------------------------------------------------------- files


def test_a_file_is_read_to_its_end_and_then_ends(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\ntwo\n")
    feed = FileFeed(path, clock=CLOCK)
    assert taken(feed, 8) == b"one\ntwo\n"
    assert feed.take(0.0) is None
    assert feed.ended
    assert (feed.meter.health.bytes_count, feed.meter.health.lines_count) == (8, 2)
    assert feed.meter.health.state == "ended"


def test_a_followed_file_is_waited_for_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log"
    feed = FileFeed(path, clock=CLOCK, follow=True)
    assert feed.take(0.0) is None
    assert feed.meter.health.state == "waiting"
    with path.open("wb") as stream:
        for text in (b"one\n", b"two\n"):
            stream.write(text)
            stream.flush()
            assert taken(feed, len(text)) == text
    assert feed.take(0.0) is None
    assert not feed.ended
    feed.close()


@pytest.mark.parametrize("how", ["replaced", "cut short"])
def test_a_log_that_is_rotated_is_begun_anew_and_nothing_of_the_old_one_is_lost(
    tmp_path: Path, how: str
) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"old 1\n")
    feed = FileFeed(path, clock=CLOCK, follow=True)
    assert taken(feed, 6) == b"old 1\n"
    if how == "replaced":
        with path.open("ab") as stream:
            stream.write(b"old 2, ha")
        path.rename(tmp_path / "log.1")
        path.write_bytes(b"new\n")
        expected = [b"old 2, ha", b"", b"new\n"]
    else:
        path.write_bytes(b"new\n")  # shorter than what was read
        expected = [b"", b"new\n"]
    chunks: list[Chunk] = []
    for _ in range(MOST_TRIES):
        chunk = feed.take(0.05)
        chunks += [chunk] if chunk is not None else []
        if len(chunks) == len(expected):
            break
    assert [chunk.data for chunk in chunks] == expected
    # The border between the two files is one no record goes across.
    assert [chunk.whole for chunk in chunks] == [chunk.data == b"" for chunk in chunks]
    assert feed.meter.health.reconnects_count == 1
    feed.close()


def test_standard_input_ends_when_it_is_closed() -> None:
    reading, writing = os.pipe()
    feed = StandardInput(clock=CLOCK, descriptor=reading)
    os.write(writing, b"one\n")
    assert taken(feed, 4) == b"one\n"
    assert feed.take(0.0) is None
    assert not feed.ended
    os.close(writing)
    assert feed.take(1.0) is None
    assert feed.ended
    os.close(reading)


# ---------------------------------------------------------------- datagrams


def test_each_datagram_is_whole_and_a_flood_is_counted() -> None:
    feed = UdpFeed("127.0.0.1", 0, clock=CLOCK, queue_count=3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(5):
            sender.sendto(b"%d" % number, ("127.0.0.1", feed.port))
    got: list[Chunk] = []
    for _ in range(MOST_TRIES):  # until all five have been seen by the thread: three kept, two counted
        with feed._came:
            if len(feed._queue) + feed._dropped_here_count == 5:
                break
        threading.Event().wait(0.02)
    for _ in range(4):
        chunk = feed.take(0.05)
        got += [chunk] if chunk is not None else []
    assert [chunk.data for chunk in got] == [b"0", b"1", b"2"]
    assert all(chunk.whole for chunk in got)
    assert feed.meter.health.dropped_count == 2
    feed.close()
    assert feed.ended
    assert not feed._thread.is_alive()


def test_a_port_that_is_taken_is_a_mistake_with_a_way_out() -> None:
    feed = UdpFeed("127.0.0.1", 0, clock=CLOCK)
    with pytest.raises(UsageError, match="cannot listen on"):
        UdpFeed("127.0.0.1", feed.port, clock=CLOCK)
    feed.close()


# ---------------------------------------------------------------- streams


@contextmanager
def server(*parts: bytes) -> Iterator[int]:
    """A server that gives one part to each connection and hangs up on it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5.0)

        def serve() -> None:
            for part in parts:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(part)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
    thread.join(timeout=6.0)
    assert not thread.is_alive()


def test_a_server_that_hangs_up_is_connected_to_again() -> None:
    with server(b"one\ntw", b"three\n") as port:
        feed = TcpFeed("127.0.0.1", port, clock=CLOCK, first_wait_s=0.05)
        chunks: list[Chunk] = []
        for _ in range(MOST_TRIES):
            chunk = feed.take(0.05)
            chunks += [chunk] if chunk is not None else []
            if sum(len(chunk.data) for chunk in chunks) >= 12:
                break
    assert b"|".join(chunk.data for chunk in chunks) == b"one\ntw||three\n"
    assert [chunk.whole for chunk in chunks] == [False, True, False]
    assert feed.meter.health.reconnects_count == 1
    feed.close()
    assert feed.ended


def test_the_wait_doubles_to_a_minute_and_begins_anew_with_data() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    clock = StandingClock()  # nobody listens there now
    feed = TcpFeed("127.0.0.1", port, clock=clock)
    waits = []
    for _ in range(8):
        assert feed.take(0.0) is None
        health = feed.meter.health
        assert health.state == "waiting"
        assert health.trouble
        assert health.next_try_us is not None
        waits.append((health.next_try_us - clock.instant_us) / 1e6)
        assert feed.take(0.0) is None, "not tried before it is due"
        clock.instant_us = health.next_try_us
    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_WAIT_S, LONGEST_WAIT_S]
    feed.close()


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    "source",
    ["http://host:1", "udp://host", "tcp://:5", "tcp://host:99999999", "udp://h:1/path", "no-such-file"],
)
def test_a_source_that_cannot_be_meant_says_so(source: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_feed(source, clock=CLOCK)
    assert caught.value.code == "source"
    assert caught.value.hint


# ---------------------------------------------------------------- the shelf on disk


def test_a_shelf_gives_back_to_the_bit_what_it_was_given() -> None:
    rng = np.random.default_rng(5)
    made = [
        StreamFixes(
            t_us=np.sort(rng.integers(0, 2**60, count)),
            lonlat_deg=rng.uniform(-90, 90, (count, 2)),
            accuracy_m=np.where(rng.random(count) < 0.5, np.nan, rng.random(count)),
            altitude_m=np.full(count, np.nan),
            datum=rng.integers(0, 5, count).astype(np.int8),
        )
        for count in (1, 7, 100)
    ]
    shelf = FileShelf()
    for key, columns in enumerate([*made, *made]):
        shelf.put(key % 3, columns)
    for key, columns in enumerate(made):
        found = shelf.take(key)
        assert len(found) == 2
        for part in [*found, shelf.settle(columns)]:
            for name in ("t_us", "lonlat_deg", "accuracy_m", "altitude_m", "datum"):
                one, other = getattr(part, name), getattr(columns, name)
                assert one.dtype == other.dtype
                assert one.tobytes() == other.tobytes()
    assert shelf.take(0) == []
    shelf.clear()
