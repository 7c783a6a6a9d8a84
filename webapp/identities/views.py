"""The two staff pages about identities: for which comments one is held, and the one behind one."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template, request
from flask_login import current_user

from webapp.access import staff
from webapp.accounts.rules import Role
from webapp.citytime import city_day, utc_now
from webapp.comments.models import Comment, IdentityRow
from webapp.comments.rules import Identity
from webapp.db import db
from webapp.edge import LARGEST_ID, row_id
from webapp.identities import queries, services
from webapp.identities.forms import PurposeForm
from webapp.identities.rules import NoIdentity
from webapp.sealing import Sealer

views = Blueprint("identities", __name__)


@views.get("/identities")
@staff(Role.CLERK, Role.ADMINISTRATOR)
def held() -> str:
    """What is held for each period and when it is due; the comments of the period asked for."""
    periods = queries.held_identities(db.session())
    chosen = request.args.get("period", periods[0].period_id if periods else 0, type=row_id)
    after = request.args.get("after", 0, type=row_id)
    period = next((p for p in periods if p.period_id == chosen), None)
    found = queries.comments_with_identity(db.session(), chosen, after=after) if period else []
    return render_template(
        "identities/held.html",
        periods=periods,
        period=period,
        comments=found,
        later=found[-1].id if len(found) == queries.PAGE else None,
        today=city_day(utc_now()),
    )


@views.route(f"/identities/<int(max={LARGEST_ID}):comment_id>", methods=["GET", "POST"])
@staff(Role.CLERK, Role.ADMINISTRATOR)
def show(comment_id: int) -> str | tuple[str, int]:
    comment = db.session.get(Comment, comment_id)
    if comment is None:
        abort(404)
    if db.session.get(IdentityRow, comment_id) is None:
        raise NoIdentity
    form = PurposeForm(request.form)
    if request.method == "GET":
        return _page(comment, form)
    if not form.validate():
        return _page(comment, form), 400
    identity = services.read_identity(
        db.session(),
        comment_id,
        purpose=form.purpose.data or "",
        staff_id=current_user.staff_id,
        sealer=Sealer(current_app.config["IDENTITY_KEYS"]),
        now=utc_now(),
    )
    return _page(comment, form, identity)


def _page(comment: Comment, form: PurposeForm, identity: Identity | None = None) -> str:
    return render_template(
        "identities/show.html",
        comment=comment,
        form=form,
        identity=identity,
        readings=queries.readings_of(db.session(), comment.id),
    )
