"""How every command behaves: examples first in its help, errors with a way out, exit codes, clean pipes."""

import errno
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click


class Example(NamedTuple):
    """One line that runs as it stands, and what it shows."""

    line: str
    shows: str


class Command(click.Command):
    """A command whose help opens with examples.

    Examples are kept as data, so that the documentation prints them and a test runs them.
    """

    def __init__(self, *args: Any, examples: tuple[Example, ...] = (), **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.examples = examples

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write_text(f"# {example.shows}")
                    formatter.write(f"{'':{formatter.current_indent}}{example.line}\n")
        super().format_help_text(ctx, formatter)


class Group(click.Group):
    """A group of :class:`Command`."""

    command_class = Command


class Root(Group):
    """The ``truceline`` command: it loads the chosen command, and turns an error into a message and a code."""

    def __init__(self, *args: Any, commands_table: Mapping[str, tuple[str, str]], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.commands_table = commands_table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands_table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands_table:
            return None
        module, _line = self.commands_table[cmd_name]
        found: click.Command = getattr(import_module(f"truceline.cli.{module}"), cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_module, line) in self.commands_table.items()])

    def invoke(self, ctx: click.Context) -> Any:
        from truceline.cli.exits import Exit, of_error
        from truceline.errors import TrucelineError

        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except TrucelineError as error:
            click.echo(f"truceline: {error}", err=True)
            code = of_error(error)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] == "truceline":
                raise
            click.echo(
                f"truceline: {error.name} is not installed -- `truceline doctor` says how to get it", err=True
            )
            code = Exit.FAULT
        except BrokenPipeError:
            _drop_stdout()
            code = Exit.PIPE_CLOSED
        except KeyboardInterrupt:
            click.echo("truceline: interrupted; what was recorded before this stands", err=True)
            code = Exit.INTERRUPTED
        except OSError as error:
            code = _said_of_the_system(error)
        ctx.exit(int(code or 0))


def _said_of_the_system(error: OSError) -> int:
    """Say what the system refused, and the code for it; what names no file and is no full disk is a fault of ours."""
    from truceline.cli.exits import Exit

    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    if error.filename is None and not full:
        raise error
    hint = "make room and run it again" if full else "check the path and the permissions"
    what = f"{error.filename}: cannot be used" if error.filename is not None else "stdout cannot be written"
    click.echo(f"truceline: {what}: {error.strerror} -- {hint}", err=True)
    if error.filename is None:
        _drop_stdout()
    return Exit.FAULT if full else Exit.UNREADABLE


def _drop_stdout() -> None:
    """Point stdout elsewhere, or the interpreter complains once more while it shuts down."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
