"""`flask …` commands. They speak the language of the terminal (LANG), and English otherwise."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from flask_babel import force_locale
from flask_babel import gettext as _
from rich.console import Console
from rich.progress import track

from webapp.accounts.rules import Role
from webapp.accounts.services import open_account
from webapp.citytime import midnight, utc_now
from webapp.comments.queries import received_in
from webapp.comments.services import import_comments
from webapp.comments.spreadsheet import COLUMNS, Sheet, UnreadableSheet, read_sheet
from webapp.db import db
from webapp.demonstration import prepare
from webapp.edge import clean
from webapp.measures.forms import read_programme
from webapp.measures.models import Measure, Stage
from webapp.measures.queries import all_stages, current_period, measure_by_code, stage_by_slug
from webapp.measures.rules import IdentityRequest, MalformedProgramme
from webapp.measures.services import begin_asking_identity, load_programme, open_period
from webapp.refusal import Refusal
from webapp.sealing import Sealer
from webapp.summaries import services as summary_services

Command = TypeVar("Command", bound=Callable[..., Any])

programme = AppGroup("programme", help="The programme of measures.")
period = AppGroup("period", help="Comment periods.")
accounts = AppGroup("accounts", help="Staff accounts.")
comments = AppGroup("comments", help="Comments that come in by file.")
summaries = AppGroup("summaries", help="Stored summaries.")
demonstration = AppGroup("demonstration", help="The demonstration that `make run` starts.")


def init_cli(app: Flask) -> None:
    for group in (programme, period, accounts, comments, summaries, demonstration):
        app.cli.add_command(group)


def spoken(command: Command) -> Command:
    """Speak the terminal's language, and turn a refusal into one clear line."""

    @wraps(command)
    def speaking(*args: Any, **kwargs: Any) -> Any:
        with force_locale("ja" if os.environ.get("LANG", "").startswith("ja") else "en"):
            try:
                return command(*args, **kwargs)
            except Refusal as refusal:
                raise click.ClickException(_(refusal.explanation, **refusal.facts)) from refusal

    return speaking  # type: ignore[return-value]  # it has the command's own signature


PURPOSES = {
    "purpose_ja": ("ja", "in Japanese."),
    "purpose_ja_easy": ("ja-easy", "in easy Japanese; without it, the Japanese is shown."),
    "purpose_en": ("en", "in English."),
}


def with_purposes(command: Command) -> Command:
    """The options of a command that begins to ask for names: what for, and until when."""
    command = click.option("--purge-on", help="Day of deletion of names and addresses.")(command)
    for name, (_lang, which) in reversed(PURPOSES.items()):
        words = click.option(f"--{name}".replace("_", "-"), default="", help=f"Why, {which}")
        command = words(command)
    return command


@programme.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@spoken
def load(file: Path) -> None:
    """Load a programme from FILE. Loading it again changes nothing."""
    try:
        loaded = load_programme(db.session(), read_programme(file), by="cli", now=utc_now())
    except MalformedProgramme as fault:
        raise click.ClickException(f"{file}:{fault.line}: {fault.reason}") from fault
    click.echo(
        _(
            "%(added)s lines added, %(changed)s changed, %(withdrawn)s withdrawn",
            added=loaded.added,
            changed=loaded.changed,
            withdrawn=loaded.withdrawn,
        )
    )


@period.command("open")
@click.argument("stage")
@click.option("--from", "first", required=True, help="First day, like 2026-12-01.")
@click.option("--to", "last", required=True, help="Day on whose first instant it closes.")
@click.option("--why-shorter", help="The published reason, if it is shorter than 30 days.")
@click.option("--ask-identity", is_flag=True, help="The form asks for name and address.")
@with_purposes
@spoken
def announce(
    stage: str,
    first: str,
    last: str,
    why_shorter: str | None,
    ask_identity: bool,
    purge_on: str | None,
    **purposes: str,
) -> None:
    """Announce a comment period for STAGE, from midnight to midnight in the city."""
    made = open_period(
        db.session(),
        _stage(stage),
        opens_at=midnight(_day(first)),
        closes_at=midnight(_day(last)),
        why_shorter=why_shorter,
        by="cli",
        now=utc_now(),
        identity=_request(purposes, purge_on) if ask_identity else None,
    )
    click.echo(f"{made.opens_at.isoformat()} – {made.closes_at.isoformat()}")


