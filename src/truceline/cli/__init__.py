"""The ``truceline`` command. Each command calls one mission verb or one pure function.

Only click is loaded before a command is chosen, so that ``--help`` answers at once.
"""

import click

from truceline._version import __version__
from truceline.cli.command import Root

__all__ = ["main"]

# Each command: the module that holds it, and its line in the list. Read for the list, loaded when chosen.
COMMANDS = {
    "demo": ("mission_commands", "Run the shipped case from end to end and write its report."),
    "new": ("mission_commands", "Begin a mission in a folder of its own."),
    "agreement": ("agreement_commands", "Check, show and explain a written agreement."),
    "check": ("check_commands", "Check tracks, reports or a plan against an agreement; nothing is kept."),
    "watch": ("watch_commands", "Watch a source as it comes: alerts now, findings at the end."),
    "ingest": ("mission_commands", "Take files into a mission, and check them."),
    "ledger": ("mission_commands", "Prove that the record of a mission is whole."),
    "publish": ("mission_commands", "Write a report of a mission."),
    "formats": ("station_commands", "List the formats that can be read."),
    "doctor": ("station_commands", "Say whether this installation is whole."),
}


@click.group(
    cls=Root,
    commands_table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `truceline demo`. Every command has examples: `truceline COMMAND --help`.",
)
@click.version_option(__version__, prog_name="truceline")
def main() -> None:
    """Deconfliction and ceasefire monitoring.

    An agreement and what was observed in; which clause was broken, where, when, how deep, for how long and how
    sure out.
    """
