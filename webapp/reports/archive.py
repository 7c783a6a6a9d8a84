"""The archive of reports: files, two weeks compared, and the results of comment periods."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers.response import Response

from webapp.access import anyone
from webapp.citytime import Week, utc_now
from webapp.db import db
from webapp.i18n import chosen_language
from webapp.interpreting.views import for_readers
from webapp.letters.rules import File
from webapp.limits import report_files_limit
from webapp.measures.models import Stage
from webapp.measures.queries import periods_of, stage_by_slug, stage_outline
from webapp.pages import finished
from webapp.reports.closing import ClosingReport, closing_report, number_rows
from webapp.reports.closing_sheet import closing_file as file_of_closing
from webapp.reports.comparing import compared
from webapp.reports.files import file_of
from webapp.reports.report import Report, read_report
from webapp.summaries.queries import latest_summary, summaries_of

views = Blueprint("archive", __name__)
SHOWN = 500
"""Opinions that the page of a result shows; the files have them all."""
MOST_PERIODS = 999


@views.get("/stages/<code:stage>/reports/<week:week>.<any(pdf, xlsx, csv):kind>")
@anyone
@report_files_limit
def file(stage: str, week: str, kind: str) -> Response:
    return _download(file_of(_report(_stage(stage), week), kind))


@views.get("/stages/<code:stage>/reports/comparison")
@anyone
def compare(stage: str) -> str:
    found = _stage(stage)
    weeks = [summary.period for summary in summaries_of(db.session(), found.id)]
    outline = stage_outline(db.session(), found, chosen_language(), utc_now())
    if not weeks:
        return render_template("reports/compare.html", stage=outline, weeks=weeks)
    first = _report(found, request.args.get("first", weeks[min(1, len(weeks) - 1)]))
    second = _report(found, request.args.get("second", weeks[0]))
    rows = compared(first, second)
    return render_template(
        "reports/compare.html", stage=outline, weeks=weeks, first=first, second=second, rows=rows
    )


@views.get(f"/stages/<code:stage>/results/<int(max={MOST_PERIODS}):number>")
@anyone
@finished
def closing(stage: str, number: int) -> str:
    report = _closing(_stage(stage), number)
    return render_template(
        "reports/closing.html",
        stage=report.stage,
        report=report,
        numbers=list(number_rows(report)),
        shown=SHOWN,
        **for_readers(report.translations),
    )


@views.get(
    f"/stages/<code:stage>/results/<int(max={MOST_PERIODS}):number>.<any(pdf, xlsx, csv):kind>"
)
@anyone
@report_files_limit
def closing_file(stage: str, number: int, kind: str) -> Response:
    return _download(file_of_closing(_closing(_stage(stage), number), kind))


def _report(stage: Stage, week: str) -> Report:
    try:
        summary = latest_summary(db.session(), stage.id, Week.parse(week))
    except ValueError:
        abort(404)
    return read_report(db.session(), summary, chosen_language()) if summary else abort(404)


def _closing(stage: Stage, number: int) -> ClosingReport:
    """The result of the stage's period of this number, counted from 1, once it has closed."""
    periods = periods_of(db.session(), stage.id)
    if not 1 <= number <= len(periods) or periods[number - 1].closes_at > utc_now():
        abort(404)
    lang = chosen_language()
    outline = stage_outline(db.session(), stage, lang, utc_now(), with_withdrawn=True)
    return closing_report(db.session(), outline, periods[number - 1], number, lang)


def _stage(slug: str) -> Stage:
    return stage_by_slug(db.session(), slug) or abort(404)


def _download(made: File) -> Response:
    answer = Response(made.content, mimetype=made.kind)
    answer.headers["Content-Disposition"] = f'inline; filename="{made.name}"'
    return answer
