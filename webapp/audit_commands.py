"""`flask audit …`: sealing the trail, noting its head, and proving that nothing was changed."""

from __future__ import annotations

import sys

import click
from flask import Flask
from flask.cli import AppGroup
from flask_babel import gettext as _
from rich.console import Console
from rich.progress import Progress

from webapp.audit import queries, services
from webapp.audit.rules import Break, Fault, Head
from webapp.cli import spoken
from webapp.db import db
from webapp.refusal import N_

audit = AppGroup("audit", help="The trail of who did what.")

FAULTS = {
    Fault.MISSING: N_("Entry No. %(position)s is missing. The next one there is row %(row)s."),
    Fault.BROKEN: N_(
        "Entry No. %(position)s (row %(row)s) does not follow from those before it: it was "
        "changed, moved, or put in."
    ),
    Fault.SHORT: N_("The chain ends early: entry No. %(position)s and those after it are gone."),
    Fault.LONG: N_("Entry No. %(position)s and those after it were put in behind the end."),
    Fault.OTHER_HEAD: N_("The chain holds, but its head says otherwise."),
    Fault.OTHER_THAN_NOTED: N_(
        "Entry No. %(position)s is not the one that was noted: the chain was made anew, or cut off."
    ),
}


def init_audit_commands(app: Flask) -> None:
    app.cli.add_command(audit)


@audit.command("seal")
@spoken
def seal() -> None:
    """Link every entry that waits to the chain. The worker does the same all the time."""
    click.echo(_("%(number)s entries sealed", number=_seal_all()))


@audit.command("head")
@spoken
def head() -> None:
    """Print the head of the chain, to be noted where nobody can change it."""
    _seal_all()
    click.echo(str(queries.chain_head(db.session())))


@audit.command("verify")
@click.option("--since", "noted", help="A head noted before: it must still be in the chain.")
@spoken
def verify(noted: str | None) -> None:
    """Follow the chain from its beginning, or from a noted head, and name the first broken link."""
    since = Head.parse(noted) if noted is not None else None
    if noted is not None and since is None:
        raise click.BadParameter(_("A head looks like 120:9f86d081… – a number and 64 digits."))
    reached = since or Head()
    with Progress(console=Console(file=sys.stderr), transient=True) as progress:
        end = queries.chain_head(db.session()).position
        task = progress.add_task(_("Following the chain"), total=end, completed=reached.position)
        for found in queries.verify_chain(db.session(), since):
            if isinstance(found, Break):
                progress.stop()
                raise click.ClickException(in_words(found))
            reached = found
            progress.update(task, completed=reached.position)
    click.echo(
        _(
            "The chain holds: %(number)s entries, head %(head)s",
            number=reached.position,
            head=reached,
        )
    )
    if waiting := queries.unsealed_entries(db.session()):
        click.echo(_("%(number)s newer entries are not sealed yet.", number=waiting))


def in_words(found: Break) -> str:
    """A broken link in the reader's language."""
    return str(_(FAULTS[found.fault], position=found.position, row=found.entry_id))


def _seal_all() -> int:
    session, sealed = db.session(), 0
    while some := services.seal(session):
        sealed += some
    return sealed
