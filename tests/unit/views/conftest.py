"""A made-up agreement and made-up findings, built by hand from model objects: every number below is typed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest

from truceline.errors import Where
from truceline.model.agreement import (
    Agreement,
    Band,
    Cease,
    Circle,
    Clause,
    KeepOut,
    KeepSide,
    Line,
    NoFly,
    NoFlyLimit,
    Place,
    Polygon,
    Recorded,
    Selector,
    Separate,
    Side,
    Suspension,
    TextRef,
    Validity,
    Withdraw,
)
from truceline.model.evidence import Attribution, Casualties, Dropped, Grade, Report, When, Whereabouts
from truceline.model.finding import (
    CheckResult,
    Coverage,
    Encounter,
    Finding,
    Incursion,
    NotApplied,
    PathPoint,
    Verdict,
)
from truceline.model.identity import Mover, Party
from truceline.model.movement import SourceRef, Track, exact_track
from truceline.timebase import Interval, parse_instant

LINE = ((38.20, 36.62), (38.75, 36.48), (39.30, 36.55), (39.85, 36.38), (40.45, 36.52))


def at(text: str) -> int:
    return parse_instant(text, zone="UTC")


def during(start: str, end: str) -> Interval:
    return Interval(at(start), at(end))


PERIOD = during("2020-01-06", "2020-01-13")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a report is made from."""

    agreement: Agreement
    result: CheckResult
    tracks: tuple[Track, ...]
    reports: tuple[Report, ...]
    sources: tuple[SourceRef, ...]
    period: Interval = PERIOD


def agreement() -> Agreement:
    line = Line(lonlat_deg=LINE, accuracy_m=2_000.0)
    zone = Polygon(
        polygons=((((38.95, 36.05), (39.45, 36.00), (39.55, 36.28), (39.10, 36.33)),),), accuracy_m=200.0
    )
    circle = Circle(centre_deg=(40.30, 36.05), radius_m=22_000.0, accuracy_m=500.0)
    band = Band(line=line, left_m=9_000.0, right_m=0.0, accuracy_m=2_000.0)
    north, south = Side(line=line, side="left"), Side(line=line, side="right")
    anyone = Selector()
    return Agreement(
        title="Memorandum on the Separation Line",
        text=TextRef(source="https://example.org/memorandum.pdf", status="signed", sha256="9f" * 32),
        signed="2019-12-20",
        zone="Asia/Damascus",
        zone_basis="assumed",
        sha256="ab" * 32,
        file="memorandum.yaml",
        parties={
            "north": Party(id="north", name="Northern Command", armed=True),
            "south": Party(id="south", name="Southern Army", armed=True),
            "hilal": Party(id="hilal", name="قوات الهلال", backed_by=("south",), accepts=False),
        },
        places={
            "line": Place(
                id="line", shape=line, name="Line of separation", accuracy_m=2_000.0, schematic=True
            ),
            "crossing": Place(id="crossing", shape=zone, name="Tell Amara", source="annex map 2"),
            "base": Place(id="base", shape=circle, name="Qasr field"),
        },
        clauses={
            "1": Clause(
                id="1",
                rule=Cease(acts=frozenset({"shelling", "armed-clash"})),
                who=anyone,
                title="End of hostilities",
                text="The Sides shall cease all hostilities as of 00:01 on 21 December 2019.",
            ),
            "2": Clause(
                id="2",
                rule=KeepSide(line=line, forbidden={"north": south, "south": north}, place_ids=("line",)),
                who=Selector(parties=frozenset({"north", "south", "hilal"})),
                title="Line of separation",
                text="The forces of each Side shall remain on their own side of the line of separation.",
                assumptions=("The line is drawn from public reporting; it was never published.",),
            ),
            "3": Clause(
                id="3",
                rule=KeepOut(where=zone, place_ids=("crossing",)),
                who=Selector(armed=True),
                title="Tell Amara",
                text="No armed force shall enter the area of Tell Amara, any violation to be taken up at once.",
            ),
            "4": Clause(
                id="4",
                rule=NoFly(
                    limits=(NoFlyLimit(classes=frozenset({"uav"}), where=circle),), place_ids=("base",)
                ),
                who=anyone,
                text="Unmanned aircraft shall not fly within 22 km of Qasr field.",
                validity=Validity(suspensions=(Suspension(interval=PERIOD, party="south", notice="letter"),)),
            ),
            "5(2)": Clause(
                id="5(2)",
                rule=Withdraw(per_side_m=9_000.0, too_near={"south": band}, place_ids=("line",)),
                who=Selector(parties=frozenset({"south"}), classes=frozenset({"artillery"})),
                title="Heavy weapons",
                text="Artillery shall be withdrawn at least 9 km from the line.",
            ),
            "6": Clause(
                id="6",
                rule=Separate(
                    first=Selector(parties=frozenset({"north"})),
                    second=Selector(parties=frozenset({"south"})),
                    distance_m=500.0,
                    severity_m={"A": 50.0, "B": 150.0, "C": 500.0},
                ),
                who=anyone,
                title="Separation of patrols",
                text="Patrols shall keep a distance of no less than 500 metres from each other.",
            ),
            "7": Clause(
                id="7",
                rule=Recorded(rule="notify"),
                who=anyone,
                text="Each Side shall announce movements through the channel 48 hours ahead.",
            ),
        },
        assumptions=("The text names no time zone; Damascus time is assumed.",),
        exercise=True,
    )


