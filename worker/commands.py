"""`flask report …`: weekly reports prepared, looked at and sent by hand."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from webapp.accounts.queries import staff_by_email
from webapp.citytime import Week, utc_now
from webapp.cli import spoken
from webapp.db import db
from webapp.mail import mailer_of
from webapp.measures.queries import all_stages
from webapp.reports.letters import compose
from webapp.reports.press import Press
from webapp.reports.queries import due_letters, subscription_of, wishes_of
from webapp.reports.rules import Wishes
from webapp.reports.services import keep_figures, owe_letters
from webapp.sealing import Sealer
from webapp.summaries.queries import latest_summary
from webapp.summaries.services import compile_week
from webapp.writing import write
from worker import posting, screening
from worker.analysis.points import compile_points
from worker.pictures import paint

group = click.Group("report", help="Weekly reports by hand.")
of_week = click.option("--week", required=True, help="An ISO week, like 2026-W47.")


@group.command("prepare")
@of_week
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
    keep_figures(session, utc_now())


@group.command("preview")
@of_week
@click.option("--to", required=True, help="E-mail address of the account that would get it.")
@with_appcontext
@spoken
def preview(week: str, to: str) -> None:
    """Print the letter that somebody would get about a week; nothing is sent."""
    session = db.session()
    staff = staff_by_email(session, to)
    if staff is None:
        raise click.ClickException(f"no account has the address {to}")
    for stage in list(all_stages(session)):
        summary = latest_summary(session, stage.id, _week(week))
        if summary is None:
            click.echo(f"{stage.slug} {week}: no report is stored")
            continue
        known = subscription_of(session, stage.id, staff.id)
        wishes = wishes_of(session, known) if known else Wishes(staff.lang)
        message = write(
            compose(session, summary, staff, wishes, Press(paint), utc_now()), "<preview@x>"
        )
        text = message.get_body(("plain",))
        click.echo(f"Subject: {message['Subject']}\n\n{text.get_content() if text else ''}")


@group.command("send")
@click.option("--week", help="Owe the letters of this week first, whatever day people chose.")
@click.option("--yes", is_flag=True, help="Really send. Without it, only say what would be sent.")
@with_appcontext
@spoken
def send(week: str | None, yes: bool) -> None:
    """Send every letter that is due now; with --week, that week's reports among them.

    With --week it is a dry run first: it only counts, until --yes is given.
    """
    session, chosen = db.session(), _week(week) if week else None
    if chosen and not yes:
        due = due_letters(session, utc_now(), week=chosen)
        session.rollback()
        click.echo(f"{len(due)} letters about {chosen} would be owed; --yes sends them")
        return
    if chosen:
        click.echo(f"{owe_letters(session, utc_now(), week=chosen)} letters owed")
    sealer = Sealer(current_app.config["IDENTITY_KEYS"])
    sent = posting.send_all(session, mailer_of(current_app), sealer)
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
