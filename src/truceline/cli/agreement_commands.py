"""``truceline agreement``: check, show and explain a written agreement, and its schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from truceline.cli.command import Example, Group
from truceline.cli.exits import Exit
from truceline.cli.render import Output, output_options

if TYPE_CHECKING:
    from truceline.model.agreement import Agreement

AGREEMENT_HELP = "AGREEMENT is a file, a folder that holds agreement.yaml, or the name of a shipped one."


@click.group(cls=Group)
def agreement() -> None:
    """Check, show and explain a written agreement."""


@agreement.command(
    examples=(
        Example("truceline agreement check idlib-2020", "every mistake and remark of a shipped agreement"),
        Example("truceline agreement check idlib-2020 --format json", "the same for a script"),
    )
)
@click.argument("agreement_file", metavar="AGREEMENT")
@output_options("table", "json", "jsonl", "csv")
def check(agreement_file: str, out: Output) -> Exit:
    """Report every mistake of an agreement file at once.

    Each mistake comes with file:line:column, what was seen and the way out. Remarks (warnings) do not fail.
    Ends with 0 where the file stands and 5 where it does not.
    """
    from truceline.agreement import check_document
    from truceline.mission.shipped import agreement_path

    problems = check_document(agreement_path(agreement_file))
    errors_count = sum(problem.severity == "error" for problem in problems)
    if out.format == "table" and problems:
        out.data("\n".join(str(problem) for problem in problems))
    elif out.format != "table":
        columns = ("severity", "code", "file", "line", "column", "path", "message", "hint")
        out.records(
            columns,
            (
                (
                    p.severity,
                    p.code,
                    p.where.file,
                    p.where.line,
                    p.where.column,
                    p.where.path,
                    p.message,
                    p.hint,
                )
                for p in problems
            ),
        )
    remarks_count = len(problems) - errors_count
    if errors_count:
        out.warn(f"{agreement_file}: {errors_count} to mend, {remarks_count} remarks")
        return Exit.UNREADABLE
    out.note(f"{agreement_file}: the file stands; {remarks_count} remarks")
    out.next_step(f"truceline agreement explain {agreement_file}")
    return Exit.OBSERVED


@agreement.command(
    examples=(
        Example("truceline agreement show idlib-2020", "its parties, places and clauses"),
        Example(
            "truceline agreement show idlib-2020 --format geojson -o idlib.geojson",
            "its lines and areas for a map",
        ),
    )
)
@click.argument("agreement_file", metavar="AGREEMENT")
@output_options("table", "json", "geojson")
def show(agreement_file: str, out: Output) -> Exit:
    """Show what an agreement file resolves to: parties, places and clauses, in SI units and UTC."""
    from truceline.agreement import load_agreement
    from truceline.mission.shipped import agreement_path

    held = load_agreement(agreement_path(agreement_file))
    if out.format == "geojson":
        from truceline.model.finding import CheckResult
        from truceline.views.exchange import render_geojson

        out.data(render_geojson(CheckResult(), held))
    elif out.format == "json":
        out.data(json.dumps(_as_record(held), ensure_ascii=False, indent=2))
    else:
        _show_tables(held, out)
    out.next_step(f"truceline check tracks {agreement_file} FILE...")
    return Exit.OBSERVED


@agreement.command(
    examples=(Example("truceline agreement explain idlib-2020", "each clause as a plain sentence"),)
)
@click.argument("agreement_file", metavar="AGREEMENT")
@output_options("table", "json", "jsonl", "csv")
def explain(agreement_file: str, out: Output) -> Exit:
    """Say each clause in a plain sentence, so that a person can compare it with the signed words."""
    from truceline.agreement import explain as sentences
    from truceline.agreement import load_agreement
    from truceline.mission.shipped import agreement_path

    held = load_agreement(agreement_path(agreement_file))
    said = sentences(held)
    if out.format == "table" and not out.on_terminal:
        out.data("\n\n".join(f"Clause {clause}: {sentence}" for clause, sentence in said))
    else:
        out.records(("clause", "says"), said, title=held.title)
    return Exit.OBSERVED


@agreement.command(
    examples=(
        Example(
            "truceline agreement schema -o agreement.schema.json", "the schema, for completion in an editor"
        ),
    )
)
@output_options("json")
def schema(out: Output) -> Exit:
    """Print the JSON Schema of the agreement file; its descriptions are the manual."""
    from truceline.agreement import json_schema

    out.data(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    return Exit.OBSERVED


def _show_tables(held: Agreement, out: Output) -> None:
    from truceline.units import format_length

    parties = (
        (
            p.id,
            p.name,
            ", ".join(p.backed_by),
            "not stated" if p.accepts is None else "yes" if p.accepts else "no",
        )
        for p in held.parties.values()
    )
    places = (
        (p.id, _kind(p.shape), format_length(p.accuracy_m), "schematic" if p.schematic else "", p.source)
        for p in held.places.values()
    )
    clauses = (
        (c.id, c.rule.kind, c.title, str(c.validity.interval), ", ".join(c.missing))
        for c in held.clauses.values()
    )
    head = f"{held.title} ({held.text.status or 'status not stated'}; signed {held.signed or 'not stated'})"
    out.table(("party", "name", "backed by", "accepts"), parties, title=head)
    out.table(("place", "shape", "accuracy", "", "source"), places, title="Places")
    out.table(("clause", "rule", "title", "in force", "not published"), clauses, title="Clauses")


def _kind(shape: Any) -> str:
    return getattr(shape, "op", None) or type(shape).__name__.lower()


def _as_record(held: Agreement) -> dict[str, Any]:
    """The whole agreement as plain JSON values; sets are sorted so that the text is always the same."""
    from dataclasses import asdict

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, (set, frozenset)):
            return sorted(value)
        if isinstance(value, (list, tuple)):
            return [plain(item) for item in value]
        return value

    return {key: plain(value) for key, value in asdict(held).items()}
