"""``python -m truceline`` is the ``truceline`` command."""

from truceline.cli import main

main(prog_name="truceline")
