"""The pages behind a receipt. Each is the answer to a form that carries number and secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_limiter import RateLimitExceeded

from webapp.access import anyone
from webapp.citytime import utc_now
from webapp.comments import addresses
from webapp.comments.cautions import Caution
from webapp.comments.forms import warnings
from webapp.comments.models import Comment, ReceiptRow
from webapp.comments.queries import comments_of_receipt
from webapp.comments.waiting import please_wait
from webapp.db import db
from webapp.form import fields_of
from webapp.i18n import chosen_language, written_languages
from webapp.limits import handouts_limit, receipts_limit, steps_limit
from webapp.measures.queries import all_stages, stage_outline
from webapp.measures.rules import Phase
from webapp.receipts import services
from webapp.receipts.export import holdings
from webapp.receipts.forms import WHO, WORDS, RevisionForm, StepForm, WishForm
from webapp.receipts.opening import Answer, carried, with_comment, with_receipt
from webapp.receipts.queries import appealable_decision, may_be_revised
from webapp.receipts.rules import ChangedMeanwhile
from webapp.receipts.sheet import receipt_sheet
from webapp.receipts.status import AuthorStatus, status_for_author
from webapp.responses.forms import CATEGORIES
from webapp.sealing import Sealer
from webapp.steps import is_sending

views = Blueprint("receipts", __name__)
CARRIED = {*WHO, *WORDS, *fields_of(WishForm), "cautioned"}
"""Every field of a form behind a receipt."""


def status_page(receipt: ReceiptRow, news: str = "", *, sent: str = "") -> str:
    """Where the comments of a receipt stand, newest first. `news` says what has just been done.

    `sent` names the form that was just sent, so that the browser forgets its draft.
    """
    return render_template(
        "comments/status.html",
        receipt=receipt,
        statuses=_statuses(receipt)[::-1],
        news=news,
        sent=sent,
        who=carried(),
        categories=CATEGORIES,
    )


@views.post("/receipts/another")
@anyone
@receipts_limit
@with_receipt
def another(receipt: ReceiptRow) -> Answer:
    """The measures that can be written about now, with the receipt in hand."""
    session, lang, now = db.session(), chosen_language(), utc_now()
    stages = [stage_outline(session, stage, lang, now) for stage in all_stages(session)]
    return render_template(
        "receipts/another.html",
        receipt=receipt,
        stages=[stage for stage in stages if stage.phase is Phase.OPEN],
        who=carried(),
    )


@views.post("/receipts/withdraw")
@anyone
@receipts_limit
@steps_limit
@with_comment
def withdraw(comment: Comment) -> Answer:
    form = StepForm(request.form)
    if comment.withdrawn_at is not None:
        return status_page(comment.receipt)
    if not is_sending() or not form.validate():
        return _ask("receipts/withdraw.html", comment)
    try:
        services.withdraw(db.session(), comment.id, version=form.version.data or 0, now=utc_now())
    except ChangedMeanwhile:
        db.session.rollback()
        return _ask("receipts/withdraw.html", comment, changed=True), 409
    news = _("Your comment has been withdrawn.")
    return status_page(comment.receipt, news, sent=_draft_of(comment, form.version.data))


@views.post("/receipts/revise")
@anyone
@receipts_limit
@steps_limit
@with_comment
def revise(comment: Comment) -> Answer:
    if not is_sending():
        if not may_be_revised(comment, utc_now()):
            return status_page(comment.receipt)
        is_fresh = "text" not in request.form  # else the page is wanted in another language
        form = _revision_form(comment, request.form, fresh=is_fresh)
        return _revision_page(comment, form, fresh=is_fresh)
    form = _revision_form(comment, request.form)
    if not form.validate():
        return _revision_page(comment, form), 400
    cautions = warnings(form.text.data or "")
    if cautions and request.form.get("cautioned") != "yes":
        return _revision_page(comment, form, cautions)
    services.revise(
        db.session(),
        comment.id,
        form.revision(),
        version=form.version.data or 0,
        now=utc_now(),
    )
    news = _("Your new version has been received. It will be read anew.")
    return status_page(comment.receipt, news, sent=_draft_of(comment, form.version.data))


@views.post("/receipts/second-look")
@anyone
@receipts_limit
@steps_limit
@with_comment
def second_look(comment: Comment) -> Answer:
    if not is_sending():
        if appealable_decision(db.session(), comment) is None:
            return status_page(comment.receipt)
        return _ask("receipts/second_look.html", comment, form=WishForm(request.form))
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
    return status_page(comment.receipt, _("Another person will look at it."))


@views.post("/receipts/letters")
@anyone
@receipts_limit
@handouts_limit
@with_receipt
def letters(receipt: ReceiptRow) -> Answer:
    """Ask the address of the receipt once more. The answer is the same whatever comes of it."""
    addresses.ask_for_first_letter(
        db.session(),
        receipt.id,
        secret_key=current_app.config["SECRET_KEY"],
        sealer=Sealer(current_app.config["IDENTITY_KEYS"]),
        now=utc_now(),
    )
    return status_page(
        receipt,
        _(
            "If an e-mail may go to the address you gave, it is on its way. "
            "Please open the link in it."
        ),
    )


@views.post("/receipts/erase")
@anyone
@receipts_limit
@steps_limit
@with_receipt
def erase(receipt: ReceiptRow) -> Answer:
    if not is_sending():
        statuses = _statuses(receipt)
        return render_template(
            "receipts/erase.html", receipt=receipt, statuses=statuses, who=carried()
        )
    services.erase_person(db.session(), receipt.id, now=utc_now())
    return status_page(receipt, _("Your personal data have been erased."))


@views.post("/receipts/data")
@anyone
@receipts_limit
@handouts_limit
@with_receipt
def data(receipt: ReceiptRow) -> Answer:
    now, sealer = utc_now(), Sealer(current_app.config["IDENTITY_KEYS"])
    document = holdings(db.session(), receipt, chosen_language(), sealer, now)
    services.note_export(db.session(), receipt.id, now=now)
    return _file(receipt.number, document.encode(), "application/json", "json")


@views.post("/receipts/sheet")
@anyone
@receipts_limit
@handouts_limit
@with_receipt
def sheet(receipt: ReceiptRow) -> Answer:
    address = current_app.config["PUBLIC_URL"] + url_for("comments.look_up")
    number, statuses = receipt.number, _statuses(receipt)
    db.session.rollback()  # SQLite's one writer need not wait while a sheet is drawn
    pdf = receipt_sheet(statuses, request.form.get("secret", ""), address)
    return _file(number, pdf, "application/pdf", "pdf")


@views.errorhandler(RateLimitExceeded)
def too_often(_error: RateLimitExceeded) -> Response:
    """Too much behind this receipt: what was typed comes back, with a way to send it again."""
    return please_wait("receipts/too_often.html", CARRIED)


def _statuses(receipt: ReceiptRow) -> list[AuthorStatus]:
    session, lang, now = db.session(), chosen_language(), utc_now()
    comments = comments_of_receipt(session, receipt.id)
    return [status_for_author(session, comment, lang, now) for comment in comments]


def _who(comment: Comment) -> dict[str, Any]:
    """What each form about one comment carries along."""
    return {**carried(), "comment": comment.id, "version": comment.version}


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
    first = [code for code in (comment.language, lang) if code != "other"]
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
        languages=written_languages(first),
        data={**said, **_who(comment)},
    )


def _revision_page(
    comment: Comment,
    form: RevisionForm,
    cautions: Sequence[tuple[Caution, str]] = (),
    *,
    fresh: bool = False,
) -> str:
    """The form; with `cautions` it says what looks private, once, before anything is sent.

    A `fresh` one shows what the comment says now, and the browser may put back its draft.
    """
    draft = _draft_of(comment, form.version.data or comment.version)
    facts = {"form": form, "cautions": cautions, "draft": draft, "fresh": fresh}
    return _ask("receipts/revise.html", comment, **facts)


def _draft_of(comment: Comment, version: int | None) -> str:
    """How the browser calls what it keeps of a revision: no measure has such a name.

    A draft belongs to the version that its author saw, and is not put over a later one.
    """
    return f"revision:{comment.id}:{version}"


def _file(number: str, body: bytes, kind: str, ending: str) -> Response:
    """A file for its author alone: to be saved, and kept by nobody on the way."""
    response = make_response(body)
    response.mimetype = kind
    name = f"tomakoe-{number}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
