"""What a letter's links lead to; for staff, letters in doubt and the mailbox of a demonstration."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers.response import Response

from webapp.access import anyone, staff
from webapp.accounts.rules import Role
from webapp.citytime import utc_now
from webapp.comments import addresses
from webapp.comments.contacts import contacts_at
from webapp.db import db
from webapp.edge import LARGEST_ID
from webapp.letters import queries, services
from webapp.letters.links import Links, Purpose
from webapp.letters.models import Delivery
from webapp.letters.rules import AuthorKey
from webapp.mail import KeptLetters, kept_letters

views = Blueprint("letters", __name__)


@views.route("/letters/confirm/<token:token>", methods=["GET", "POST"])
@anyone
def confirm(token: str) -> str:
    key = _key(Purpose.CONFIRM, token)
    if request.method == "POST":
        addresses.confirm_address(db.session(), key, now=utc_now())
    contacts = contacts_at(db.session(), key)
    return render_template(
        "addresses/confirm.html",
        token=token,
        stop_token=_links().token(Purpose.STOP, key),
        comments=len(contacts),
        confirmed=all(contact.confirmed_at for contact in contacts),
    )


@views.route("/letters/stop/<token:token>", methods=["GET", "POST"])
@anyone
def stop(token: str) -> str:
    """A POST stops letters whatever its body says, and answers at once, as RFC 8058 asks."""
    key = _key(Purpose.STOP, token)
    if request.method == "POST":
        addresses.stop_letters(db.session(), key, now=utc_now())
    comments = len(contacts_at(db.session(), key))
    return render_template("addresses/stop.html", token=token, comments=comments)


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


def _links() -> Links:
    return Links(current_app.config["SECRET_KEY"])


def _key(purpose: Purpose, token: str) -> AuthorKey:
    key = _links().key(purpose, token)
    return abort(404) if key is None else key


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
