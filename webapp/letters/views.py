"""Staff pages about letters: those in doubt, and the mailbox of a demonstration."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers.response import Response

from webapp.access import staff
from webapp.accounts.rules import Role
from webapp.citytime import utc_now
from webapp.db import db
from webapp.letters import queries, services
from webapp.letters.models import Delivery
from webapp.mail import KeptLetters, kept_letters

views = Blueprint("letters", __name__)
LARGEST_ID = 2**31 - 1


@views.get("/letters")
@staff(Role.ADMINISTRATOR)
def deliveries() -> str:
    doubtful = queries.doubtful_deliveries(db.session())
    return render_template("letters_desk/deliveries.html", deliveries=doubtful)


@views.post(f"/letters/<int(max={LARGEST_ID}):delivery_id>/arrived")
@staff(Role.ADMINISTRATOR)
def settle_as_arrived(delivery_id: int) -> Response:
    return _settle(delivery_id, arrived=True)


@views.post(f"/letters/<int(max={LARGEST_ID}):delivery_id>/send-again")
@staff(Role.ADMINISTRATOR)
def send_again(delivery_id: int) -> Response:
    return _settle(delivery_id, arrived=False)


@views.get("/mailbox")
@staff()
def kept() -> str:
    """The letters a demonstration keeps instead of sending."""
    return render_template("letters_desk/mailbox.html", letters=_box().letters()[:100])


@views.get("/mailbox/<letter:key>")
@staff()
def kept_letter(key: str) -> str:
    message = _box().letter(key)
    if message is None:
        abort(404)
    text = message.get_body(("plain",))
    return render_template(
        "letters_desk/letter.html",
        message=message,
        text=text.get_content() if text is not None else "",
    )


def _box() -> KeptLetters:
    return kept_letters(current_app)


def _settle(delivery_id: int, *, arrived: bool) -> Response:
    delivery = db.session.get(Delivery, delivery_id)
    if delivery is None:
        abort(404)
    services.settle_doubt(
        db.session(), delivery, arrived=arrived, by=current_user.actor, now=utc_now()
    )
    return redirect(url_for("letters.deliveries"))
