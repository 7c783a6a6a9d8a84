"""The translators' desk: what is left, one text, files for outside, and the glossary."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers.response import Response as Redirection

from webapp.access import staff
from webapp.citytime import utc_now
from webapp.db import db
from webapp.edge import LARGEST_ID, row_id
from webapp.i18n import chosen_language
from webapp.interpreting.views import targets
from webapp.measures.models import Origin, Stage
from webapp.measures.queries import StageOutline, all_stages, stage_by_slug, stage_outline
from webapp.measures.rules import SOURCE_LANGUAGE
from webapp.moderation.differences import changes
from webapp.translating import queries, services
from webapp.translating.exchange import BadFile, as_csv, as_xliff, read_back
from webapp.translating.forms import ORIGINS, STATES, ImportForm, TermForm, TranslationForm
from webapp.translating.queries import Work
from webapp.translating.rules import MAY_TRANSLATE, State, Wording, marked, terms_left_out

views = Blueprint("translating", __name__)
Answer = str | Response | Redirection | tuple[str, int]
WORK = "/stages/<code:stage>/translations/<code:target>"


@views.get("/translations")
@staff(*MAY_TRANSLATE)
def overview() -> str:
    session = db.session()
    stages = [
        (_outline(stage), {lang: queries.states_of(session, stage, lang) for lang in _targets()})
        for stage in all_stages(session)
    ]
    return render_template(
        "translating/overview.html",
        stages=stages,
        states=STATES,
        targets=_targets(),
        comment_targets=targets(),
    )


@views.get(WORK)
@staff(*MAY_TRANSLATE)
def work(stage: str, target: str) -> str:
    found, lang = _stage(stage), _target(target)
    everything = queries.work_on(db.session(), found, lang)
    wanted = request.args.get("state", "")
    return render_template(
        "translating/work.html",
        stage=_outline(found),
        target=lang,
        work=[one for one in everything if wanted in ("", one.state)],
        counts=queries.states_of(db.session(), found, lang),
        wanted=wanted,
        states=STATES,
        changed=request.args.get("changed", type=row_id),
    )


@views.route(f"{WORK}/<int(max={LARGEST_ID}):text_id>", methods=["GET", "POST"])
@staff(*MAY_TRANSLATE)
def text(stage: str, target: str, text_id: int) -> Answer:
    found, lang = _stage(stage), _target(target)
    one = queries.work_with_text(db.session(), found, lang, text_id)
    if one is None:
        abort(404)
    if request.method == "GET":
        return _text_page(found, lang, one, TranslationForm(data=_as_it_stands(one)))
    form = TranslationForm(request.form)
    if not form.validate():
        return _text_page(found, lang, one, form), 400
    if form.step.data != "publish":
        return _text_page(found, lang, one, form, preview=True)
    services.publish_translation(
        db.session(),
        Wording(text_id, form.source_version.data or 0, form.body.data or ""),
        lang=lang,
        version=form.version.data or 0,
        staff_id=current_user.staff_id,
        now=utc_now(),
    )
    following = _next(found, lang, one)
    if following is None:
        return redirect(url_for("translating.work", stage=stage, target=lang, changed=1))
    return redirect(url_for("translating.text", stage=stage, target=lang, text_id=following))


@views.get(f"{WORK}/csv")
@staff(*MAY_TRANSLATE)
def csv_file(stage: str, target: str) -> Response:
    found, lang = _stage(stage), _target(target)
    return _file(as_csv(queries.work_on(db.session(), found, lang)), stage, lang, "text/csv", "csv")


@views.get(f"{WORK}/xliff")
@staff(*MAY_TRANSLATE)
def xliff_file(stage: str, target: str) -> Response:
    found, lang = _stage(stage), _target(target)
    written = as_xliff(queries.work_on(db.session(), found, lang), stage=stage, lang=lang)
    return _file(written, stage, lang, "application/xliff+xml", "xlf")


@views.route(f"{WORK}/import", methods=["GET", "POST"])
@staff(*MAY_TRANSLATE)
def import_file(stage: str, target: str) -> Answer:
    found, lang = _stage(stage), _target(target)
    form = ImportForm(request.form)
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 400
        return _import_page(found, lang, form), status
    sent = request.files.get("file")
    known = queries.work_on(db.session(), found, lang)
    try:
        wordings = read_back(sent.read() if sent else b"", known, lang=lang)
    except BadFile as bad:
        return _import_page(found, lang, form, bad.reasons), 400
    changed = services.import_translations(
        db.session(),
        wordings,
        lang=lang,
        origin=Origin(form.origin.data),
        staff_id=current_user.staff_id,
        now=utc_now(),
    )
    return redirect(url_for("translating.work", stage=stage, target=lang, changed=changed))


@views.route("/glossary/<code:target>", methods=["GET", "POST"])
@staff(*MAY_TRANSLATE)
def glossary(target: str) -> Answer:
    lang = _target(target)
    form = TermForm(request.form)
    if request.method == "GET" or not form.validate():
        terms = queries.glossary(db.session(), lang)
        page = render_template(
            "translating/glossary.html", target=lang, terms=terms, form=form, targets=_targets()
        )
        return page, 200 if request.method == "GET" else 400
    services.put_term(
        db.session(),
        lang=lang,
        source=form.source.data or "",
        target=form.target.data or "",
        note=form.note.data or "",
        staff_id=current_user.staff_id,
        now=utc_now(),
    )
    return redirect(url_for("translating.glossary", target=lang))


@views.post(f"/glossary/<code:target>/<int(max={LARGEST_ID}):term_id>/removal")
@staff(*MAY_TRANSLATE)
def remove_term(target: str, term_id: int) -> Redirection:
    services.remove_term(db.session(), term_id, staff_id=current_user.staff_id, now=utc_now())
    return redirect(url_for("translating.glossary", target=_target(target)))


def _text_page(
    stage: Stage, lang: str, one: Work, form: TranslationForm, *, preview: bool = False
) -> str:
    session = db.session()
    terms = queries.glossary(session, lang)
    sources = queries.versions_of(session, one.text_id, SOURCE_LANGUAGE)
    made_from = one.target.source_version if one.target else None
    old = next((source for source in sources if source.version == made_from), None)
    return render_template(
        "translating/text.html",
        stage=_outline(stage),
        target=lang,
        one=one,
        form=form,
        preview=preview,
        states=STATES,
        origins=ORIGINS,
        pieces=marked(one.source.body, terms),
        left_out=terms_left_out(one.source.body, form.body.data or "", terms)
        if preview or one.target
        else [],
        difference=changes(old.body, one.source.body)
        if old and old.version != one.source.version
        else (),
        earlier=queries.versions_of(session, one.text_id, lang),
        following=_next(stage, lang, one),
    )


def _import_page(stage: Stage, lang: str, form: ImportForm, reasons: object = ()) -> str:
    return render_template(
        "translating/import.html", stage=_outline(stage), target=lang, form=form, reasons=reasons
    )


def _as_it_stands(one: Work) -> dict[str, object]:
    return {
        "version": one.target.version if one.target else 0,
        "source_version": one.source.version,
        "body": one.target.body if one.target else "",
    }


def _next(stage: Stage, lang: str, here: Work) -> int | None:
    """The next text after this one that needs a translator, round and round."""
    everything = list(queries.work_on(db.session(), stage, lang))
    ids = [one.text_id for one in everything]
    place = ids.index(here.text_id) + 1
    round_trip = [*everything[place:], *everything[: place - 1]]
    return next((one.text_id for one in round_trip if one.state is not State.DONE), None)


def _file(body: bytes, stage: str, lang: str, kind: str, ending: str) -> Response:
    response = make_response(body)
    response.mimetype = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{stage}-{lang}.{ending}"'
    return response


def _targets() -> tuple[str, ...]:
    return tuple(lang for lang in current_app.config["LANGUAGES"] if lang != SOURCE_LANGUAGE)


def _target(code: str) -> str:
    if code not in _targets():
        abort(404)
    return code


def _stage(slug: str) -> Stage:
    found = stage_by_slug(db.session(), slug)
    if found is None:
        abort(404)
    return found


def _outline(stage: Stage) -> StageOutline:
    return stage_outline(db.session(), stage, chosen_language(), utc_now())
