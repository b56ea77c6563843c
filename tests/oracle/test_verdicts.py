"""Cases with known answers from the public record, as far as the rule kinds of this version cover them.

The evidence is built here by Karney geodesics (geographiclib), independent of our kernels; what must come
out is read from the oracle file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from ruamel.yaml import YAML

from truceline.model.agreement import (
    Band,
    Cease,
    Circle,
    Combination,
    Exemption,
    KeepOut,
    Line,
    NoFly,
    NoFlyLimit,
    Polygon,
    Selector,
    Separate,
    Suspension,
    Validity,
    Withdraw,
)
from truceline.model.evidence import Attribution, Report, When, Whereabouts
from truceline.model.finding import CheckResult, Verdict
from truceline.model.identity import Party
from truceline.model.movement import Track, exact_track
from truceline.rules import check_reports, check_tracks
from truceline.testing.builders import mover, one_clause
from truceline.timebase import ALWAYS, END_OF_TIME, Interval, parse_instant

pytestmark = pytest.mark.shared

TANF = (38.61778, 33.50583)
NOON = parse_instant("2020-01-15T12:00Z")
MIN = 60_000_000


@pytest.fixture(scope="module")
def oracle(shared_dir: Path) -> dict[str, dict]:
    cases = YAML(typ="safe").load((shared_dir / "oracles" / "verdicts.yaml").read_text())
    return {case["id"]: case for case in cases}


def away(origin: tuple[float, float], azimuth: float, metres: float) -> tuple[float, float]:
    there = Geodesic.WGS84.Direct(origin[1], origin[0], azimuth, metres)
    return there["lon2"], there["lat2"]


def fix(at: tuple[float, float], *, accuracy_m: float = 0.0, t_us: int = NOON, **who: object) -> Track:
    return exact_track(mover(**who), [t_us], [at], accuracy_m=accuracy_m)  # type: ignore[arg-type]


def tanf(accuracy_m: float = 0.0) -> KeepOut:
    return KeepOut(where=Circle(centre_deg=TANF, radius_m=55_000, accuracy_m=accuracy_m))


# An east-west line along the equator, where a parallel is a geodesic: north of it is the left.
EQUATOR = Line(lonlat_deg=((-2.0, 0.0), (2.0, 0.0)))


def north_of_line(metres: float, lon: float = 0.0) -> tuple[float, float]:
    return away((lon, 0.0), 0.0, metres)


def verdict(result: CheckResult) -> Verdict | None:
    return result.verdict


def test_tanf_depth(oracle: dict) -> None:
    expect = oracle["tanf-depth"]["expect"]
    result = check_tracks(one_clause(tanf()), [fix(away(TANF, 0.0, 27_359.0))])
    (finding,) = [item for item in result.findings if item.incursion]
    assert finding.verdict == expect["verdict"]
    assert finding.incursion.depth_m == pytest.approx(expect["depth_m"], abs=expect["tolerance_m"])


def test_tanf_khasham_outside(oracle: dict) -> None:
    expect = oracle["tanf-khasham-outside"]["expect"]
    at = (40.30944, 35.33611)
    result = check_tracks(one_clause(tanf()), [fix(at)])
    assert verdict(result) == expect["verdict"]
    from truceline.rules.regions import region_of

    depth_m = float(region_of(tanf().where).depth_m(np.array([at]))[0])
    assert (55_000 - depth_m) / 1000 == pytest.approx(
        expect["distance_from_centre_km"], abs=expect["tolerance_km"]
    )


def test_tanf_accuracy(oracle: dict) -> None:
    expect = oracle["tanf-accuracy"]["expect"]
    result = check_tracks(one_clause(tanf(500.0)), [fix(away(TANF, 90.0, 54_800.0), accuracy_m=100.0)])
    (finding,) = [item for item in result.findings if item.incursion]
    assert finding.verdict == expect["verdict"]
    assert finding.probability == pytest.approx(expect["probability"], abs=expect["tolerance"])


def test_tanf_unrecognised(oracle: dict) -> None:
    expect = oracle["tanf-unrecognised"]["expect"]
    parties = (Party(id="a", name="A", accepts=False),)
    result = check_tracks(one_clause(tanf(), parties=parties), [fix(away(TANF, 200.0, 35_000.0))])
    (finding,) = result.findings
    assert (finding.verdict, finding.accepted_by_party) == (expect["verdict"], expect["accepted_by_party"])


def test_sochi_2019_patrol_band_less_city(oracle: dict) -> None:
    band = Band(line=EQUATOR, left_m=0.0, right_m=10_000.0)
    south = [
        away((lon, 0.0), 180.0, metres) for lon, metres in ((0, 8e3), (0.1, 8e3), (0.1, 12e3), (0, 12e3))
    ]
    city = Polygon(polygons=((tuple(south),),))
    rule = KeepOut(where=Combination(op="difference", parts=(band, city)))
    inside_city = check_tracks(one_clause(rule), [fix(away((0.05, 0.0), 180.0, 9_900.0))])
    beside_city = check_tracks(one_clause(rule), [fix(away((0.5, 0.0), 180.0, 9_900.0))])
    assert (verdict(inside_city) is not Verdict.CLEAR) == oracle["sochi-2019-patrol-band"]["expect"][
        "in_zone"
    ]
    assert verdict(beside_city) is Verdict.BREACH  # the same depth beside the city is in the zone


def test_undof_sam(oracle: dict) -> None:
    rule = Withdraw(per_side_m=25_000, too_near={"*": Band(line=EQUATOR, left_m=25_000, right_m=25_000)})
    who = Selector(classes=frozenset({"sam"}))
    for evidence, expect in zip(oracle["undof-sam"]["evidence"], oracle["undof-sam"]["expect"], strict=True):
        at = north_of_line(evidence["at_km"] * 1000)
        # 25.0 km exactly is compliance; the kernel is good to 5 cm, so 'exactly' carries that tolerance.
        agreement = one_clause(rule, who=who, tolerance_m=0.05)
        assert verdict(check_tracks(agreement, [fix(at, mover_class="sam")])) == expect, evidence


def korea() -> NoFly:
    west, east = Line(lonlat_deg=((-3.0, 0.0), (-1.0, 0.0))), Line(lonlat_deg=((1.0, 0.0), (3.0, 0.0)))

    def limit(kind: str, line: Line, km: float) -> NoFlyLimit:
        return NoFlyLimit(classes=frozenset({kind}), where=Band(line=line, left_m=km * 1e3, right_m=km * 1e3))

    return NoFly(
        limits=(
            limit("fixed-wing", east, 40),
            limit("fixed-wing", west, 20),
            limit("rotary", east, 10),
            limit("rotary", west, 10),
            limit("uav", east, 15),
            limit("uav", west, 10),
            limit("balloon", east, 25),
            limit("balloon", west, 25),
        )
    )


def over_korea(kind: str, km: float, sector: str, **more: object) -> Track:
    lon = -2.0 if sector == "west" else 2.0
    return fix(north_of_line(km * 1000, lon), mover_class=kind, **more)


def test_korea_classes(oracle: dict) -> None:
    case = oracle["korea-classes"]
    for evidence, expect in zip(case["evidence"], case["expect"], strict=True):
        result = check_tracks(
            one_clause(korea()), [over_korea(evidence["class"], evidence["km"], evidence["sector"])]
        )
        assert verdict(result) == expect, evidence


def test_korea_suspended(oracle: dict) -> None:
    expect = oracle["korea-suspended"]["expect"]
    since = Interval(parse_instant("2023-11-22T15:00 Asia/Seoul"), END_OF_TIME)
    validity = Validity(interval=ALWAYS, suspensions=(Suspension(interval=since, party="a"),))
    on_23_nov = parse_instant("2023-11-23T10:00 Asia/Seoul")
    agreement = one_clause(korea(), validity=validity)
    mine = check_tracks(agreement, [over_korea("fixed-wing", 30, "east", t_us=on_23_nov)])
    theirs = check_tracks(agreement, [over_korea("fixed-wing", 30, "east", t_us=on_23_nov, party="b")])
    assert not mine.findings
    assert [item.because for item in mine.not_applied] == [expect["because"]]
    assert verdict(theirs) is Verdict.BREACH  # suspended by one party, not by the other


def test_korea_exempt(oracle: dict) -> None:
    medevac = Exemption(purposes=frozenset({"medevac"}), text="medical evacuation")
    agreement = one_clause(korea(), exemptions=(medevac,))
    for evidence, expect in zip(
        oracle["korea-exempt"]["evidence"], oracle["korea-exempt"]["expect"], strict=True
    ):
        track = over_korea("rotary", evidence["km"], "east", purpose="medevac", notified=evidence["notified"])
        result = check_tracks(agreement, [track])
        assert [item.because for item in result.not_applied] == [expect["no-fly"]["because"]]
    assert verdict(check_tracks(agreement, [over_korea("rotary", 5, "east")])) is Verdict.BREACH


def minsk(per_side_m: float, baselines: dict[str, Line]) -> Withdraw:
    bands = {
        party: Band(line=line, left_m=per_side_m, right_m=per_side_m) for party, line in baselines.items()
    }
    return Withdraw(per_side_m=per_side_m, width_m=2 * per_side_m, too_near=bands)


GUNS = Selector(classes=frozenset({"artillery"}), calibre_min_mm=100)


def test_minsk_per_side(oracle: dict) -> None:
    case = oracle["minsk-per-side"]
    agreement = one_clause(minsk(25_000, {"*": EQUATOR}), who=GUNS)
    for evidence, expect in zip(case["evidence"], case["expect"], strict=True):
        gun = fix(
            north_of_line(evidence["at_km"] * 1000),
            mover_class="artillery",
            calibre_mm=evidence["calibre_mm"],
        )
        assert verdict(check_tracks(agreement, [gun])) == expect, evidence


def test_minsk_two_baselines(oracle: dict) -> None:
    case = oracle["minsk-two-baselines"]
    second = Line(lonlat_deg=(north_of_line(4_000, -2.0), north_of_line(4_000, 2.0)), edges="parallel")
    agreement = one_clause(minsk(25_000, {"a": EQUATOR, "b": second}), who=GUNS)
    guns = {
        party: fix(north_of_line(27_000), party=party, mover_class="artillery", calibre_mm=152)
        for party in ("a", "b")
    }
    assert verdict(check_tracks(agreement, [guns["a"]])) == case["expect"][0]
    result = check_tracks(agreement, [guns["b"]])
    assert verdict(result) == case["expect"][1]["verdict"]
    short_m = result.findings[0].incursion.depth_m
    assert short_m / 1000 == pytest.approx(case["expect"][1]["short_by_km"], abs=0.005)


def test_minsk_small_calibre(oracle: dict) -> None:
    agreement = one_clause(minsk(25_000, {"*": EQUATOR}), who=GUNS)
    small = check_tracks(agreement, [fix(north_of_line(3_000), mover_class="artillery", calibre_mm=85)])
    assert not small.findings
    assert [item.because for item in small.not_applied] == [
        oracle["minsk-small-calibre"]["expect"]["because"]
    ]
    unknown = check_tracks(agreement, [fix(north_of_line(3_000), mover_class="artillery")])
    assert verdict(unknown) is Verdict.NOT_EVALUATED  # unknown calibre is never a pass


def test_black_sea_moving(oracle: dict) -> None:
    case = oracle["black-sea-moving"]
    sea = Circle(centre_deg=(5.0, 5.0), radius_m=50_000)
    rule = Separate(
        first=Selector(armed=True),
        second=Selector(classes=frozenset({"vessel"}), armed=False),
        distance_m=18_520,
    )
    exempt = Exemption(where=sea, text="territorial sea")
    agreement = one_clause(rule, exemptions=(exempt,), tolerance_m=0.05)
    for evidence, expect in zip(case["evidence"], case["expect"], strict=True):
        start = (5.0, 5.0) if "in" in evidence else (-1.0, 1.0)
        vessel = [away(start, 90.0, metres) for metres in (0, 600)]
        drone = [away(at, 90.0, evidence["distance_km"] * 1000) for at in vessel]
        if "in" in evidence:  # the drone, 18.4 km off, is inside the 50 km of territorial sea
            vessel, drone = (
                [away(at, 270.0, 1_000.0) for at in vessel],
                [away(at, 90.0, 17_400.0) for at in vessel],
            )
        times = [NOON, NOON + MIN]
        tracks = [
            exact_track(mover("ship", party="b", mover_class="vessel", armed=False), times, vessel),
            exact_track(mover("drone", party="a", mover_class="uav", armed=True), times, drone),
        ]
        result = check_tracks(agreement, tracks)
        if isinstance(expect, str):
            assert verdict(result) == expect, evidence
        else:
            assert not [item for item in result.findings if item.verdict is Verdict.BREACH]


def test_unpublished_number(oracle: dict) -> None:
    expect = oracle["unpublished-number"]["expect"]
    rule = Separate(
        first=Selector(parties=frozenset("a")), second=Selector(parties=frozenset("b")), distance_m=None
    )
    times = [NOON, NOON + MIN]
    one = exact_track(mover("one", mover_class="fixed-wing"), times, [(0, 0), (0.05, 0)])
    two = exact_track(
        mover("two", party="b", mover_class="fixed-wing"),
        times,
        [north_of_line(500), north_of_line(500, 0.05)],
    )
    (finding,) = check_tracks(one_clause(rule), [one, two]).findings
    assert finding.verdict == expect["verdict"]
    assert "not published" in finding.reason
    assert "500 m" in finding.reason


def test_silence_is_not_quiet(oracle: dict) -> None:
    expect = oracle["silence-is-not-quiet"]["expect"]
    agreement = one_clause(KeepOut(where=Circle(centre_deg=(0.0, 0.0), radius_m=1_000)))
    sides = [away((0, 0), 270.0, 2_500.0), away((0, 0), 90.0, 2_500.0)]
    apart = [NOON, NOON + 120 * MIN]
    nobody = exact_track(mover(mover_class=None), apart, sides)
    vehicle = exact_track(mover(mover_class="vehicle", top_speed_mps=28.0), apart, sides)
    walker = exact_track(
        mover(mover_class="foot", top_speed_mps=3.0),
        [NOON, NOON + 10 * MIN],
        [away((0, 0), 90.0, 60_000.0), away((0, 0), 90.0, 60_100.0)],
    )
    results = [check_tracks(agreement, [track]) for track in (nobody, vehicle, walker)]
    assert verdict(results[0]) == expect[0]
    assert verdict(results[1]) == expect[1]["verdict"]
    assert any("unobserved" in item.marks for item in results[1].findings) == expect[1]["unobserved"]
    assert verdict(results[2]) == expect[2]


def test_no_extrapolation(oracle: dict) -> None:
    expect = oracle["no-extrapolation"]["expect"]
    rule = Separate(
        first=Selector(parties=frozenset("a")), second=Selector(parties=frozenset("b")), distance_m=500
    )
    # Closing head-on at 10 m/s each; the second ends 240 m short of the first.
    one = exact_track(
        mover("one"), [NOON, NOON + MIN, NOON + 2 * MIN], [away((0, 0), 90, x) for x in (0, 600, 1200)]
    )
    two = exact_track(mover("two", party="b"), [NOON, NOON + MIN], [away((0, 0), 90, x) for x in (1440, 840)])
    result = check_tracks(one_clause(rule), [one, two])
    (finding,) = [item for item in result.findings if item.encounter]
    assert finding.verdict == expect["verdict"]
    assert finding.encounter.distance_m == pytest.approx(expect["closest_m"], abs=0.05)
    assert finding.encounter.at_us == NOON + MIN  # the last joint instant
    assert finding.encounter.open_end


def test_no_shared_time(oracle: dict) -> None:
    expect = oracle["no-shared-time"]["expect"]
    rule = Separate(
        first=Selector(parties=frozenset("a")), second=Selector(parties=frozenset("b")), distance_m=500
    )
    seconds = [[1, 2], [3, 4]]
    one, two = (
        exact_track(mover(name, party=name), [NOON + s * 1_000_000 for s in when], [(0, 0), (1e-5, 1e-5)])
        for name, when in zip("ab", seconds, strict=True)
    )
    (finding,) = check_tracks(one_clause(rule), [one, two]).findings
    assert (finding.verdict, finding.encounter) == (expect["verdict"], expect["distance"])


def report(name: str, origins: tuple[str, ...], *, where: Whereabouts | None = None) -> Report:
    return Report(
        id=name,
        act="shelling",
        when=When(interval=Interval(NOON, NOON + 60 * MIN), precision="hour"),
        where=where or Whereabouts(lonlat_deg=(0.0, 0.0), radius_m=500.0, precision="place"),
        attributions=(Attribution(party="a", status="party"),),
        origins=origins,
    )


def test_alleged(oracle: dict) -> None:
    expect = oracle["alleged"]["expect"]
    area = Circle(centre_deg=(0.0, 0.0), radius_m=30_000)
    since = Interval(parse_instant("2020-01-01T00:00Z"), END_OF_TIME)
    agreement = one_clause(Cease(acts=frozenset({"shelling"}), where=area), validity=Validity(interval=since))
    province = Whereabouts(precision="province", name="Idlib")
    claims = [report("1", ("A",)), report("2", ("A", "B")), report("3", ("A",), where=province)]
    answers = [check_reports(agreement, [claim]) for claim in claims]
    assert verdict(answers[0]) == expect[0]["verdict"]
    assert ("alleged" in answers[0].findings[0].marks) == expect[0]["alleged"]
    assert verdict(answers[1]) == expect[1]
    assert verdict(answers[2]) == expect[2]
