"""The city's answers: the page for everyone, and the desk where officials write them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers.response import Response as Answer

from webapp.access import anyone, staff
from webapp.citytime import utc_now
from webapp.db import db
from webapp.edge import LARGEST_ID, row_id
from webapp.i18n import chosen_language
from webapp.measures.models import Stage
from webapp.measures.queries import Line, StageOutline, all_stages, stage_by_slug, stage_outline
from webapp.pages import finished
from webapp.responses import queries, services
from webapp.responses.answers import answers_on_stage
from webapp.responses.forms import CATEGORIES, AnswerForm, answer_form
from webapp.responses.models import Response
from webapp.responses.rules import MAY_ANSWER, written

views = Blueprint("responses", __name__)


@views.get("/stages/<code:stage>/answers")
@anyone
@finished
def answers(stage: str) -> str:
    outline = _outline(_stage(stage))
    found = answers_on_stage(db.session(), outline.id, chosen_language())
    lines = {answer.measure_id: outline.line_with_id(answer.measure_id) for answer in found}
    return render_template(
        "responses/answers.html",
        stage=outline,
        measures=[(lines[id], [a for a in found if a.measure_id == id]) for id in lines],
        categories=CATEGORIES,
    )


@views.get("/answers")
@staff(*MAY_ANSWER)
def desk() -> str:
    session = db.session()
    stages = [
        (_outline(stage), queries.answer_counts(session, stage.id)) for stage in all_stages(session)
    ]
    return render_template("responses/desk.html", stages=stages)


@views.get("/stages/<code:stage>/measures/<code:code>/answers")
@staff(*MAY_ANSWER)
def on_measure(stage: str, code: str) -> str:
    outline, line = _measure(stage, code)
    after = request.args.get("after", 0, type=row_id)
    unanswered = queries.unanswered_comments(db.session(), line.id, after=after)
    return render_template(
        "responses/on_measure.html",
        stage=outline,
        measure=line,
        responses=queries.responses_on(db.session(), line.id),
        unanswered=unanswered,
        following=unanswered[-1].id if len(unanswered) == queries.PAGE else None,
        after=after,
        categories=CATEGORIES,
    )


@views.route("/stages/<code:stage>/measures/<code:code>/answers/new", methods=["GET", "POST"])
@staff(*MAY_ANSWER)
def new(stage: str, code: str) -> str | Answer | tuple[str, int]:
    outline, line = _measure(stage, code)
    if request.method == "GET":
        chosen = sorted(set(request.args.getlist("comment", type=row_id)))
        return _form_page(outline, line, _form(data={"comments": written(tuple(chosen))}))
    form = _form(request.form)
    if not form.validate():
        return _form_page(outline, line, form), 400
    made = services.draft_response(
        db.session(),
        line.id,
        form.wording(_languages()),
        form.numbers,
        staff_id=current_user.staff_id,
        now=utc_now(),
    )
    return redirect(url_for("responses.edit", response_id=made.id))


@views.route(f"/answers/<int(max={LARGEST_ID}):response_id>", methods=["GET", "POST"])
@staff(*MAY_ANSWER)
def edit(response_id: int) -> str | Answer | tuple[str, int]:
    found = _response(response_id)
    outline, line = _place(found)
    if request.method == "GET":
        return _form_page(outline, line, _form(data=_as_it_stands(found)), found)
    form = _form(request.form)
    if not form.validate():
        return _form_page(outline, line, form, found), 400
    services.reword_response(
        db.session(),
        response_id,
        form.wording(_languages()),
        form.numbers,
        version=form.version.data or 0,
        staff_id=current_user.staff_id,
        now=utc_now(),
    )
    return redirect(url_for("responses.edit", response_id=response_id))


@views.post(f"/answers/<int(max={LARGEST_ID}):response_id>/publication")
@staff(*MAY_ANSWER)
def publish(response_id: int) -> Answer:
    found = _response(response_id)
    outline, line = _place(found)
    services.publish_response(
        db.session(),
        response_id,
        version=request.form.get("version", 0, type=row_id),
        staff_id=current_user.staff_id,
        now=utc_now(),
    )
    return redirect(url_for("responses.on_measure", stage=outline.slug, code=line.code))


def _form(typed: Any = None, data: dict[str, Any] | None = None) -> AnswerForm:
    return answer_form(_languages(), typed, data)


def _form_page(
    outline: StageOutline, line: Line, form: AnswerForm, found: Response | None = None
) -> str:
    return render_template(
        "responses/form.html",
        stage=outline,
        measure=line,
        form=form,
        answer_languages=_languages(),
        response=found,
        stands=queries.version_of(db.session(), found.id, found.version) if found else None,
    )


def _as_it_stands(found: Response) -> dict[str, Any]:
    session = db.session()
    version = queries.version_of(session, found.id, found.version)
    bodies = queries.bodies_of(session, found.id, found.version)
    return {
        "version": found.version,
        "category": version.category.value if version else None,
        "comments": written(queries.answered_ids(session, found.id, found.version)),
        **{f"body_{lang}": body for lang, body in bodies.items()},
    }


def _languages() -> tuple[str, ...]:
    languages: tuple[str, ...] = current_app.config["LANGUAGES"]
    return languages


def _response(response_id: int) -> Response:
    found = db.session().get(Response, response_id)
    if found is None:
        abort(404)
    return found


def _place(found: Response) -> tuple[StageOutline, Line]:
    outline = _outline(found.measure.stage)
    line = outline.line_with_id(found.measure_id)
    if line is None:
        abort(404)
    return outline, line


def _stage(slug: str) -> Stage:
    found = stage_by_slug(db.session(), slug)
    if found is None:
        abort(404)
    return found


def _outline(stage: Stage) -> StageOutline:
    return stage_outline(db.session(), stage, chosen_language(), utc_now(), with_withdrawn=True)


def _measure(slug: str, code: str) -> tuple[StageOutline, Line]:
    outline = _outline(_stage(slug))
    line = outline.measure(code)
    if line is None:
        abort(404)
    return outline, line
