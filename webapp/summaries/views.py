"""The summaries of weeks, of closed periods and to date, and the desk where staff edit them."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers.response import Response

from webapp.access import anyone, staff
from webapp.accounts.rules import Role
from webapp.citytime import Week, utc_now
from webapp.db import db
from webapp.edge import LARGEST_ID, row_id
from webapp.i18n import chosen_language
from webapp.interpreting.views import for_readers
from webapp.measures.models import Stage
from webapp.measures.queries import stage_by_slug, stage_outline
from webapp.pages import finished
from webapp.refusal import Refusal
from webapp.reports.charts import charts_of
from webapp.reports.report import listed, read_report
from webapp.summaries import desk, queries, services
from webapp.summaries.forms import DROPPED, IntroductionForm, SectionForm, filled
from webapp.summaries.proposals import Proposals, proposals
from webapp.summaries.revisions import latest_of, revision_of
from webapp.summaries.rules import SummaryKind
from webapp.summaries.scopes import Scope

views = Blueprint("summaries", __name__)
MAY_EDIT = (Role.MODERATOR, Role.ADMINISTRATOR)
MAY_SIGN = (Role.OFFICIAL, Role.ADMINISTRATOR)


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


@views.get(f"/stages/<code:stage>/closing/<int(max={LARGEST_ID}):period_id>")
@anyone
@finished
def closing(stage: str, period_id: int) -> str:
    return _page(Scope(_stage(stage).id, SummaryKind.CLOSING, str(period_id)))


@views.get(f"/stages/<code:stage>/closing/<int(max={LARGEST_ID}):period_id>/<code:code>")
@anyone
@finished
def closing_of(stage: str, period_id: int, code: str) -> str:
    return _page(Scope(_stage(stage).id, SummaryKind.CLOSING, str(period_id)), code)


def _page(scope: Scope, code: str | None = None) -> str:
    """A summary's newest revision, or the one that the address asks for."""
    session = db.session()
    asked = request.args.get("revision", type=row_id)
    found = revision_of(session, scope, asked) if asked else latest_of(session, scope)
    if found is None:
        abort(404)
    read = read_report(session, found, chosen_language(), code=code)
    charts = charts_of(read) if scope.kind is SummaryKind.WEEKLY else ()
    return render_template(
        "summaries/report.html",
        report=read,
        stage=read.stage,
        charts=charts,
        **for_readers(read.translations),
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
        shelf=queries.shelf(session, found.id),
    )


@views.get(f"/summaries/<int(max={LARGEST_ID}):summary_id>")
@staff(*MAY_EDIT, Role.OFFICIAL)
def sheet(summary_id: int) -> str | Response:
    found = desk.sheet(db.session(), summary_id, chosen_language())
    if found.newest_id != summary_id:
        return redirect(url_for("summaries.sheet", summary_id=found.newest_id))
    return render_template(
        "summaries/sheet.html",
        sheet=found,
        may_edit=current_user.role in MAY_EDIT and not found.signed_at,
        may_sign=current_user.role in MAY_SIGN,
    )


@views.route(f"/summaries/<int(max={LARGEST_ID}):summary_id>/words", methods=["GET", "POST"])
@staff(*MAY_EDIT)
def introduce(summary_id: int) -> str | Response | tuple[str, int]:
    standing = desk.introductions(db.session(), summary_id)
    form = IntroductionForm(request.form, data=standing)
    return _edit(summary_id, form, None)


@views.route(
    f"/summaries/<int(max={LARGEST_ID}):summary_id>/words/<code:code>", methods=["GET", "POST"]
)
@staff(*MAY_EDIT)
def edit(summary_id: int, code: str) -> str | Response | tuple[str, int]:
    section = desk.draft(db.session(), summary_id, code, chosen_language())
    standing = filled(section.introductions, section.headings, section.sentences, section.places)
    form = SectionForm(request.form, data=standing)
    return _edit(summary_id, form, section)


@views.post(f"/summaries/<int(max={LARGEST_ID}):summary_id>/drafts/<code:code>")
@staff(*MAY_EDIT)
def draft(summary_id: int, code: str) -> Response:
    if not current_app.config["DRAFTING_URL"]:
        abort(404)
    section = desk.draft(db.session(), summary_id, code, chosen_language())
    services.ask_for_drafts(
        db.session(),
        summary_id,
        section.line.id,
        staff_id=current_user.staff_id,
        now=utc_now(),
    )
    return redirect(url_for("summaries.edit", summary_id=summary_id, code=code))


@views.post(f"/summaries/<int(max={LARGEST_ID}):summary_id>/sign-off")
@staff(*MAY_SIGN)
def sign_off(summary_id: int) -> Response:
    services.sign_off(db.session(), summary_id, staff_id=current_user.staff_id, now=utc_now())
    return redirect(url_for("summaries.sheet", summary_id=summary_id))


def _edit(
    summary_id: int, form: IntroductionForm, draft: desk.Draft | None
) -> str | Response | tuple[str, int]:
    """Show the form, or write what it says; a refusal comes back with the words still in it."""
    status, taken = 200, None
    proposed = _proposals(summary_id, draft) if draft else None
    if proposed and isinstance(form, SectionForm) and "take" in request.form:
        taken = proposed.made(request.form.get("take", 0, type=row_id))
        if taken is None:
            abort(404)
        place, words = taken
        form.take(place, words.heading, words.sentence)
    elif request.method == "POST":
        status = 400
        try:
            if form.validate():
                services.edit_summary(
                    db.session(),
                    summary_id,
                    draft.line.id if draft else None,
                    form.wanted(),
                    editor_id=current_user.staff_id,
                    now=utc_now(),
                )
                return redirect(url_for("summaries.sheet", summary_id=summary_id))
        except Refusal as refusal:
            db.session.rollback()
            form.form_errors.append(_(refusal.explanation, **refusal.facts))
            status = refusal.status
    found = desk.sheet(db.session(), summary_id, chosen_language())
    page = render_template(
        "summaries/edit.html",
        form=form,
        draft=draft,
        sheet=found,
        proposals=proposed,
        taken=taken,
        reasons=DROPPED,
        endpoint=urlsplit(current_app.config["DRAFTING_URL"]).hostname,
        model=current_app.config["DRAFTING_MODEL"],
    )
    return page, status


def _proposals(summary_id: int, draft: desk.Draft) -> Proposals:
    return proposals(db.session(), summary_id, draft.line.id, draft.points, utc_now())


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
