"""What ``truceline demo`` shows: what needs a look, how much of everything there is, and the report to open."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

from truceline.cli.check_commands import show_result
from truceline.cli.exits import Exit
from truceline.cli.reading import say_dropped
from truceline.cli.render import Output
from truceline.errors import InputError
from truceline.mission.case import Chapter, clear_folder, load_case, run_case
from truceline.mission.shipped import shipped_cases
from truceline.model.evidence import Report
from truceline.model.finding import Verdict
from truceline.timebase import Interval
from truceline.views.data import result_record, verdict_counts
from truceline.views.tables import in_reading_order
from truceline.words import verdict_words

CASE_ID = "ne-syria-winter-2020"
SHOWN_MOST = 6  # rows of an agreement; the rest is counted, and is in the report
NEEDS_A_LOOK = (Verdict.BREACH, Verdict.POSSIBLE)


def run_demonstration(folder: str, *, force: bool, out: Output) -> Exit:
    """Run the shipped case and show what it came to; LEDGER where a ledger does not verify, else OBSERVED."""
    cases = shipped_cases()
    if CASE_ID not in cases:
        raise InputError(
            f"the shipped case {CASE_ID} is not there", hint="install Truceline again", code="no-case"
        )
    case = load_case(cases[CASE_ID])
    where = clear_folder(folder, force=force)
    out.note(f"{case.title}: one mission for each of {len(case.document.agreements)} agreements, in {where}")
    chapters = []
    for chapter in run_case(case, where):
        out.note(f"  {chapter.agreement_id}: taken in, checked, recorded, published, verified")
        say_dropped([records for summary in chapter.taken for records in summary.records], out)
        chapters.append(chapter)
    if out.format == "json":
        period = case.document.period.interval()
        out.data(json.dumps([_record(chapter, period) for chapter in chapters], ensure_ascii=False, indent=2))
    else:
        _show(chapters, out)
    whole = all(chapter.verification.ok for chapter in chapters)
    out.note("every ledger verifies" if whole else "a ledger does NOT verify")
    out.next_step(f"open {chapters[0].published.path} in a browser")
    return Exit.OBSERVED if whole else Exit.LEDGER


def _show(chapters: list[Chapter], out: Output) -> None:
    for chapter in chapters:
        _show_gravest(chapter, out)
    columns = ("agreement", *(verdict_words(verdict.value) for verdict in Verdict))
    rows = [row for chapter in chapters for row in _counted(chapter)]
    out.table(columns, rows, title="How many findings of each kind")
    reports = [f"  {chapter.published.path}" for chapter in chapters]
    out.data("\n".join(["Reports to open in a browser:", *reports]))


def _show_gravest(chapter: Chapter, out: Output) -> None:
    agreement = chapter.mission.agreement()
    found = [item for item in chapter.published.result.findings if item.verdict in NEEDS_A_LOOK]
    if not found:
        return
    gravest = in_reading_order(found)[:SHOWN_MOST]
    result = replace(chapter.published.result, findings=gravest, not_applied=())
    show_result(
        result,
        agreement,
        out=out,
        reports=_told(chapter),
        title=f"{agreement.title}: what needs a look first",
    )
    left = Counter(item.exercise for item in found if item not in gravest)
    more = [f"{left[flag]} more{' of the exercise' if flag else ''}" for flag in sorted(left)]
    if more:
        out.data(f"... and {', '.join(more)} in its report\n")


def _counted(chapter: Chapter) -> list[list[str]]:
    """A row for what is real and one for what is an exercise, never both in one."""
    return [
        [
            f"{chapter.agreement_id}, exercise" if exercise else chapter.agreement_id,
            *map(str, counts.values()),
        ]
        for exercise, counts in verdict_counts(chapter.published.result.findings)
    ]


def _told(chapter: Chapter) -> list[Report]:
    return [report for summary in chapter.taken for records in summary.records for report in records.reports]


def _record(chapter: Chapter, period: Interval) -> dict[str, object]:
    head, agreement = chapter.published.head, chapter.mission.agreement()
    result = result_record(chapter.published.result, agreement, period=period, reports=_told(chapter))
    return {
        "agreement_id": chapter.agreement_id,
        "mission": str(chapter.mission.folder),
        "report": str(chapter.published.path),
        "head": {"size": head.size, "root": head.root_text},
        "verifies": chapter.verification.ok,
        "result": result,
    }
