"""``truceline check``: one question, nothing kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from truceline.cli.command import Example, Group
from truceline.cli.exits import Exit, first_of, of_verdict
from truceline.cli.reading import Reading, reading_options, say_dropped
from truceline.cli.render import Output, output_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from truceline.model.agreement import Agreement
    from truceline.model.evidence import Records, Report
    from truceline.model.finding import CheckResult
    from truceline.model.plan import Plan

_FORMATS = ("table", "json", "jsonl", "csv", "geojson")
TABLE_COLUMNS = ("verdict", "when", "clause", "party", "what", "how_far", "how_long", "how_sure", "marks")
# On a terminal several things share a column, so that 80 characters are enough.
STACKED_COLUMNS = {
    "verdict": ("verdict", "marks"),
    "when": ("when",),
    "clause": ("clause",),
    "who and what": ("party", "what"),
    "how far, long and sure": ("how_far", "how_long", "how_sure"),
}
_exit_zero = click.option("--exit-zero", is_flag=True, help="End with 0 whatever was found.")


@click.group(cls=Group)
def check() -> None:
    """Check what moved, was reported or is planned against an agreement; nothing is kept."""


@check.command(
    examples=(
        Example(
            'truceline check tracks tanf-55km patrol.gpx --party syria --class vehicle --accuracy "15 m"',
            "one patrol against the 55 km zone",
        ),
        Example(
            "truceline check tracks ne-syria-2020 fixes.csv --mapping fixes.mapping.yaml --format jsonl",
            "a table of positions, for a script",
        ),
    )
)
@click.argument("agreement_file", metavar="AGREEMENT")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@reading_options(tracks=True)
@_exit_zero
@output_options(*_FORMATS)
def tracks(
    agreement_file: str, files: tuple[str, ...], reading: Reading, exit_zero: bool, out: Output
) -> Exit:
    """Check what moved.

    AGREEMENT is a file, a folder that holds agreement.yaml, or the name of a shipped one. A FILE that cannot be
    read does not stop the others; it is named, and the exit code says so.
    """
    from truceline.agreement import load_agreement
    from truceline.mission.shipped import agreement_path
    from truceline.rules import check_tracks

    agreement = load_agreement(agreement_path(agreement_file))
    records, refused = reading.read(files, out)
    result = check_tracks(
        agreement,
        [track for each in records for track in each.tracks],
        [path for each in records for path in each.paths],
    )
    return _answer(result, agreement, records, refused, exit_zero=exit_zero, out=out)


@check.command(
    examples=(
        Example(
            "truceline check reports idlib-2020 incidents.csv --zone Asia/Damascus",
            "reported incidents against the truce of 5 March 2020",
        ),
    )
)
@click.argument("agreement_file", metavar="AGREEMENT")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@reading_options(tracks=False)
@_exit_zero
@output_options(*_FORMATS)
def reports(
    agreement_file: str, files: tuple[str, ...], reading: Reading, exit_zero: bool, out: Output
) -> Exit:
    """Check what was reported.

    A report alone is possible, marked alleged. It is a breach only where the evidence policy of the agreement is
    met. What is known only to the month or the province is not evaluated.
    """
    from truceline.agreement import load_agreement
    from truceline.mission.shipped import agreement_path
    from truceline.rules import check_reports

    agreement = load_agreement(agreement_path(agreement_file))
    records, refused = reading.read(files, out)
    said = [report for each in records for report in each.reports]
    result = check_reports(agreement, said)
    return _answer(result, agreement, records, refused, exit_zero=exit_zero, out=out, reports=said)


@check.command(
    examples=(
        Example(
            "truceline check plan tanf-55km convoy.plan.yaml --against other.plan.yaml",
            "a planned move against every clause and one other movement",
        ),
    )
)
@click.argument("agreement_file", metavar="AGREEMENT")
@click.argument("plan_file", metavar="PLAN")
@click.option(
    "--against", "others", metavar="FILE", multiple=True, help="Another notified plan; give it once for each."
)
@_exit_zero
@output_options(*_FORMATS)
def plan(
    agreement_file: str,
    plan_file: str,
    others: tuple[str, ...],
    exit_zero: bool,
    out: Output,
) -> Exit:
    """Check a planned move before anyone moves.

    Anything the plan allows counts: anywhere in its corridor and drift, at any time of its windows and lateness.
    No conflict found in the data held is no permission.
    """
    from truceline.agreement import load_agreement
    from truceline.formats.plan_yaml import read_plan
    from truceline.mission.shipped import agreement_path
    from truceline.rules import check_plan
    from truceline.timebase import US_PER_S, SystemClock

    agreement = load_agreement(agreement_path(agreement_file))
    planned = read_plan(plan_file)
    held, refused = _read_others(others, out)
    result = check_plan(agreement, planned, held, as_of_us=SystemClock().now_us() // US_PER_S * US_PER_S)
    show_result(result, agreement, out=out)
    for note in result.notes:
        out.note(note)
    codes = [of_verdict(result.verdict)] + [Exit.UNREADABLE] * bool(refused)
    return Exit.OBSERVED if exit_zero else first_of(codes)


def _read_others(files: Sequence[str], out: Output) -> tuple[list[Plan], list[str]]:
    """The plans that can be read, and the names of the files that cannot; what is wrong is said on stderr."""
    from truceline.errors import InputError
    from truceline.formats.plan_yaml import read_plan

    held: list[Plan] = []
    refused: list[str] = []
    for file in files:
        try:
            held.append(read_plan(file))
        except InputError as error:
            out.warn(f"truceline: {error}")
            refused.append(file)
    return held, refused


def _answer(
    result: CheckResult,
    agreement: Agreement,
    records: Sequence[Records],
    refused: Sequence[str],
    *,
    exit_zero: bool,
    out: Output,
    reports: Sequence[Report] = (),
) -> Exit:
    from dataclasses import replace

    dropped = tuple(item for each in records for item in each.dropped)
    result = replace(result, dropped=result.dropped + dropped)
    if records or out.format != "table":  # where no file could be read, that has been said, and is the answer
        show_result(result, agreement, out=out, reports=reports)
    lost = say_dropped(records, out)
    codes = [of_verdict(result.verdict)]
    if lost or not result.checked_count:
        codes.append(Exit.UNSURE)
    if not result.checked_count and not refused:
        out.warn("nothing to check: the files hold no records of this kind")
    if refused:
        codes.append(Exit.UNREADABLE)
    return Exit.OBSERVED if exit_zero else first_of(codes)


def show_result(
    result: CheckResult, agreement: Agreement, *, out: Output, reports: Sequence[Report] = (), title: str = ""
) -> None:
    """Write a result in the format asked for."""
    from truceline.views.data import render_json, render_jsonl
    from truceline.views.exchange import render_csv, render_geojson

    if out.format == "json":
        out.data(render_json(result, agreement, reports=reports))
    elif out.format == "jsonl":
        out.lines(render_jsonl(result))
    elif out.format == "csv":
        out.data(render_csv(result))
    elif out.format == "geojson":
        out.data(render_geojson(result, agreement))
    else:
        _show_table(result, agreement, out=out, reports=reports, title=title)


def _stack(cells: Iterable[str]) -> str:
    return "\n".join(cell for cell in cells if cell)


def _show_table(
    result: CheckResult, agreement: Agreement, *, out: Output, reports: Sequence[Report], title: str
) -> None:
    from truceline.views.tables import finding_rows

    rows = finding_rows(result, agreement=agreement, reports=reports)
    if rows and out.on_terminal:
        stacked = (
            [_stack(row[name] for name in names) for names in STACKED_COLUMNS.values()] for row in rows
        )
        out.table(tuple(STACKED_COLUMNS), stacked, title=title)
    elif rows:
        columns = [name for name in TABLE_COLUMNS if any(row[name] for row in rows)]
        heads = [name.replace("_", " ") for name in columns]
        out.table(heads, ([row[name] for name in columns] for row in rows), title=title)
    else:
        out.data("no clause of this agreement could be judged from these records")
    for item in result.not_applied if result.checked_count else ():
        out.note(f"clause {item.clause} does not apply to {item.subject}: {item.reason or item.because}")
