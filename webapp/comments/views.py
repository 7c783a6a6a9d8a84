"""Writing a comment (form, check, receipt) and looking up where it stands."""

from __future__ import annotations

import secrets

from flask import Blueprint, abort, current_app, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from webapp.access import anyone
from webapp.citytime import utc_now
from webapp.comments import services
from webapp.comments.forms import CommentForm, FormKeys, LookUpForm
from webapp.db import db
from webapp.i18n import chosen_language
from webapp.limits import receipts_limit, submissions_limit
from webapp.measures.queries import Line, StageOutline, measure_by_code
from webapp.measures.views import outline_or_404
from webapp.receipts.views import comment_of_receipt, status_page, unknown_receipt
from webapp.sealing import Sealer

views = Blueprint("comments", __name__)


@views.route("/stages/<code:stage>/measures/<code:code>/comment", methods=["GET", "POST"])
@anyone
@submissions_limit
def write(stage: str, code: str) -> str | tuple[str, int]:
    outline = outline_or_404(stage)
    line = outline.line(code)
    if line is None or line not in outline.measures:
        abort(404)
    form = _form(line)
    if request.method == "GET":
        form.form_key.data = _keys().new(secrets.token_urlsafe(12))
        return _page("comments/write.html", outline, line, form=form)
    step = request.form.get("step", "confirm")
    if step == "edit":
        return _page("comments/write.html", outline, line, form=form)
    if not form.validate() or not _is_sent_by_a_person(form):
        return _page("comments/write.html", outline, line, form=form), 400
    if step != "send":
        return _page("comments/confirm.html", outline, line, form=form)
    return _send(outline, line, form)


def _send(outline: StageOutline, line: Line, form: CommentForm) -> str | tuple[str, int]:
    measure = measure_by_code(db.session(), outline.slug, line.code)
    if measure is None:
        abort(404)
    now = utc_now()
    draft = form.draft(chosen_language())
    receipt = services.submit_comment(
        db.session(),
        measure,
        draft,
        secret_key=current_app.config["SECRET_KEY"],
        sealer=Sealer(current_app.config["IDENTITY_KEYS"]),
        now=now,
    )
    shown = {
        "number": receipt.number,
        "secret": receipt.secret,
        "measure": line,
        "text": draft.text,
        "language": draft.language,
        "received_at": now,
    }
    return _page("comments/receipt.html", outline, line, receipt=shown)


@views.route("/receipts", methods=["GET", "POST"])
@anyone
@receipts_limit
def look_up() -> str | tuple[str, int]:
    form = LookUpForm(request.form)
    if request.method == "GET":
        return render_template("comments/look_up.html", form=form)
    comment = comment_of_receipt(form)
    return status_page(comment) if comment is not None else unknown_receipt()


def _form(line: Line) -> CommentForm:
    typed = request.form if request.method == "POST" else MultiDict()
    actions = [
        (below.code, f"{below.code} {below.words}") for below in line.walk() if below is not line
    ]
    languages = [chosen_language(), *current_app.config["LANGUAGES"]]
    chosen = request.args.get("action", "")
    return CommentForm(
        typed,
        actions=actions,
        languages=list(dict.fromkeys(languages)),
        data={"action": chosen if chosen in dict(actions) else ""},
    )


def _keys() -> FormKeys:
    return FormKeys(current_app.config["SECRET_KEY"])


def _is_sent_by_a_person(form: CommentForm) -> bool:
    """The bait untouched and the key ours; else say what to do, and keep the text."""
    if _keys().opened_at(form.form_key.data or "") is None:
        form.form_key.data = _keys().new(secrets.token_urlsafe(12))
        form.form_errors.append(_("This form was open for very long. Please send it once more."))
        return False
    if form.website.data:
        form.form_errors.append(_("Please leave the hidden box empty and send it once more."))
        return False
    return True


def _page(template: str, outline: StageOutline, line: Line, **facts: object) -> str:
    path = outline.path_to(line.code)
    return render_template(
        template,
        stage=outline,
        measure=line,
        pillar=path[0] if path else None,
        closes_at=outline.closes_at,
        **facts,
    )
