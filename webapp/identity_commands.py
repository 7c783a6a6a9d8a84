"""`flask identity …`: what is due to be deleted, deleting it, sealing it with a new key."""

from __future__ import annotations

import sys

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from flask_babel import gettext as _
from rich.console import Console
from rich.progress import Progress

from webapp.citytime import city_day, utc_now
from webapp.cli import spoken
from webapp.db import db
from webapp.identities import queries, services
from webapp.sealing import Sealer

identity = AppGroup("identity", help="Names and addresses of authors.")


def init_identity_commands(app: Flask) -> None:
    app.cli.add_command(identity)


@identity.command("due")
@spoken
def due() -> None:
    """Say what is held for each period, and when it is to be deleted."""
    today = city_day(utc_now())
    for held in queries.held_identities(db.session()):
        click.echo(
            _(
                "%(day)s %(stage)s, period %(period)s: %(identities)s names, %(contacts)s e-mail "
                "addresses",
                day=held.purge_on.isoformat(),
                stage=held.stage,
                period=held.period_id,
                identities=held.identities,
                contacts=held.contacts,
            )
            + (" – " + _("due to be deleted") if held.is_due(today) else "")
        )


@identity.command("purge")
@spoken
def purge() -> None:
    """Delete now what is due. The worker does the same once an hour."""
    for purged in services.purge_due(db.session(), now=utc_now()):
        click.echo(
            _(
                "Period %(period)s: %(identities)s names and %(contacts)s e-mail addresses deleted",
                period=purged.period_id,
                identities=purged.identities,
                contacts=purged.contacts,
            )
        )


@identity.command("rotate")
@spoken
def rotate() -> None:
    """Seal everything with the newest key of IDENTITY_KEYS. It can be stopped and run again."""
    sealer = Sealer(current_app.config["IDENTITY_KEYS"])
    done = services.Resealed()
    with Progress(console=Console(file=sys.stderr)) as progress:
        task = progress.add_task(_("Sealing anew"), total=queries.sealed_rows(db.session()))
        for done in services.reseal(db.session(), sealer=sealer, by="cli", now=utc_now()):
            progress.update(task, completed=done.seen)
    click.echo(
        _("%(seen)s looked at, %(renewed)s sealed anew", seen=done.seen, renewed=done.renewed)
    )
    if done.unreadable:
        raise click.ClickException(
            _(
                "%(count)s cannot be opened with any key. Keep the old keys until they can.",
                count=done.unreadable,
            )
        )
