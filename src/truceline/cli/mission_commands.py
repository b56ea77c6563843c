import click
from truceline.cli.command import Command, Example, Group


@click.command()
def demo():
    pass


@click.command()
def new():
    pass


@click.command()
def ingest():
    pass


@click.group()
def ledger():
    pass


@click.group()
def publish():
    pass