def _track(
    mover: Mover, start: str, points: list[tuple[float, float]], *, seed: int, minutes: int = 2
) -> Track:
    """Straight legs through ``points`` with 60 m of noise, for a picture; no finding is made from it."""
    chance = np.random.default_rng(seed)
    per_leg = 40
    legs = [
        np.column_stack([np.linspace(a[0], b[0], per_leg), np.linspace(a[1], b[1], per_leg)])
        for a, b in pairwise(points)
    ]
    lonlat = np.vstack(legs) + chance.normal(0, 0.0006, (per_leg * len(legs), 2))
    t_us = at(start) + np.arange(len(lonlat)) * minutes * 60_000_000
    return exact_track(
        mover,
        t_us,
        lonlat,
        accuracy_m=15.0,
        exercise=True,
        source=SourceRef(name="patrols.gpx", sha256="cd" * 32),
    )


def tracks() -> tuple[Track, ...]:
    n1 = Mover(id="N-11", party="north", mover_class="armoured-vehicle")
    s1 = Mover(id="S-04", party="south", mover_class="vehicle")
    s2 = Mover(id="S-09", party="south", mover_class="vehicle")
    h1 = Mover(id="H-2", party="hilal", mover_class="vehicle")
    return (
        _track(
            n1, "2020-01-07T06:00", [(38.50, 36.75), (38.90, 36.60), (39.06, 36.44), (39.20, 36.62)], seed=1
        ),
        _track(
            s1, "2020-01-07T08:00", [(38.60, 36.20), (39.00, 36.30), (39.05, 36.43), (38.70, 36.25)], seed=2
        ),
        _track(
            s2, "2020-01-09T05:00", [(39.90, 36.10), (39.80, 36.36), (39.95, 36.55), (40.20, 36.30)], seed=3
        ),
        _track(
            h1, "2020-01-10T11:00", [(39.70, 36.10), (39.30, 36.12), (39.20, 36.25), (38.80, 36.10)], seed=4
        ),
    )


