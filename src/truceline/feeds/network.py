"""Feeds over the network: datagrams that are listened for, and a stream that is connected to again and again."""

from __future__ import annotations

import select
import socket
import struct
import sys
import threading
from collections import deque

from truceline.errors import UsageError
from truceline.feeds.files import pause
from truceline.feeds.health import Meter
from truceline.feeds.sources import Chunk
from truceline.timebase import US_PER_S, Clock
from truceline.units import Seconds

LARGEST_DATAGRAM_BYTES = 65_535
# Datagrams received and not yet taken. Beyond these the newest are dropped and counted.
QUEUE_COUNT = 10_000
_BUFFER_BYTES = 4 * 1024 * 1024
# Linux: have the kernel say how many datagrams it dropped before this one (socket(7)).
_SO_RXQ_OVFL = 40
_LOOK_S = 0.2

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
CONNECT_WITHIN_S = 10.0


class UdpFeed:
    """Datagrams to one address of this machine. Each is whole by itself.

    They are received on a thread of their own into a queue of at most ``QUEUE_COUNT``; what comes while it is full
    is dropped and counted, and so is, where the system says so, what it dropped itself.
    """

    live = True

    def __init__(self, host: str, port: int, *, clock: Clock, queue_count: int = QUEUE_COUNT) -> None:
        self._socket = _bound(host, port)
        self.port = int(self._socket.getsockname()[1])
        self.meter = Meter(f"udp://{host}:{self.port}", clock.now_us())
        self._clock = clock
        self._queue: deque[Chunk] = deque()
        self._queue_count = queue_count
        self._came = threading.Condition()
        self._dropped_here_count = self._dropped_before_count = 0
        self._closed = False
        self._thread = threading.Thread(target=self._receive, name=self.meter.health.name, daemon=True)
        self.meter.opened()
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether it was closed; nobody says the end of datagrams."""
        return self._closed

    def take(self, wait_s: Seconds) -> Chunk | None:
        """The next datagram that was received, or that comes within ``wait_s``."""
        with self._came:
            if not self._queue:
                self._came.wait(wait_s)
            chunk = self._queue.popleft() if self._queue else None
            dropped_count = self._dropped_here_count + self._dropped_before_count
        if dropped_count != self.meter.health.dropped_count:
            self.meter.dropped(dropped_count)
        if chunk is not None:
            self.meter.received(chunk.data, chunk.received_us)
        return chunk

    def _receive(self) -> None:
        while not self._closed:
            try:
                data, said, _, _ = self._socket.recvmsg(LARGEST_DATAGRAM_BYTES, socket.CMSG_SPACE(4))
            except TimeoutError:
                continue
            except OSError:
                return  # closed under us
            now_us = self._clock.now_us()
            with self._came:
                for level, kind, body in said:
                    if (level, kind) == (socket.SOL_SOCKET, _SO_RXQ_OVFL) and len(body) >= 4:
                        self._dropped_before_count = struct.unpack("I", body[:4])[0]
                if len(self._queue) >= self._queue_count:
                    self._dropped_here_count += 1
                else:
                    self._queue.append(Chunk(data, now_us, whole=True))
                    self._came.notify()

    def close(self) -> None:
        """Stop listening."""
        self._closed = True
        self._thread.join(timeout=5 * _LOOK_S)
        self._socket.close()
        self.meter.ended()


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _unbindable(host, port, error) from None
    made.settimeout(_LOOK_S)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
    if sys.platform == "linux":
        made.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
    try:
        made.bind(address)
    except OSError as error:
        made.close()
        raise _unbindable(host, port, error) from None
    return made


def _unbindable(host: str, port: int, error: OSError) -> UsageError:
    return UsageError(
        f"cannot listen on {host}:{port}: {error.strerror or error}",
        hint="name an address of this machine and a port that is free and above 1023",
        code="source",
    )


class TcpFeed:
    """A stream from a server. Lost, it is connected to again after 1 s, 2 s, 4 s ... up to a minute.

    The wait begins anew with the first data of a connection, so that a server that accepts and hangs up at once is
    not tried in a loop.
    """

    live = True

    def __init__(self, host: str, port: int, *, clock: Clock, first_wait_s: Seconds = FIRST_WAIT_S) -> None:
        self.meter = Meter(f"tcp://{host}:{port}", clock.now_us())
        self._address = host, port
        self._clock = clock
        self._first_wait_s = self._wait_s = first_wait_s
        self._next_try_us = clock.now_us()
        self._socket: socket.socket | None = None
        self._connected_before = self._closed = False

    @property
    def ended(self) -> bool:
        """Whether it was closed; a server that hangs up is tried again."""
        return self._closed

    def take(self, wait_s: Seconds) -> Chunk | None:
        """What came within ``wait_s``, connecting first where that is due."""
        if self._socket is None and not self._connect(wait_s):
            return None
        assert self._socket is not None
        ready, _, _ = select.select([self._socket], [], [], wait_s)
        if not ready:
            return None
        try:
            data = self._socket.recv(256 * 1024)
        except OSError as error:
            return self._lost(error.strerror or str(error))
        if not data:
            return self._lost("the server hung up")
        now_us = self._clock.now_us()
        self._wait_s = self._first_wait_s
        self.meter.received(data, now_us)
        return Chunk(data, now_us)

    def _connect(self, wait_s: Seconds) -> bool:
        due_s = (self._next_try_us - self._clock.now_us()) / US_PER_S
        if due_s > 0:
            pause(min(due_s, wait_s))
            if due_s > wait_s:
                return False
        try:
            self._socket = socket.create_connection(self._address, timeout=CONNECT_WITHIN_S)
        except OSError as error:
            self._wait(error.strerror or str(error))
            return False
        self._socket.settimeout(CONNECT_WITHIN_S)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if self._connected_before:
            self.meter.began_anew()
        self._connected_before = True
        self.meter.opened()
        return True

    def _lost(self, trouble: str) -> Chunk:
        """What the connection broke off in the middle of does not go on in the next one."""
        self._hang_up()
        self._wait(trouble)
        return Chunk(b"", self._clock.now_us(), whole=True)

    def _wait(self, trouble: str) -> None:
        self._next_try_us = self._clock.now_us() + round(self._wait_s * US_PER_S)
        self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)
        self.meter.waits(trouble, self._next_try_us)

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def close(self) -> None:
        """Hang up."""
        self._closed = True
        self._hang_up()
        self.meter.ended()
