"""What is said while it happens: alerts, and how a watch is kept."""

from __future__ import annotations

from dataclasses import dataclass

from truceline.errors import UsageError
from truceline.model.finding import PathPoint, Verdict
from truceline.units import Metres, MicrosUTC, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One change of one alert: a mover that is, or may be, where a clause says it must not be.

    An alert is provisional: it is raised from the fixes that have come so far, each by itself. The finding that
    stands is the one made of the whole record.

    Attributes
    ----------
    id : str
        The same for every change of one alert.
    state : str
        ``open``, ``update`` (a graver verdict, or twice as deep) or ``close``.
    verdict : Verdict
        BREACH where some fix was past the line by more than line and fix can be off, POSSIBLE, or NOT_EVALUATED
        (then ``because`` says why).
    at_us, began_us, last_us : int
        The instant of the fix that made the change; the first and the last at which the mover was, or may have
        been, past the line.
    deepest : PathPoint
        Where it was deepest so far, to 10 m or a twentieth of the depth.
    depth_m, depth_low_m, depth_high_m : float
        Metres past the line there, and with line and fix off by their accuracy either way.
    ended : str
        Why it closed: ``away``, ``gap``, ``silent``, ``not-in-force``, ``other-rules``, ``end``; "" while open.
    """

    id: str
    state: str
    clause: str
    rule: str
    subject: str
    party: str | None
    verdict: Verdict
    at_us: MicrosUTC
    began_us: MicrosUTC
    last_us: MicrosUTC
    deepest: PathPoint
    depth_m: Metres
    depth_low_m: Metres
    depth_high_m: Metres
    ended: str = ""
    because: str = ""
    marks: tuple[str, ...] = ()
    exercise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """How a watch is kept.

    Attributes
    ----------
    lateness_s : float
        A fix this much or more behind the newest of its mover is late: it is kept for the record and raises no
        alert. Alerts wait as long.
    ahead_s : float
        A fix this much or more after its receipt has a wrong clock: the same.
    open_after_s : float
        How long a mover is possibly past a line before an alert opens; 0 says so at once.
    close_after_s : float
        How long it is away before the alert closes.
    held_count : int
        Fixes held in memory before they go to the shelf.
    """

    lateness_s: Seconds = 30.0
    ahead_s: Seconds = 60.0
    open_after_s: Seconds = 0.0
    close_after_s: Seconds = 60.0
    held_count: int = 2_000_000

    def __post_init__(self) -> None:
        spans = {
            "lateness": self.lateness_s,
            "ahead": self.ahead_s,
            "open after": self.open_after_s,
            "close after": self.close_after_s,
        }
        wrong = [f"{name} {span!r} s" for name, span in spans.items() if not 0 <= span < 1e9]
        wrong += [f"{self.held_count!r} fixes held"] if self.held_count < 1 else []
        if wrong:
            raise UsageError(
                f"a watch cannot be kept with {', '.join(wrong)}",
                hint="times to wait are 0 s or more, and at least one fix is held",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchCounts:
    """What became of every fix that arrived.

    ``arrived`` is ``used`` and ``waiting`` and ``duplicate`` and ``conflict`` together. ``late`` and ``ahead``
    are counted beside that: they are used in the end, unless they repeat what is held.
    """

    arrived: int = 0
    used: int = 0
    duplicate: int = 0
    conflict: int = 0
    waiting: int = 0
    late: int = 0
    ahead: int = 0
