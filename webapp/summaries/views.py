"""The summaries of weeks, of closed periods and to date, and the desk where staff subscribe."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers.response import Response

from webapp.access import anyone, staff
from webapp.citytime import Week, utc_now
from webapp.db import db
from webapp.i18n import chosen_language
from webapp.measures.models import Stage
from webapp.measures.queries import all_stages, stage_by_slug, stage_outline
from webapp.pages import finished
from webapp.summaries import queries, services
from webapp.summaries.report import listed, read_report
from webapp.summaries.revisions import latest_of, revision_of
from webapp.summaries.rules import SummaryKind
from webapp.summaries.scopes import Scope

views = Blueprint("summaries", __name__)
ON_THE_DESK = 8
"""Weeks of each stage that the desk shows; the list of the stage has them all."""


@views.get("/stages/<code:stage>/reports/<week:week>")
@anyone
@finished
def report(stage: str, week: str) -> str:
    return _page(Scope.of_week(_stage(stage).id, _week(week)))


@views.get("/stages/<code:stage>/summary")
@anyone
@finished
def summary(stage: str) -> str:
    return _page(Scope.to_date(_stage(stage).id))


@views.get("/stages/<code:stage>/summary/<code:code>")
@anyone
@finished
def summary_of(stage: str, code: str) -> str:
    return _page(Scope.to_date(_stage(stage).id), code)


@views.get("/stages/<code:stage>/closing/<int:period_id>")
@anyone
@finished
def closing(stage: str, period_id: int) -> str:
    return _page(Scope(_stage(stage).id, SummaryKind.CLOSING, str(period_id)))


@views.get("/stages/<code:stage>/closing/<int:period_id>/<code:code>")
@anyone
@finished
def closing_of(stage: str, period_id: int, code: str) -> str:
    return _page(Scope(_stage(stage).id, SummaryKind.CLOSING, str(period_id)), code)


def _page(scope: Scope, code: str | None = None) -> str:
    """A summary's newest revision, or the one that the address asks for."""
    session = db.session()
    asked = request.args.get("revision", type=int)
    found = revision_of(session, scope, asked) if asked else latest_of(session, scope)
    if found is None:
        abort(404)
    read = read_report(session, found, chosen_language(), code)
    return render_template("summaries/report.html", report=read, stage=read.stage)


@views.get("/stages/<code:stage>/reports")
@anyone
@finished
def reports(stage: str) -> str:
    session, found = db.session(), _stage(stage)
    return render_template(
        "summaries/reports.html",
        stage=stage_outline(session, found, chosen_language(), utc_now()),
        reports=listed(queries.summaries_of(session, found.id)),
        shelf=queries.shelf(session, found.id),
    )


@views.get("/reports")
@staff()
def all_reports() -> str:
    session, lang, now = db.session(), chosen_language(), utc_now()
    stages = [
        (
            stage_outline(session, stage, lang, now),
            listed(queries.summaries_of(session, stage.id, limit=ON_THE_DESK)),
        )
        for stage in all_stages(session)
    ]
    return render_template(
        "summaries/all_reports.html",
        stages=stages,
        subscribed=queries.subscribed_stages(session, current_user.staff_id),
    )


@views.post("/stages/<code:stage>/subscription")
@staff()
def subscription(stage: str) -> Response:
    changes = {"yes": services.subscribe, "no": services.unsubscribe}
    change = changes.get(request.form.get("wanted", ""))
    if change is None:
        abort(400)
    change(
        db.session(),
        stage_id=_stage(stage).id,
        staff_id=current_user.staff_id,
        now=utc_now(),
    )
    return redirect(url_for("summaries.all_reports"))


def _stage(slug: str) -> Stage:
    stage = stage_by_slug(db.session(), slug)
    if stage is None:
        abort(404)
    return stage


def _week(label: str) -> Week:
    try:
        return Week.parse(label)
    except ValueError:
        abort(404)
