"""Who has number and secret: a receipt is opened, or nothing at all is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from flask import Response, render_template, request
from flask_babel import gettext as _

from webapp.comments.forms import LookUpForm
from webapp.comments.models import Comment, ReceiptRow
from webapp.comments.queries import comments_of_receipt, receipt_with_secret
from webapp.db import db
from webapp.edge import row_id
from webapp.limits import note_wrong_guess

Answer = str | tuple[str, int] | Response


def with_receipt(view: Callable[[ReceiptRow], Answer]) -> Callable[[], Answer]:
    """Open a view to whoever has number and secret; a wrong pair learns nothing, not even which."""

    @wraps(view)
    def opened() -> Answer:
        receipt = receipt_of_form(LookUpForm(request.form))
        return view(receipt) if receipt is not None else unknown_receipt()

    return opened


def with_comment(view: Callable[[Comment], Answer]) -> Callable[[], Answer]:
    """The same, for one comment of the receipt: the one that was named, else its first."""

    @wraps(view)
    def opened(receipt: ReceiptRow) -> Answer:
        comments = comments_of_receipt(db.session(), receipt.id)
        named = request.form.get("comment", type=row_id)
        return view(next((c for c in comments if c.id == named), comments[0]))

    return with_receipt(opened)


def receipt_of_form(form: LookUpForm) -> ReceiptRow | None:
    """The receipt whose number and secret were typed. A wrong pair is counted as a guess."""
    if _is_still_typing() or not form.validate():
        return None
    found = receipt_with_secret(db.session(), form.number.data or "", form.secret.data or "")
    if found is None:
        note_wrong_guess()
    return found


def unknown_receipt() -> tuple[str, int]:
    form = LookUpForm(request.form)
    if _is_still_typing():
        return render_template("comments/look_up.html", form=form), 200
    if form.validate():  # both may be wrong, and the link of the error has to lead somewhere
        form.secret.errors = [_("No comment has this number with this secret code.")]
    return render_template("comments/look_up.html", form=form), 400


def _is_still_typing() -> bool:
    """The page that asks for the pair is only wanted in another language."""
    return request.form.get("switch") == "look-up"


def carried() -> dict[str, object]:
    """What the forms behind a receipt hand on: the pair that opened it."""
    return {name: request.form.get(name, "") for name in ("number", "secret")}
