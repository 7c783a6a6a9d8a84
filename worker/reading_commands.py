"""`flask readings …`: the readings of the programme made at once, by hand."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webapp.cli import spoken
from webapp.db import db
from worker.reading import read_all

group = click.Group("readings", help="Furigana by hand.")


@group.command("make")
@with_appcontext
@spoken
def make() -> None:
    """Make the readings of every Japanese text that waits for them."""
    click.echo(f"{read_all(db.session())} texts read")
