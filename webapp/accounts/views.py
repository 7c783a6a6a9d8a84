"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers.response import Response

from webapp.access import anyone, staff
from webapp.accounts import queries, services
from webapp.accounts.forms import SignInForm
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role, WrongCredentials
from webapp.citytime import utc_now
from webapp.db import db
from webapp.limits import all_passwords_limit, note_wrong_guess, passwords_limit

views = Blueprint("accounts", __name__)
login_manager = LoginManager()

FIRST_PAGE = {
    Role.MODERATOR: "moderation.queue",
    Role.ADMINISTRATOR: "letters.deliveries",
}


class SignedIn(UserMixin):
    """The member of staff behind this request."""

    def __init__(self, staff: Staff, token: str) -> None:
        self.id = token
        self.staff_id = staff.id
        self.name = staff.name
        self.role = staff.role
        self.lang = staff.lang

    @property
    def actor(self) -> str:
        """How the audit trail names this person."""
        return f"staff:{self.staff_id}"


def init_accounts(app: Flask) -> None:
    # Public pages must not depend on who reads them, so no page is given `current_user` unasked;
    # and the door is kept in the database, so the cookie needs no protection of its own.
    login_manager.init_app(app, add_context_processor=False)
    login_manager.session_protection = None
    login_manager.user_loader(_behind)


def _behind(token: str) -> SignedIn | None:
    lasting = timedelta(hours=current_app.config["SIGN_IN_HOURS"])
    found = queries.staff_signed_in_with(db.session(), token, now=utc_now(), lasting=lasting)
    return SignedIn(found, token) if found else None


@views.route("/sign-in", methods=["GET", "POST"])
@anyone
@passwords_limit
@all_passwords_limit
def sign_in() -> str | Response:
    form = SignInForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            token = services.sign_in(
                db.session(),
                email=form.email.data or "",
                password=form.password.data or "",
                now=utc_now(),
            )
        except WrongCredentials as refusal:
            note_wrong_guess()
            form.form_errors.append(_(refusal.explanation))
        else:
            session.clear()
            session["_user_id"] = token
            return redirect(_wanted_page() or url_for("accounts.desk"))
    return render_template("accounts/sign_in.html", form=form)


@views.get("/desk")
@staff()
def desk() -> Response:
    """Where this member of staff starts."""
    return redirect(url_for(FIRST_PAGE.get(current_user.role, "reports.desk")))


@views.post("/sign-out")
@staff()
def sign_out() -> Response:
    services.sign_out(db.session(), token=session.get("_user_id", ""), now=utc_now())
    session.clear()
    return redirect(url_for("site.home"))


def _wanted_page() -> str | None:
    """The page that asked for the sign-in, if it is one of ours."""
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted)
    ours = not parts.scheme and not parts.netloc and wanted.startswith("/")
    return wanted if ours and not wanted.startswith(("//", "/\\")) else None
