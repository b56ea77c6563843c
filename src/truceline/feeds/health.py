"""How a feed is: whether it is open, when it last gave anything, how much, and what was lost."""

from __future__ import annotations

from dataclasses import dataclass, replace

from truceline.timebase import US_PER_S
from truceline.units import MicrosUTC, Seconds

STATES = ("opening", "open", "waiting", "ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One look at a feed.

    Attributes
    ----------
    state : str
        ``opening``, ``open``, ``waiting`` (not connected, or the file is not there; trying again) or ``ended``.
    began_us, last_data_us : int
        When the feed was made, and when it last gave data (None: never).
    bytes_count, lines_count : int
        Received.
    records_count, bad_count : int
        Records the decoder met, and those it could not use.
    reconnects_count : int
        Connections made again, or files begun anew.
    dropped_count : int
        Datagrams that came faster than they were taken.
    lag_s : float or None
        From the instant of the newest fix to its receipt, as of the last data.
    trouble : str
        What stands in the way, while waiting.
    next_try_us : int or None
        When the next try is due, while waiting.
    """

    name: str
    state: str = "opening"
    began_us: MicrosUTC = 0
    last_data_us: MicrosUTC | None = None
    bytes_count: int = 0
    lines_count: int = 0
    records_count: int = 0
    bad_count: int = 0
    reconnects_count: int = 0
    dropped_count: int = 0
    lag_s: Seconds | None = None
    trouble: str = ""
    next_try_us: MicrosUTC | None = None

    def silent_s(self, now_us: MicrosUTC) -> Seconds:
        """How long nothing has come, since the feed began where nothing ever did."""
        since_us = self.began_us if self.last_data_us is None else self.last_data_us
        return max((now_us - since_us) / US_PER_S, 0.0)


class Meter:
    """Keeps the health of one feed."""

    def __init__(self, name: str, began_us: MicrosUTC) -> None:
        self.health = Health(name=name, began_us=began_us)

    def opened(self) -> None:
        """The feed is open."""
        self.health = replace(self.health, state="open", trouble="", next_try_us=None)

    def received(self, data: bytes, at_us: MicrosUTC) -> None:
        """Data came."""
        self.health = replace(
            self.health,
            state="open",
            last_data_us=at_us,
            bytes_count=self.health.bytes_count + len(data),
            lines_count=self.health.lines_count + data.count(b"\n"),
        )

    def decoded(self, records_count: int, bad_count: int, lag_s: Seconds | None) -> None:
        """Records were read from it; ``lag_s`` None where none carried a time."""
        self.health = replace(
            self.health,
            records_count=self.health.records_count + records_count,
            bad_count=self.health.bad_count + bad_count,
            lag_s=self.health.lag_s if lag_s is None else lag_s,
        )

    def waits(self, trouble: str, next_try_us: MicrosUTC | None = None) -> None:
        """It is not open now, and why."""
        self.health = replace(self.health, state="waiting", trouble=trouble, next_try_us=next_try_us)

    def began_anew(self) -> None:
        """A connection was made again, or a file begun anew."""
        self.health = replace(self.health, reconnects_count=self.health.reconnects_count + 1)

    def dropped(self, count: int) -> None:
        """So many datagrams were lost so far."""
        self.health = replace(self.health, dropped_count=count)

    def ended(self) -> None:
        """Nothing more comes."""
        self.health = replace(self.health, state="ended", next_try_us=None)
