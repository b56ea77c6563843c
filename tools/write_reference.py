"""Write docs/reference/cli.md from the commands themselves, so that the two cannot differ.

python tools/write_reference.py            # writes it
python tools/write_reference.py --check    # ends with 1 where it is not what would be written
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from truceline.cli import main
from truceline.cli.command import Command
from truceline.cli.exits import MEANINGS, PRECEDENCE

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "cli.md"
HEAD = """\
% Written by tools/write_reference.py from the commands themselves; edit those.

# Commands

Data goes to stdout, everything else to stderr. Nothing ever waits for an answer. `NO_COLOR` is honoured; tables are
drawn only on a terminal, and `--plain` turns that off. Times are UTC unless a zone is named.

## Exit codes

"""


def exit_codes() -> str:
    """The table of exit codes, and which comes first where several hold."""
    rows = "\n".join(f"| {int(code)} | {meaning} |" for code, meaning in MEANINGS.items())
    order = ", ".join(str(int(code)) for code in PRECEDENCE)
    return (
        f"| Code | Meaning |\n|---|---|\n{rows}\n\n"
        f"Where several hold, the first of {order} that does. `--exit-zero` turns what `check` found into 0; a command "
        "line that cannot be meant, a fault, and an agreement that cannot be read stay what they are.\n"
    )


def commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its full name, in the order of the help."""
    if not isinstance(command, click.Group):
        yield " ".join(path), command
        return
    ctx = click.Context(command, info_name=path[-1])
    for name in command.list_commands(ctx):
        child = command.get_command(ctx, name)
        if child is not None:
            yield from commands(child, (*path, name))


def options(command: click.Command) -> str:
    """A table of the options, as ``--help`` lists them."""
    ctx = click.Context(command, info_name=command.name)
    rows = []
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is not None and isinstance(parameter, click.Option) and "--help" not in parameter.opts:
            names, meaning = (cell.replace("|", "\\|") for cell in record)
            rows.append(f"| `{names}` | {meaning} |")
    return "| Option | Meaning |\n|---|---|\n" + "\n".join(rows) + "\n" if rows else ""


def section(name: str, command: click.Command) -> str:
    """One command: its examples, what it says of itself, its options."""
    ctx = click.Context(command, info_name=name)
    usage = " ".join((name, *command.collect_usage_pieces(ctx)))
    examples = command.examples if isinstance(command, Command) else ()
    shown = "\n".join(f"# {example.shows}\n{example.line}" for example in examples)
    text = inspect.cleandoc(command.help or "")
    return f"## {name}\n\n```sh\n{shown}\n```\n\n{text}\n\nUsage: `{usage}`\n\n{options(command)}"


def page() -> str:
    """The whole page."""
    return HEAD + "\n".join([exit_codes(), *(section(*item) for item in commands(main, ("truceline",)))])


def run(arguments: list[str]) -> int:
    """Write the page, or compare it; the exit code."""
    if arguments == ["--check"]:
        same = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page()
        if not same:
            print(f"{PAGE.name} is not what the commands say: run python tools/write_reference.py")
        return 0 if same else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
