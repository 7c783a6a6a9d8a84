"""The weekly reports: one week, and all weeks of a stage."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from webapp.access import anyone
from webapp.citytime import Week, utc_now
from webapp.db import db
from webapp.i18n import chosen_language
from webapp.measures.models import Stage
from webapp.measures.queries import stage_by_slug, stage_outline
from webapp.pages import finished
from webapp.reports.charts import charts_of
from webapp.reports.report import listed, read_report
from webapp.summaries import queries

views = Blueprint("summaries", __name__)


@views.get("/stages/<code:stage>/reports/<week:week>")
@anyone
@finished
def report(stage: str, week: str) -> str:
    summary = queries.latest_summary(db.session(), _stage(stage).id, _week(week))
    if summary is None:
        abort(404)
    found = read_report(db.session(), summary, chosen_language())
    return render_template(
        "summaries/report.html", report=found, stage=found.stage, charts=charts_of(found)
    )


@views.get("/stages/<code:stage>/reports")
@anyone
@finished
def reports(stage: str) -> str:
    session, found, now = db.session(), _stage(stage), utc_now()
    outline = stage_outline(session, found, chosen_language(), now)
    return render_template(
        "summaries/reports.html",
        stage=outline,
        closed=[(n, p) for n, p in enumerate(outline.periods, start=1) if p.closes_at <= now],
        reports=listed(queries.summaries_of(session, found.id)),
    )


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
