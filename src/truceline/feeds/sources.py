"""What a feed gives, and which feed a source named in words is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from truceline.errors import UsageError
from truceline.timebase import Clock
from truceline.units import MicrosUTC, Seconds

if TYPE_CHECKING:
    from truceline.feeds.health import Meter


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes and the instant they were received; ``whole``: nothing of them goes on in the next chunk."""

    data: bytes
    received_us: MicrosUTC
    whole: bool = False


class Feed(Protocol):
    """Gives chunks, one at a time.

    ``meter`` keeps its health. ``live``: what it gives happens now (a file read from its start to its end is not).
    """

    meter: Meter
    live: bool

    def take(self, wait_s: Seconds) -> Chunk | None:
        """The next chunk; None where nothing came within about ``wait_s``, or nothing more will."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""

    def close(self) -> None:
        """Let go of the file or the socket."""


def open_feed(source: str, *, clock: Clock, follow: bool = False) -> Feed:
    """The feed that a source names.

    Parameters
    ----------
    source : str
        ``-`` for standard input, ``udp://HOST:PORT`` to bind and listen, ``tcp://HOST:PORT`` to connect, else a
        file.
    clock : Clock
        Whose instants stand for the receipt.
    follow : bool
        Go on at the end of a file as it grows.

    Raises
    ------
    UsageError
        Code ``source``: a kind of source that is not known, no port, a file that is not there, an address that
        cannot be bound.
    """
    from truceline.feeds.files import FileFeed, StandardInput
    from truceline.feeds.network import TcpFeed, UdpFeed

    if source == "-":
        return StandardInput(clock=clock)
    scheme, found, _ = source.partition("://")
    if not found:
        return FileFeed(Path(source), clock=clock, follow=follow)
    if scheme not in ("udp", "tcp"):
        raise UsageError(
            f"no source is of the kind {scheme!r}",
            hint="give a file, - for standard input, udp://HOST:PORT or tcp://HOST:PORT",
            code="source",
        )
    host, port = _address(source)
    return UdpFeed(host, port, clock=clock) if scheme == "udp" else TcpFeed(host, port, clock=clock)


def _address(source: str) -> tuple[str, int]:
    try:
        parts = urlsplit(source)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port is None or parts.path.strip("/") or parts.query or parts.username:
        raise UsageError(
            f"not an address: {source!r}", hint="write it like udp://127.0.0.1:10110", code="source"
        )
    return host, port