def _visit(**changes: object) -> Incursion:
    base = Incursion(
        entry=PathPoint(t_us=at("2020-01-07T09:02"), lonlat_deg=(38.963, 36.5070)),
        exit=PathPoint(t_us=at("2020-01-07T09:48:30"), lonlat_deg=(39.128, 36.5281)),
        deepest=PathPoint(t_us=at("2020-01-07T09:21"), lonlat_deg=(39.060, 36.4400)),
        depth_m=8_812.4,
        depth_low_m=6_790.1,
        depth_high_m=10_834.7,
        beyond_s=2_790.0,
        crossings_count=2,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def findings() -> tuple[Finding, ...]:
    gpx = (SourceRef(name="patrols.gpx", format="gpx", sha256="cd" * 32, line=120),)
    return (
        Finding(
            id="f-n11-2",
            kind="incursion",
            clause="2",
            rule="keep-side",
            verdict=Verdict.BREACH,
            subject="N-11",
            party="north",
            interval=during("2020-01-07T09:02", "2020-01-07T09:48:30"),
            probability=0.9999,
            incursion=_visit(),
            marks=("schematic-line",),
            accepted_by_party=True,
            margin_m=6_790.1,
            evidence=gpx,
            exercise=True,
        ),
        Finding(
            id="f-h2-3",
            kind="incursion",
            clause="3",
            rule="keep-out",
            verdict=Verdict.BREACH,
            subject="H-2",
            party="hilal",
            interval=during("2020-01-10T11:31", "2020-01-10T14:10"),
            probability=0.998,
            incursion=_visit(
                entry=None,
                deepest=PathPoint(t_us=at("2020-01-10T12:45"), lonlat_deg=(39.28, 36.17)),
                exit=PathPoint(t_us=at("2020-01-10T14:10"), lonlat_deg=(39.025, 36.19)),
                depth_m=14_020.0,
                depth_low_m=13_800.0,
                depth_high_m=14_240.0,
                beyond_s=9_540.0,
                crossings_count=1,
            ),
            marks=("open-start",),
            accepted_by_party=False,
            evidence=gpx,
            exercise=True,
        ),
        Finding(
            id="f-s9-2",
            kind="incursion",
            clause="2",
            rule="keep-side",
            verdict=Verdict.POSSIBLE,
            subject="S-09",
            party="south",
            interval=during("2020-01-09T06:20", "2020-01-09T06:31"),
            probability=0.781,
            incursion=_visit(
                entry=PathPoint(t_us=at("2020-01-09T06:20"), lonlat_deg=(39.802, 36.393)),
                deepest=PathPoint(t_us=at("2020-01-09T06:25"), lonlat_deg=(39.81, 36.40)),
                exit=PathPoint(t_us=at("2020-01-09T06:31"), lonlat_deg=(39.83, 36.386)),
                depth_m=640.0,
                depth_low_m=-1_380.0,
                depth_high_m=2_660.0,
                beyond_s=660.0,
            ),
            marks=("schematic-line",),
            because="within-accuracy",
            evidence=gpx,
            exercise=True,
        ),
        Finding(
            id="f-enc",
            kind="encounter",
            clause="6",
            rule="separate",
            verdict=Verdict.BREACH,
            subject="N-11",
            party="north",
            interval=during("2020-01-07T09:18", "2020-01-07T09:24"),
            encounter=Encounter(
                other_mover="S-04",
                other_party="south",
                at_us=at("2020-01-07T09:21"),
                lonlat_deg=(39.060, 36.4400),
                other_lonlat_deg=(39.0609, 36.4402),
                distance_m=84.0,
                distance_low_m=61.0,
                distance_high_m=107.0,
                separation_m=500.0,
                severity="B",
                below_s=360.0,
            ),
            evidence=gpx,
            exercise=True,
        ),
        Finding(
            id="f-gap",
            kind="gap",
            clause="2",
            rule="keep-side",
            verdict=Verdict.POSSIBLE,
            subject="S-04",
            party="south",
            interval=during("2020-01-08T02:00", "2020-01-08T05:00"),
            because="gap-within-reach",
            reason="Not observed for 3 h, long enough at 50 m/s to have been past the line.",
            lonlat_deg=(38.70, 36.30),
            marks=("unobserved",),
            exercise=True,
        ),
        Finding(
            id="f-clear",
            kind="observed",
            clause="3",
            rule="keep-out",
            verdict=Verdict.CLEAR,
            subject="S-09",
            party="south",
            observed=(during("2020-01-09T05:00", "2020-01-09T09:00"),),
            exercise=True,
        ),
        Finding(
            id="f-undet",
            kind="undetermined",
            clause="5(2)",
            rule="withdraw",
            verdict=Verdict.NOT_EVALUATED,
            subject="S-04",
            party="south",
            because="class-unknown",
            reason="It is not known what kind of mover this was, and the clause binds only some kinds.",
            exercise=True,
        ),
        _reported(
            "r1", Verdict.BREACH, "2020-01-08T10:00", "2020-01-08T11:00", (38.62, 36.52), 2_000.0, "south"
        ),
        _reported(
            "r2", Verdict.POSSIBLE, "2020-01-08T00:00", "2020-01-09T00:00", (38.66, 36.50), 5_000.0, None
        ),
        _reported(
            "r3", Verdict.POSSIBLE, "2020-01-11T00:00", "2020-01-12T00:00", (40.10, 36.60), 5_000.0, "north"
        ),
        _reported(
            "r4", Verdict.POSSIBLE, "2020-01-01T00:00", "2020-02-01T00:00", (39.60, 36.75), 12_000.0, "north"
        ),
    )


def _reported(
    name: str,
    verdict: Verdict,
    start: str,
    end: str,
    lonlat: tuple[float, float],
    radius_m: float,
    party: str | None,
) -> Finding:
    return Finding(
        id=f"f-{name}",
        kind="report",
        clause="1",
        rule="cease",
        verdict=verdict,
        subject=name,
        party=party,
        interval=during(start, end),
        because="single-origin" if verdict is Verdict.POSSIBLE else "evidence-policy-met",
        reason="Rests on one origin; the agreement's evidence policy asks for more."
        * (verdict is Verdict.POSSIBLE),
        lonlat_deg=lonlat,
        radius_m=radius_m,
        marks=("alleged",) if verdict is Verdict.POSSIBLE else (),
    )


def reports() -> tuple[Report, ...]:
    def report(name: str, act: str, finding: Finding, **more: object) -> Report:
        precision = {"r1": "hour", "r4": "month"}.get(name, "day")
        assert finding.interval is not None
        return Report(
            id=name,
            act=act,
            when=When(interval=finding.interval, precision=precision),
            where=Whereabouts(lonlat_deg=finding.lonlat_deg, radius_m=finding.radius_m, precision="near"),
            attributions=(Attribution(party=finding.party, status="party" if finding.party else "unknown"),),
            **more,  # type: ignore[arg-type]
        )

    by_id = {finding.subject: finding for finding in findings() if finding.kind == "report"}
    return (
        report(
            "r1",
            "shelling",
            by_id["r1"],
            text="Six mortar rounds landed near the mill; the governor called it <b>a violation</b> by an enemy.",
            source_name="Monitoring post 3",
            origins=("post-3", "governor"),
            grade=Grade(reliability="B", credibility=2, grader="duty officer", reason="own observation"),
            deaths=Casualties(low=0, best=1, high=2),
            url="https://example.org/report/r1",
        ),
        report(
            "r2",
            "shelling",
            by_id["r2"],
            text="قصف مدفعي قرب الطاحونة",
            source_name="Wire A",
            origins=("governor",),
        ),
        report("r3", "armed-clash", by_id["r3"], text="Clash near the junction.", source_name="Wire B"),
        report(
            "r4",
            "shelling",
            by_id["r4"],
            text="Shelling in January.",
            source_name="Monthly",
            origins=("ngo",),
        ),
    )


def result() -> CheckResult:
    return CheckResult(
        findings=findings(),
        not_applied=(
            NotApplied(
                clause="4",
                subject="S-09",
                because="class",
                reason="The clause does not concern this kind (vehicle).",
            ),
            NotApplied(
                clause="7",
                subject="all movement",
                because="not-judged",
                count=4,
                reason="Held as text: this version does not judge rules of the kind notify.",
            ),
        ),
        coverage=(
            Coverage(clause="2", subject="N-11", observed=(during("2020-01-07T06:00", "2020-01-07T10:00"),)),
            Coverage(
                clause="2",
                subject="S-04",
                observed=(
                    during("2020-01-07T08:00", "2020-01-08T02:00"),
                    during("2020-01-08T05:00", "2020-01-08T09:00"),
                ),
                gaps=(during("2020-01-08T02:00", "2020-01-08T05:00"),),
            ),
            Coverage(
                clause="2",
                subject="S-09",
                observed=(during("2020-01-09T05:00", "2020-01-09T09:00"),),
                unreliable=(during("2020-01-09T09:00", "2020-01-09T15:00"),),
            ),
            Coverage(clause="3", subject="S-09", observed=(during("2020-01-09T05:00", "2020-01-09T09:00"),)),
            Coverage(clause="3", subject="H-2", observed=(during("2020-01-10T11:00", "2020-01-10T15:00"),)),
            Coverage(clause="6", subject="N-11", observed=(during("2020-01-07T08:00", "2020-01-07T10:00"),)),
        ),
        dropped=(
            Dropped(
                code="duplicate",
                where=Where(file="patrols.gpx", line=88),
                seen="same time",
                outcome="dropped",
            ),
            Dropped(
                code="duplicate",
                where=Where(file="patrols.gpx", line=91),
                seen="same time",
                outcome="dropped",
            ),
            Dropped(
                code="out-of-order",
                where=Where(file="patrols.gpx", line=7),
                seen="earlier",
                outcome="sorted",
                kept=True,
            ),
            Dropped(
                code="no-time", where=Where(file="patrols.gpx", line=12), seen="no <time>", outcome="dropped"
            ),
        ),
        checked_count=8,
        notes=("Judged by the rules of version 0.1.",),
    )


@pytest.fixture(scope="session")
def case() -> Case:
    return Case(
        agreement=agreement(),
        result=result(),
        tracks=tracks(),
        reports=reports(),
        sources=(
            SourceRef(name="memorandum.yaml", format="agreement", sha256="ab" * 32),
            SourceRef(name="patrols.gpx", format="gpx", sha256="cd" * 32),
            SourceRef(name="reports.csv", format="csv", sha256="ef" * 32),
        ),
    )