@period.command("ask-identity")
@click.argument("stage")
@with_purposes
@click.option(
    "--earlier-comments",
    required=True,
    type=click.Choice(["stay"]),
    help="What becomes of comments sent before: they stay as they are, without names.",
)
@spoken
def ask_identity(stage: str, purge_on: str | None, earlier_comments: str, **purposes: str) -> None:
    """Ask for names and addresses in the period of STAGE that was already announced."""
    found = current_period(db.session(), _stage(stage).id, utc_now())
    if found is None:
        raise click.ClickException(_("This stage has no comment period."))
    request = _request(purposes, purge_on)
    begin_asking_identity(db.session(), found, request, by="cli", now=utc_now())
    click.echo(
        _(
            "From now on the form asks for name and address. %(count)s comments sent before stay "
            "as they are and are treated alike; the e-mail addresses of all are deleted on that "
            "day too.",
            count=received_in(db.session(), found.id),
        )
    )


@accounts.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--lang", default="ja", show_default=True)
@click.password_option()
@spoken
def add(email: str, name: str, role: str, lang: str, password: str) -> None:
    """Open a staff account."""
    open_account(
        db.session(),
        email=email,
        name=name,
        role=Role(role),
        lang=lang,
        password=password,
        by="cli",
        now=utc_now(),
    )
    click.echo(_("The account %(email)s is open.", email=email))


@comments.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--stage", default=None, help="The stage; not needed while there is only one.")
@click.option("--measure", required=True, help="Code of the measure, like 1-3.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    required=True,
    metavar="OURS=THEIRS",
    help=f"Which column holds what. Ours: {', '.join(COLUMNS)}.",
)
@click.option("--language", default="ja", show_default=True, help="Language without a column.")
@click.option("--channel", default="post", show_default=True, help="Channel without a column.")
@click.option("--skip-bad", is_flag=True, help="Leave out bad rows instead of importing nothing.")
@spoken
def import_file(
    file: Path,
    stage: str | None,
    measure: str,
    columns: tuple[str, ...],
    language: str,
    channel: str,
    skip_bad: bool,
) -> None:
    """Import comments on one measure from a CSV file."""
    fixed = {"language": language, "channel": channel}
    try:
        sheet = read_sheet(file, _mapping(columns), fixed)
    except UnreadableSheet as fault:
        raise click.ClickException(f"{file}: {fault}") from fault
    _report_bad_rows(sheet, file)
    if sheet.bad and not skip_bad:
        raise click.ClickException(_("Nothing was imported. --skip-bad leaves these rows out."))
    drafts = track(sheet.drafts, description=_("Importing"), console=_stderr())
    new = import_comments(
        db.session(),
        _measure(stage, measure),
        drafts,
        secret_key=current_app.config["SECRET_KEY"],
        sealer=Sealer(current_app.config["IDENTITY_KEYS"]),
        by="cli",
        now=utc_now(),
    )
    known = len(sheet.drafts) - new
    click.echo(_("%(new)s comments imported, %(known)s were here already", new=new, known=known))


@summaries.command("verify")
@spoken
def verify() -> None:
    """Prove every stored summary against the comments, and name what does not hold."""
    findings = list(summary_services.verify_summaries(db.session()))
    for finding in findings:
        click.echo(finding)
    if findings:
        raise click.ClickException(_("%(count)s findings", count=len(findings)))
    click.echo(_("Every stored summary holds."))


@demonstration.command("prepare")
@spoken
def prepare_demonstration() -> None:
    """Set up database, programme, comment period and staff accounts, where they are missing."""
    for line in prepare(db.session(), current_app.config, utc_now()):
        click.echo(line)


def _request(purposes: Mapping[str, str], purge_on: str | None) -> IdentityRequest:
    if purge_on is None:
        raise click.UsageError(_("Please name the day of deletion with --purge-on."))
    said = {PURPOSES[name][0]: clean(words) for name, words in purposes.items() if words}
    return IdentityRequest(said, _day(purge_on))


def _stage(slug: str | None) -> Stage:
    stages = all_stages(db.session())
    if slug is None and len(stages) == 1:
        return stages[0]
    stage = stage_by_slug(db.session(), slug or "")
    if stage is None:
        raise click.ClickException(
            _("Which stage? There are: %(stages)s", stages=", ".join(s.slug for s in stages))
        )
    return stage


def _measure(stage: str | None, code: str) -> Measure:
    measure = measure_by_code(db.session(), _stage(stage).slug, code)
    if measure is None:
        raise click.ClickException(_("There is no measure %(code)s.", code=code))
    return measure


def _mapping(columns: Iterable[str]) -> dict[str, str]:
    pairs = dict(column.split("=", 1) for column in columns if "=" in column)
    unknown = set(pairs) - set(COLUMNS)
    if unknown or "text" not in pairs:
        raise click.BadParameter(_("Use --column text=NAME; ours: %(o)s", o=", ".join(COLUMNS)))
    return pairs


def _report_bad_rows(sheet: Sheet, file: Path) -> None:
    for row in sheet.bad:
        click.echo(f"{file}:{row.line}: {row.reason}", err=True)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _stderr() -> Any:
    return Console(file=sys.stderr)
