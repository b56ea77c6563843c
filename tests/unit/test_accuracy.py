"""Accuracy conventions against published factors: one-axis sigma of each, and the text a person writes."""

from __future__ import annotations

import numpy as np
import pytest

from truceline.errors import InputError
from truceline.formats.options import track_options
from truceline.units import ACCURACY_SIGMAS, TO_95, parse_accuracy


@pytest.mark.parametrize(
    # Radius over sigma as devices document it: Android 68 %, W3C 95 %, iOS 2-D RMS, CEP.
    ("convention", "sigmas"),
    [("68", 1.510), ("95", 2.448), ("rms", 2**0.5), ("cep50", 1.177), ("sigma", 1.0)],
)
def test_the_sigma_of_each_convention(convention: str, sigmas: float) -> None:
    assert ACCURACY_SIGMAS[convention] == pytest.approx(sigmas, abs=6e-4)
    assert TO_95[convention] == pytest.approx(2.4477 / sigmas, rel=1e-3)


@pytest.mark.parametrize(("convention", "share"), [("68", 0.68), ("95", 0.95), ("cep50", 0.50)])
def test_a_radius_holds_its_share_of_a_circular_normal_error(convention: str, share: float) -> None:
    # 400,000 draws: the share has a standard error below 0.0008.
    error = np.random.default_rng(1).normal(0, 1, (400_000, 2))
    held = np.mean(np.hypot(*error.T) <= ACCURACY_SIGMAS[convention])
    assert held == pytest.approx(share, abs=0.004)


@pytest.mark.parametrize(
    ("text", "radius_m", "convention"),
    [
        ("15 m", 15.0, "95"),
        ("15 m 95 %", 15.0, "95"),
        ("15 m 68 %", 15 * 2.4477 / 1.5096, "68"),
        ("15m 68%", 15 * 2.4477 / 1.5096, "68"),
        ("10 ft r68", 3.048 * 2.4477 / 1.5096, "68"),
        ("3 m RMS", 3 * 2.4477 / 1.4142, "rms"),
        ("3 m cep50", 3 * 2.4477 / 1.1774, "cep50"),
        ("3 m 50 %", 3 * 2.4477 / 1.1774, "cep50"),
        ("4 m sigma", 4 * 2.4477, "sigma"),
    ],
)
def test_what_a_person_writes(text: str, radius_m: float, convention: str) -> None:
    seen_m, seen = parse_accuracy(text)
    assert seen == convention
    assert seen_m == pytest.approx(radius_m, rel=1e-4)
    # The original can be had back.
    assert seen_m / TO_95[seen] == pytest.approx(radius_m / TO_95[convention], rel=1e-4)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("15", "bare-number"),
        ("15 68 %", "bare-number"),
        ("15 m 42 %", "convention"),
        ("15 m hdop", "convention"),
    ],
)
def test_what_cannot_be_meant(text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_accuracy(text)
    assert caught.value.code in (code, "unit")


def test_the_option_converts_and_keeps_what_was_said() -> None:
    options = track_options(accuracy="15 m 68 %")
    assert options.accuracy_m == pytest.approx(24.32, abs=0.01)
    assert "15 m 68 %" in options.accuracy_note
    assert track_options(accuracy="15 m").accuracy_note == ""
