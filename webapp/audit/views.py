"""The trail as administrators read it: a page with filters, and the same as a file."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from webapp.access import staff
from webapp.accounts.queries import all_staff
from webapp.accounts.rules import Role
from webapp.audit import queries
from webapp.audit.forms import TrailForm, action_name, actor_name, subject_name
from webapp.audit.queries import Wanted
from webapp.citytime import TOKYO
from webapp.csv_file import csv_response
from webapp.db import db
from webapp.edge import row_id

views = Blueprint("audit", __name__)
IN_A_FILE = 1_000
"""Entries read at once for a file, however long it gets."""


@views.get("/audit")
@staff(Role.ADMINISTRATOR)
def trail() -> str:
    session, names = db.session(), _names()
    form = TrailForm(request.args, list(names.items()))
    before = request.args.get("before", type=row_id)
    return render_template(
        "audit/trail.html",
        form=form,
        page=queries.entries_wanted(session, form.wanted(), before=before),
        asked=form.as_query(),
        earlier_page=before is not None,
        head=queries.chain_head(session),
        action_name=action_name,
        actor_name=lambda actor: actor_name(actor, names),
        subject_name=subject_name,
    )


@views.get("/audit.csv")
@staff(Role.ADMINISTRATOR)
def trail_as_csv() -> Response:
    names = _names()
    wanted = TrailForm(request.args, list(names.items())).wanted()
    return csv_response(_rows(wanted, names), "audit.csv")


def _rows(wanted: Wanted, names: dict[str, str]) -> Iterator[list[object]]:
    yield [
        _("Place in the chain"),
        _("Row"),
        _("Time (Japan)"),
        _("Who"),
        _("What they did"),
        _("Action"),
        _("To what"),
        _("State before (digest)"),
        _("State after (digest)"),
        _("Link"),
    ]
    before: int | None = None
    while True:
        page = queries.entries_wanted(db.session(), wanted, before=before, size=IN_A_FILE)
        for e in page.items:
            at = e.at.astimezone(TOKYO).isoformat(timespec="seconds")
            who, what = actor_name(e.actor, names), action_name(e.action)
            yield [e.position, e.id, at, who, what, e.action, e.subject, e.before, e.after, e.link]
        before = page.older
        db.session.rollback()
        if before is None:
            return


def _names() -> dict[str, str]:
    """How the trail names people of the staff, and their names."""
    return {f"staff:{one.id}": one.name for one in all_staff(db.session())}
