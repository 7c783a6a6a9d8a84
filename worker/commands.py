"""`flask report …`: weekly reports prepared, looked at and sent by hand."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from webapp.citytime import Week, utc_now
from webapp.cli import spoken
from webapp.db import db
from webapp.mail import mailer_of
from webapp.measures.queries import all_stages
from webapp.sealing import Sealer
from webapp.summaries.services import compile_week
from worker import posting, screening
from worker.analysis.points import compile_points

group = click.Group("report", help="Weekly reports by hand.")


@group.command("prepare")
@click.option("--week", required=True, help="An ISO week, like 2026-W47.")
@with_appcontext
@spoken
def prepare(week: str) -> None:
    """Compile the report of one week for every stage; a stored one is only revised."""
    session = db.session()
    for stage in list(all_stages(session)):
        slug, stage_id = stage.slug, stage.id
        session.rollback()
        made = compile_week(session, stage_id, _week(week), compile_points, utc_now())
        said = f"revision {made.revision}" if made else "nothing new"
        click.echo(f"{slug} {week}: {said}")


@group.command("send")
@with_appcontext
@spoken
def send() -> None:
    """Send every letter that is due now."""
    sent = posting.send_all(
        db.session(), mailer_of(current_app), Sealer(current_app.config["IDENTITY_KEYS"])
    )
    click.echo(f"{sent} letters sent")


@group.command("screen")
@with_appcontext
@spoken
def screen() -> None:
    """Screen every comment that waits for it."""
    click.echo(f"{screening.screen_all(db.session())} comments screened")


def _week(label: str) -> Week:
    try:
        return Week.parse(label)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
