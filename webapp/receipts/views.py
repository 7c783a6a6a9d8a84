"""The pages behind a receipt. Each is the answer to a form that carries number and secret."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _

from webapp.access import anyone
from webapp.citytime import utc_now
from webapp.comments.forms import LookUpForm
from webapp.comments.models import Comment
from webapp.comments.queries import comment_for_receipt, receipt_of
from webapp.db import db
from webapp.i18n import chosen_language
from webapp.limits import note_wrong_guess, receipts_limit, sheets_limit
from webapp.measures.queries import stage_outline
from webapp.receipts import services
from webapp.receipts.export import holdings
from webapp.receipts.forms import RevisionForm, StepForm, WishForm
from webapp.receipts.queries import appealable_decision, may_be_revised
from webapp.receipts.rules import ChangedMeanwhile
from webapp.receipts.sheet import receipt_sheet
from webapp.receipts.status import status_for_author
from webapp.responses.forms import CATEGORIES
from webapp.sealing import Sealer

views = Blueprint("receipts", __name__)
Answer = str | tuple[str, int] | Response


def with_receipt(view: Callable[[Comment], Answer]) -> Callable[[], Answer]:
    """Open a view to whoever has number and secret; a wrong pair learns nothing, not even which."""

    @wraps(view)
    def opened() -> Answer:
        comment = comment_of_receipt(LookUpForm(request.form))
        return view(comment) if comment is not None else unknown_receipt()

    return opened


def comment_of_receipt(form: LookUpForm) -> Comment | None:
    """The comment whose number and secret were typed. A wrong pair is counted as a guess."""
    if not form.validate():
        return None
    found = comment_for_receipt(db.session(), form.number.data or "", form.secret.data or "")
    if found is None:
        note_wrong_guess()
    return found


def unknown_receipt() -> tuple[str, int]:
    form = LookUpForm(request.form)
    if form.validate():
        form.form_errors.append(_("No comment has this number with this secret code."))
    return render_template("comments/look_up.html", form=form), 400


def status_page(comment: Comment, news: str = "") -> str:
    """Where the comment stands. `news` says what has just been done."""
    status = status_for_author(db.session(), comment, chosen_language(), utc_now())
    return render_template(
        "comments/status.html",
        status=status,
        news=news,
        who=_who(comment),
        categories=CATEGORIES,
    )


@views.post("/receipts/withdraw")
@anyone
@receipts_limit
@with_receipt
def withdraw(comment: Comment) -> Answer:
    form = StepForm(request.form)
    if comment.withdrawn_at is not None:
        return status_page(comment)
    if request.form.get("step") != "send" or not form.validate():
        return _ask("receipts/withdraw.html", comment)
    try:
        services.withdraw(db.session(), comment.id, version=form.version.data or 0, now=utc_now())
    except ChangedMeanwhile:
        db.session.rollback()
        return _ask("receipts/withdraw.html", comment, changed=True), 409
    return status_page(comment, _("Your comment has been withdrawn."))


@views.post("/receipts/revise")
@anyone
@receipts_limit
@with_receipt
def revise(comment: Comment) -> Answer:
    if request.form.get("step") != "send":
        if not may_be_revised(comment, utc_now()):
            return status_page(comment)
        return _revision_page(comment, _revision_form(comment, request.form, fresh=True))
    form = _revision_form(comment, request.form)
    if not form.validate():
        return _revision_page(comment, form), 400
    services.revise(
        db.session(),
        comment.id,
        form.revision(),
        version=form.version.data or 0,
        now=utc_now(),
    )
    return status_page(comment, _("Your new version has been received. It will be read anew."))


@views.post("/receipts/second-look")
@anyone
@receipts_limit
@with_receipt
def second_look(comment: Comment) -> Answer:
    if request.form.get("step") != "send":
        if appealable_decision(db.session(), comment) is None:
            return status_page(comment)
        return _ask("receipts/second_look.html", comment, form=WishForm(data=_who(comment)))
    form = WishForm(request.form)
    if not form.validate():
        return _ask("receipts/second_look.html", comment, form=form), 400
    services.ask_for_second_look(
        db.session(),
        comment.id,
        note=form.note.data or "",
        version=form.version.data or 0,
        now=utc_now(),
    )
    return status_page(comment, _("Another person will look at it."))


@views.post("/receipts/erase")
@anyone
@receipts_limit
@with_receipt
def erase(comment: Comment) -> Answer:
    if request.form.get("step") != "send":
        return _ask("receipts/erase.html", comment)
    services.erase_person(db.session(), comment.id, now=utc_now())
    return status_page(comment, _("Your personal data have been erased."))


@views.post("/receipts/data")
@anyone
@receipts_limit
@with_receipt
def data(comment: Comment) -> Answer:
    now, sealer = utc_now(), Sealer(current_app.config["IDENTITY_KEYS"])
    document = holdings(db.session(), comment, chosen_language(), sealer, now)
    services.note_export(db.session(), comment.id, now=now)
    return _file(comment, document.encode(), "application/json", "json")


@views.post("/receipts/sheet")
@anyone
@receipts_limit
@sheets_limit
@with_receipt
def sheet(comment: Comment) -> Answer:
    status = status_for_author(db.session(), comment, chosen_language(), utc_now())
    address = current_app.config["PUBLIC_URL"] + url_for("comments.look_up")
    pdf = receipt_sheet(comment, status, _who(comment)["secret"], address)
    return _file(comment, pdf, "application/pdf", "pdf")


def _who(comment: Comment) -> dict[str, Any]:
    """What each form on these pages carries along."""
    form = request.form
    return {
        "number": form.get("number", ""),
        "secret": form.get("secret", ""),
        "version": comment.version,
    }


def _ask(template: str, comment: Comment, **facts: object) -> str:
    """A page that asks once more before anything is done."""
    status = status_for_author(db.session(), comment, chosen_language(), utc_now())
    return render_template(template, status=status, who=_who(comment), **facts)


def _revision_form(comment: Comment, typed: Any, *, fresh: bool = False) -> RevisionForm:
    """The form filled with what the author typed; a fresh one with what the comment says now."""
    lang, stage = chosen_language(), comment.measure.stage
    outline = stage_outline(db.session(), stage, lang, utc_now(), with_withdrawn=True)
    line = outline.line_with_id(comment.measure_id)
    below = [part for part in line.walk() if part is not line] if line else []
    languages = [comment.language, lang, *current_app.config["LANGUAGES"]]
    known = [code for code in dict.fromkeys(languages) if code != "other"]
    said = {
        "text": comment.text,
        "action": comment.action.code if comment.action else "",
        "stance": comment.stance.value if comment.stance else "",
        "residency": comment.residency.value if comment.residency else "",
        "language": comment.language,
    }
    return RevisionForm(
        None if fresh else typed,
        actions=[(part.code, f"{part.code} {part.words}") for part in below],
        languages=known,
        data={**said, **_who(comment)},
    )


def _revision_page(comment: Comment, form: RevisionForm) -> str:
    return _ask("receipts/revise.html", comment, form=form)


def _file(comment: Comment, body: bytes, kind: str, ending: str) -> Response:
    """A file for its author alone: to be saved, and kept by nobody on the way."""
    receipt = receipt_of(db.session(), comment.id)
    name = f"tomakoe-{receipt.number if receipt else comment.id}.{ending}"
    response = make_response(body)
    response.mimetype = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
