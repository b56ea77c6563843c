"""Commands that keep something: ``demo``, ``new``, ``ingest``, ``publish``, ``ledger``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from truceline.cli.command import Command, Example, Group
from truceline.cli.exits import Exit
from truceline.cli.reading import Reading, reading_options, say_dropped
from truceline.cli.render import Output, output_options

if TYPE_CHECKING:
    from truceline.ledger.verify import Verification
    from truceline.mission import Published
    from truceline.mission.custody import ReportForm
    from truceline.timebase import Interval

DEMO_FOLDER = "demo-mission"


@click.command(
    cls=Command,
    examples=(
        Example("truceline demo", f"runs the shipped case in the folder {DEMO_FOLDER}"),
        Example("truceline demo --folder winter --force", "the same elsewhere, in place of what is there"),
    ),
)
@click.option("--folder", default=DEMO_FOLDER, show_default=True, metavar="FOLDER", help="Where it is made.")
@click.option("--force", is_flag=True, help="Make it anew where an earlier demonstration lies.")
@output_options("table", "json")
def demo(folder: str, force: bool, out: Output) -> Exit:
    """Run the shipped case from end to end and write its report.

    North-east Syria in the winter of 2020: tracks made for an exercise, and publicly reported incidents. It
    begins a mission for each agreement of the case, takes in, checks, records, publishes and verifies. Ends with
    0 whatever was found, and with 6 if a ledger did not verify.
    """
    from truceline.cli.demonstration import run_demonstration

    return run_demonstration(folder, force=force, out=out)


@click.command(
    cls=Command,
    examples=(
        Example(
            'truceline new winter --agreement idlib-2020 --author "Operations room"',
            "a mission under a shipped agreement",
        ),
        Example(
            'truceline new winter --agreement my-agreement.yaml --author "Operations room" --zone Asia/Damascus',
            "under an agreement of your own",
        ),
    ),
)
@click.argument("folder")
@click.option(
    "--agreement",
    "agreement_file",
    required=True,
    metavar="AGREEMENT",
    help="A file, a folder that holds agreement.yaml, or the name of a shipped one.",
)
@click.option(
    "--author", required=True, metavar="NAME", help="Who records; stands in every entry of the ledger."
)
@click.option("--title", metavar="TEXT", help="What it is called; the agreement's title where left out.")
@click.option(
    "--zone", metavar="ZONE", help="Zone of the local time shown beside UTC; the agreement's if left out."
)
@click.option("--exercise", is_flag=True, help="Everything in it is made for an exercise.")
@output_options("table", "json")
def new(
    folder: str,
    agreement_file: str,
    author: str,
    title: str | None,
    zone: str | None,
    exercise: bool,
    out: Output,
) -> Exit:
    """Begin a mission in a folder of its own.

    The agreement is copied into it and recorded as the first entries of its ledger. Keys are made for it; keep
    the folder where only the mission can read it.
    """
    from truceline.agreement import load_agreement
    from truceline.mission import Mission
    from truceline.mission.shipped import agreement_path

    held = load_agreement(agreement_path(agreement_file))
    mission = Mission.create(
        folder,
        title=title or held.title,
        agreement=agreement_file,
        author=author,
        zone=zone,
        exercise=exercise,
    )
    head = mission.head()
    columns = ("folder", "title", "zone", "author", "entries", "root")
    out.records(
        columns,
        [(folder, mission.title, mission.settings.zone, author, head.size, head.root_text)],
    )
    out.next_step(f"truceline ingest {folder} FILE...")
    return Exit.OBSERVED


@click.command(
    cls=Command,
    examples=(
        Example(
            'truceline ingest winter patrol.gpx --party syria --class vehicle --accuracy "15 m"',
            "one file, with what it does not say of itself",
        ),
        Example("truceline ingest winter", "what mission.yaml lists under sources"),
    ),
)
@click.argument("folder", metavar="MISSION")
@click.argument("files", metavar="[FILE...]", nargs=-1)
@reading_options(tracks=True)
@output_options("table", "json", "jsonl", "csv")
def ingest(folder: str, files: tuple[str, ...], reading: Reading, out: Output) -> Exit:
    """Take files into a mission.

    Each is kept byte for byte under its SHA-256 and recorded with what was read and what was not used. The same
    file given twice changes nothing. A file that cannot be read is kept and recorded as such; it does not stop
    the others.
    """
    from truceline.cli.render import watched
    from truceline.mission import Mission

    mission = Mission.open(folder)
    options = dict(reading.options)
    mapping = options.pop("mapping", None)
    if files:
        taken = [
            summary
            for file in watched(files, "taking in", quiet=out.quiet)
            for summary in mission.ingest(
                [file], format=reading.format, mapping=mapping, options=options
            ).files
        ]
    else:
        taken = list(mission.ingest().files)
    columns = ("file", "state", "read", "not used", "tracks", "paths", "reports", "sha256")
    rows = []
    for item in taken:
        state = "held already" if item.already_held else "unreadable" if item.refusal else "taken in"
        held = item.records
        counts = (
            (held.read_count, held.dropped_count, len(held.tracks), len(held.paths), len(held.reports))
            if held is not None
            else (None,) * 5
        )
        rows.append((item.name, state, *counts, item.sha256))
    out.records(columns, rows)
    say_dropped([item.records for item in taken if item.records is not None], out)
    refused = [item for item in taken if item.refusal]
    for item in refused:
        out.warn(f"truceline: {item.refusal}")
    if not taken:
        out.warn(f"nothing to take in: name files, or list them under sources in {folder}/mission.yaml")
    out.next_step(f"truceline publish daily {folder}" if taken else f"truceline ingest {folder} FILE...")
    return Exit.UNREADABLE if refused else Exit.OBSERVED


@click.group(cls=Group)
def publish() -> None:
    """Write a report of a mission."""


@publish.command(
    examples=(
        Example("truceline publish daily winter", "all that the mission holds"),
        Example(
            "truceline publish daily winter --day 2020-02-12 -o 12-february.html",
            "one day in the mission's zone",
        ),
        Example(
            "truceline publish daily winter --format json -o winter.json", "the same numbers, for a script"
        ),
    )
)
@click.argument("folder", metavar="MISSION")
@click.option(
    "--format",
    "form",
    type=click.Choice(("html", "json")),
    default="html",
    show_default=True,
    help="A page for people, or the same numbers as data.",
)
@click.option("--day", metavar="DATE", help="One calendar day in the mission's zone: 2020-02-12.")
@click.option(
    "--from", "start", metavar="TIME", help="Start of the period, in the mission's zone unless one is named."
)
@click.option("--until", "end", metavar="TIME", help="End of the period; not included.")
@click.option(
    "--title", default="", metavar="TEXT", help="Heading of the report; the mission's title if left out."
)
@click.option("--number", default="", metavar="TEXT", help="Number of the report.")
@click.option(
    "-o", "--output", metavar="FILE", help="Where to write it; reports/ in the mission where left out."
)
@click.option("-q", "--quiet", is_flag=True, help="No notes on stderr.")
def daily(
    folder: str,
    form: ReportForm,
    day: str | None,
    start: str | None,
    end: str | None,
    title: str,
    number: str,
    output: str | None,
    quiet: bool,
) -> Exit:
    """Check a mission and write its report: one HTML file that works offline and prints well.

    It carries the head of the ledger, and the ledger records that it was given out. Without a period it covers
    all that the mission holds. Prints the path of the report.
    """
    from truceline.mission import Mission

    out = Output(quiet=quiet)
    mission = Mission.open(folder)
    period = period_of(mission.settings.zone, day=day, start=start, end=end)
    published = mission.publish(output, form=form, period=period, title=title, number=number)
    out.data(str(published.path))
    out.note(said_of(published))
    out.next_step(f"truceline ledger verify {folder}")
    return Exit.OBSERVED


@click.group(cls=Group)
def ledger() -> None:
    """Prove that the record of a mission is whole."""


@ledger.command(
    examples=(
        Example("truceline ledger verify winter", "whether anything was changed, and what"),
        Example("truceline ledger verify winter --format json", "the same for a script"),
    )
)
@click.argument("folder", metavar="MISSION")
@output_options("table", "json", "jsonl", "csv")
def verify(folder: str, out: Output) -> Exit:
    """Recompute the whole record of a mission and name whatever is not as it was recorded.

    Ends with 6 where anything was changed: an entry, a record, an original, the agreement, a signature.
    """
    from truceline.mission import Mission

    found = Mission.open(folder).verify()
    if out.format == "json":
        out.data(json.dumps(_verification(found), ensure_ascii=False, indent=2))
    else:
        rows = [(fault.index, fault.what, fault.detail) for fault in found.faults]
        if rows or out.format != "table":
            out.records(("entry", "what", "detail"), rows)
    looked = (
        f"{found.entries_count} entries, {found.records_count} records, {found.originals_count} originals"
    )
    if not found.ok:
        out.warn(f"{folder}: the ledger does NOT verify; looked at {looked}")
        return Exit.LEDGER
    head = found.head
    out.note(f"{folder}: the ledger verifies; looked at {looked}")
    if head is not None:
        out.note(f"head {head.size} {head.root_text}")
    if found.withheld:
        out.note(f"{len(found.withheld)} records are withheld here; their entries stand")
    return Exit.OBSERVED


def _verification(found: Verification) -> dict[str, object]:
    head = found.head
    return {
        "verifies": found.ok,
        "head": None if head is None else {"origin": head.origin, "size": head.size, "root": head.root_text},
        "entries_count": found.entries_count,
        "records_count": found.records_count,
        "originals_count": found.originals_count,
        "withheld": list(found.withheld),
        "faults": [
            {"entry": fault.index, "what": fault.what, "detail": fault.detail} for fault in found.faults
        ],
    }


def period_of(zone: str, *, day: str | None, start: str | None, end: str | None) -> Interval | None:
    """The period of a report, or None for all there is.

    Raises
    ------
    UsageError
        A day together with a start or an end, a time that cannot be read, or an end before the start.
    """
    from truceline.errors import InputError, UsageError
    from truceline.timebase import BEGINNING_OF_TIME, END_OF_TIME, Interval, parse_day, parse_instant

    if day is not None and (start is not None or end is not None):
        raise UsageError("--day together with --from or --until", hint="give one or the other")
    if (day, start, end) == (None, None, None):
        return None
    try:
        if day is not None:
            return parse_day(day, zone=zone)
        return Interval(
            parse_instant(start, zone=zone) if start is not None else BEGINNING_OF_TIME,
            parse_instant(end, zone=zone) if end is not None else END_OF_TIME,
        )
    except InputError as error:
        hint = error.hint or "a day is written 2020-02-12, a time 2020-02-12T06:00"
        raise UsageError(error.message, hint=hint, code=error.code) from None


def said_of(published: Published) -> str:
    """How many findings of each verdict, in the words of the screen; what is an exercise is counted apart."""
    from truceline.views.data import verdict_counts
    from truceline.words import verdict_words

    said = []
    for exercise, counts in verdict_counts(published.result.findings):
        parts = [f"{verdict_words(verdict.value)}: {count}" for verdict, count in counts.items() if count]
        said.append(("exercise only: " if exercise else "") + ", ".join(parts))
    return "; ".join(said) or "no clause could be judged from what the mission holds"
