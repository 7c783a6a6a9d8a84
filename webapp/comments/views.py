"""Writing a comment (form, check, receipt) and looking up where it stands."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import (
    Blueprint,
    Response,
    abort,
    after_this_request,
    current_app,
    make_response,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_limiter import RateLimitExceeded
from werkzeug.datastructures import MultiDict

from webapp.access import anyone
from webapp.citytime import utc_now
from webapp.comments import queries, services
from webapp.comments.contacts import contact_of_receipt
from webapp.comments.effort import Efforts, Offer
from webapp.comments.forms import (
    CommentForm,
    FormKeys,
    IdentifiedCommentForm,
    LookUpForm,
    warnings,
)
from webapp.comments.models import ReceiptRow
from webapp.comments.queries import identity_of_receipt
from webapp.comments.rules import (
    FormKeyReused,
    PeriodClosed,
    PeriodNotOpen,
    ReceiptFull,
)
from webapp.comments.waiting import later, please_wait, seconds_until
from webapp.db import db
from webapp.errors import http_problem, refused
from webapp.form import fields_of
from webapp.i18n import chosen_language, written_languages
from webapp.limits import (
    forms_limit,
    is_waiting_instead,
    measure_limit,
    names_a_receipt,
    note_waiting,
    receipts_limit,
    slow_way_limit,
    submissions_limit,
)
from webapp.measures.queries import Line, StageOutline, current_period
from webapp.measures.views import outline_or_404
from webapp.receipts.opening import receipt_of_form, unknown_receipt
from webapp.receipts.views import status_page
from webapp.refusal import Refusal
from webapp.sealing import Sealer
from webapp.steps import asked_step

views = Blueprint("comments", __name__)


@dataclass(frozen=True)
class _Target:
    """The measure of this address, as the use case wants to know it."""

    id: int
    stage_id: int


@views.route("/stages/<code:stage>/measures/<code:code>/comment", methods=["GET", "POST"])
@anyone
@submissions_limit
@measure_limit
@slow_way_limit
@forms_limit
@receipts_limit
def write(stage: str, code: str) -> str | Response | tuple[str, int]:
    outline = outline_or_404(stage)
    line = outline.measure(code)
    if line is None:
        abort(404)
    step = asked_step()
    if step != "send":  # a form that was sent in time and is sent again gets its receipt
        services.check_open(outline.opens_at, outline.closes_at, utc_now())
    receipt = _receipt_in_hand()
    form = _form(outline, line, receipt)
    if request.method == "GET" or step == "open":
        form.form_key.data = _keys().new(secrets.token_urlsafe(12))
    if receipt is None and names_a_receipt():
        return _without_receipt(outline, line, form), 400
    if request.method == "GET" or step in ("open", "edit"):
        return _form_page("comments/write.html", outline, line, form)
    if not form.validate() or not _is_sent_by_a_person(form):
        return _form_page("comments/write.html", outline, line, form), 400
    offer = _offer(line, form, utc_now())
    if step != "send":
        return _check(outline, line, form, offer)
    if offer is not None:
        return later(_check(outline, line, form, offer, pressed=True), offer.ready_at)
    if _is_quick(form):
        return _check(outline, line, form, offer, quick=True), 400
    return _send(outline, line, form, receipt)


@views.errorhandler(PeriodClosed)
@views.errorhandler(PeriodNotOpen)
@views.errorhandler(FormKeyReused)
@views.errorhandler(ReceiptFull)
def not_taken(refusal: Refusal) -> tuple[str, int]:
    """Why nothing can be sent here now, with what was typed and the way back to the measure."""
    measure = url_for("measures.measure", **(request.view_args or {}))
    return refused(refusal, measure, _("Back to the measure"))


def _receipt_in_hand() -> ReceiptRow | None:
    """The receipt that this form joins: only who has number and secret adds to it."""
    return receipt_of_form(LookUpForm(request.form)) if names_a_receipt() else None


def _without_receipt(outline: StageOutline, line: Line, form: CommentForm) -> str:
    """The pair opens nothing: say so, keep the text, and go on as with a first comment."""
    form.number.data = form.secret.data = ""
    form.form_errors.append(
        _("That receipt was not found. If you send it now, you get a new receipt.")
    )
    return _form_page("comments/write.html", outline, line, form)


def _send(outline: StageOutline, line: Line, form: CommentForm, joined: ReceiptRow | None) -> str:
    now = utc_now()
    draft = form.draft(chosen_language())
    receipt = services.submit_comment(
        db.session(),
        _Target(line.id, outline.id),
        draft,
        secret_key=current_app.config["SECRET_KEY"],
        sealer=Sealer(current_app.config["IDENTITY_KEYS"]),
        now=now,
        joins=joined.id if joined else None,
    )
    if joined is not None:
        news = _("Thank you. We have received your comment. It is kept with the same receipt.")
        if receipt.received_before:
            news = _("This comment had arrived already. It is kept with the same receipt.")
        return status_page(joined, news, sent=f"{outline.slug}/{line.code}")
    shown = {
        "number": receipt.number,
        "secret": receipt.secret,
        "measure": line,
        "text": draft.text,
        "language": draft.language,
        "received_at": receipt.received_before or now,
        "again": receipt.received_before is not None,
        "email": draft.email is not None,
    }
    return _page("comments/receipt.html", outline, line, receipt=shown)


@views.errorhandler(RateLimitExceeded)
def too_many(error: RateLimitExceeded) -> Response:
    """Too many from this address: what was typed comes back, with a way to send it again."""
    if request.endpoint != "comments.write":
        return make_response(http_problem(error))
    return please_wait("comments/too_many.html", fields_of(IdentifiedCommentForm))


@views.route("/receipts", methods=["GET", "POST"])
@anyone
@receipts_limit
def look_up() -> str | tuple[str, int]:
    form = LookUpForm(request.form)
    if request.method == "GET":
        return render_template("comments/look_up.html", form=form)
    receipt = receipt_of_form(form)
    return status_page(receipt) if receipt is not None else unknown_receipt()


def _form(outline: StageOutline, line: Line, receipt: ReceiptRow | None) -> CommentForm:
    """The questions that are still open: what the receipt holds already is not asked again."""
    session = db.session()
    period = current_period(session, outline.id, utc_now()) if receipt else None
    is_known = receipt and period and identity_of_receipt(session, receipt.id, period.id)
    has_address = receipt is not None and contact_of_receipt(session, receipt.id) is not None
    typed = request.form if request.method == "POST" else MultiDict()
    actions = [
        (below.code, f"{below.code} {below.words}") for below in line.walk() if below is not line
    ]
    chosen = request.args.get("action", "")
    kind = IdentifiedCommentForm if outline.identity and not is_known else CommentForm
    form = kind(
        typed,
        actions=actions,
        languages=written_languages([chosen_language()]),
        data={"action": chosen if chosen in dict(actions) else ""},
    )
    if has_address:
        del form.email
    return form


def _keys() -> FormKeys:
    return FormKeys(current_app.config["SECRET_KEY"])


def _is_sent_by_a_person(form: CommentForm) -> bool:
    """The bait untouched and the key ours; else say what to do, and keep the text."""
    if _keys().opened_at(form.form_key.data or "") is None:
        form.form_key.data = _keys().new(secrets.token_urlsafe(12))
        form.form_errors.append(
            _("This form was open for a very long time. Please send it once more.")
        )
        return False
    if form.website.data:
        form.form_errors.append(_("Please leave the hidden box empty and send it once more."))
        return False
    return True


def _is_quick(form: CommentForm) -> bool:
    """Sent faster than a person reads. A form key counts whole seconds."""
    opened_at = _keys().opened_at(form.form_key.data or "")
    quickest = timedelta(seconds=current_app.config["QUICKEST_SECONDS"])
    return opened_at is not None and utc_now() - opened_at < quickest


def _offer(line: Line, form: CommentForm, now: datetime) -> Offer | None:
    """What is still to do before this form can be sent; None while its measure is quiet."""
    efforts = Efforts(
        current_app.config["SECRET_KEY"],
        timedelta(seconds=current_app.config["SLOW_WAY_SECONDS"]),
    )
    key, patience = form.form_key.data or "", form.patience.data or ""
    if is_waiting_instead() and efforts.is_waited(key, patience, now):
        note_waiting()
    if efforts.is_made(key, form.effort.data or "", patience, now):
        return None
    most = current_app.config["BURST_PER_MINUTE"]
    if not queries.is_under_burst(db.session(), line.id, now, most):
        return None
    db.session.rollback()  # SQLite's one writer need not wait while a page is made
    return efforts.offer(key, patience, now)


def _check(
    outline: StageOutline,
    line: Line,
    form: CommentForm,
    offer: Offer | None,
    *,
    pressed: bool = False,
    quick: bool = False,
) -> str:
    """What was written, to be looked at once more; `pressed` when it was to be sent already."""
    if offer is not None:
        form.effort.data, form.patience.data = "", offer.patience
    return _form_page(
        "comments/confirm.html",
        outline,
        line,
        form,
        offer=offer,
        pressed=pressed,
        wait=seconds_until(offer.ready_at, 1 if pressed else 5) if offer else 0,
        quick=quick,
        cautions=warnings(form.text.data or ""),
    )


def _form_page(
    template: str, outline: StageOutline, line: Line, form: CommentForm, **facts: object
) -> str:
    """The form, or its check; the browser may show it again when its reader goes back.

    Not a form that was only opened, which is opened afresh, and not with a name, an address
    or a receipt on it: whoever uses the device next goes back too.
    """
    has_address = bool(form.email and form.email.data)
    is_private = isinstance(form, IdentifiedCommentForm) or has_address or names_a_receipt()
    if request.method == "POST" and not is_private:

        @after_this_request
        def let_back_work(response: Response) -> Response:
            response.headers["Cache-Control"] = "private, no-cache"
            return response

    return _page(template, outline, line, form=form, **facts)


def _page(template: str, outline: StageOutline, line: Line, **facts: object) -> str:
    path = outline.path_to(line.code)
    return render_template(
        template,
        stage=outline,
        measure=line,
        pillar=path[0] if path else None,
        closes_at=outline.closes_at,
        identity=outline.identity,
        **facts,
    )
