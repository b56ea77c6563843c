"""What a person says about a whole file or feed of tracks, where it does not say so itself."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import Any

from truceline.errors import UsageError
from truceline.model.identity import CLASSES, Mover
from truceline.timebase import zone_named
from truceline.units import TO_95, Metres, Seconds, parse_accuracy, parse_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackOptions:
    """What a person says about a whole file of tracks, where the file itself does not."""

    party: str | None = None
    mover_class: str | None = None
    accuracy_m: Metres = math.nan
    accuracy_note: str = ""  # the accuracy as it was said, where that was no 95 % radius
    longest_gap_s: Seconds | None = None
    zone: str | None = None
    armed: bool | None = None
    exercise: bool = False

    def mover(self, id: str, **known: object) -> Mover:
        """A mover of this file: what is known of it, and the options for the rest."""
        given: dict[str, Any] = {"party": self.party, "mover_class": self.mover_class, "armed": self.armed}
        given.update({key: value for key, value in known.items() if value is not None})
        return Mover(id=id, **given)


def track_options(
    *,
    party: str | None = None,
    mover_class: str | None = None,
    accuracy: str | None = None,
    longest_gap: str | None = None,
    zone: str | None = None,
    armed: bool | None = None,
    exercise: bool | None = None,
) -> TrackOptions:
    """The options every track format takes, read from text with units.

    Parameters
    ----------
    party : str, optional
        Party id of the agreement for movers whose party the file does not name.
    mover_class : str, optional
        A key of ``model.identity.CLASSES``.
    accuracy : str, optional
        How good each fix is, such as ``"15 m"`` (a 95 % radius) or ``"15 m 68 %"``; not stated where None.
    longest_gap : str, optional
        Such as ``"5 min"``: between fixes further apart nothing is assumed.
    zone : str, optional
        IANA zone for times that carry none.
    armed, exercise : bool, optional
        Whether the movers are armed, and whether the file was made for an exercise.

    Raises
    ------
    InputError
        A quantity without a unit, a zone that does not exist.
    UsageError
        A class that does not exist, a length or duration that is not above zero.
    """
    if mover_class is not None:
        check_class(mover_class)
    if zone is not None:
        zone_named(zone)
    radius_m, convention = (math.nan, "95") if accuracy is None else parse_accuracy(accuracy)
    return TrackOptions(
        party=party,
        mover_class=mover_class,
        accuracy_m=math.nan if accuracy is None else above_zero(radius_m, accuracy),
        accuracy_note=""
        if convention == "95"
        else f"accuracy said to be {accuracy} where the file states none, times {TO_95[convention]:.4f} for 95 %",
        longest_gap_s=None if longest_gap is None else above_zero(parse_duration(longest_gap), longest_gap),
        zone=zone,
        armed=armed,
        exercise=bool(exercise),
    )


def above_zero(value: float, text: str) -> float:
    """``value``, or UsageError where it is not above zero."""
    if value <= 0:
        raise UsageError(
            f"not above zero: {text!r}", hint="leave it out where it is not known", code="quantity"
        )
    return value


def check_class(name: str) -> str:
    """``name`` where it is a mover class, or UsageError (code ``class``) with the nearest one."""
    if name not in CLASSES:
        near = difflib.get_close_matches(name, CLASSES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"classes: {', '.join(CLASSES)}"
        raise UsageError(f"no mover class is named {name!r}", hint=hint, code="class")
    return name
