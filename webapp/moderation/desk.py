"""Who works on what: taking a comment up, leaving it, taking it over, and undoing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers.response import Response

from webapp.access import staff
from webapp.citytime import utc_now
from webapp.comments.models import Comment
from webapp.db import db
from webapp.edge import LARGEST_ID, row_id
from webapp.moderation import claiming, queries, undoing
from webapp.moderation.appeals import active_deciders
from webapp.moderation.claims import claim_on, claims_on, takeovers_of
from webapp.moderation.forms import TakeOverForm, as_query, queue_filter
from webapp.moderation.models import Decision, Proposal
from webapp.moderation.proposals import open_proposal, proposals_of, proposals_on
from webapp.moderation.queue_rules import QueueFilter, QueueKey
from webapp.moderation.rules import MAY_DECIDE, DeskRules, HeldByAnother
from webapp.moderation.second_person import said_by_another
from webapp.moderation.settings import takes_second_person
from webapp.moderation.standing import undoings_of

views = Blueprint("desk", __name__)
ONE = f"/moderation/comments/<int(max={LARGEST_ID}):comment_id>"
BEFORE_ALL = QueueKey(datetime.fromisoformat("1970-01-01T00:00:00+00:00"), 0)


@views.post("/moderation/next")
@staff(*MAY_DECIDE)
def take_next() -> Response:
    """The next comment that nobody holds, taken up; from a comment, that one is left first."""
    here = QueueKey.parse(request.form.get("after", ""))
    if here is not None:
        claiming.leave(db.session(), here.id, moderator_id=current_user.staff_id, now=utc_now())
    return redirect(next_place(here or BEFORE_ALL, queue_filter(request.args)))


@views.get(f"{ONE}/claim")
@staff(*MAY_DECIDE)
def claim(comment_id: int) -> str:
    return _claim_page(comment_id, TakeOverForm())


@views.post(f"{ONE}/claim")
@staff(*MAY_DECIDE)
def take_up(comment_id: int) -> Response:
    """Take it up; where someone was quicker, its page says who."""
    try:
        claiming.take_up(
            db.session(),
            comment_id,
            moderator_id=current_user.staff_id,
            now=utc_now(),
            lasting=lease(),
        )
    except HeldByAnother:
        pass  # its page says so, and offers to take it over
    return redirect(_page(comment_id))


@views.post(f"{ONE}/claim/take-over")
@staff(*MAY_DECIDE)
def take_over(comment_id: int) -> Response | tuple[str, int]:
    form = TakeOverForm(request.form)
    if not form.validate():
        return _claim_page(comment_id, form), 400
    claiming.take_over(
        db.session(),
        comment_id,
        reason=form.why.data or "",
        moderator_id=current_user.staff_id,
        now=utc_now(),
        lasting=lease(),
    )
    return redirect(_page(comment_id))


@views.post(f"{ONE}/claim/keep")
@staff(*MAY_DECIDE)
def keep(comment_id: int) -> tuple[str, int]:
    """Its page is in use: a script says so now and then."""
    claiming.keep(
        db.session(),
        comment_id,
        moderator_id=current_user.staff_id,
        now=utc_now(),
        lasting=lease(),
    )
    return "", 204


@views.post(f"{ONE}/claim/leave")
@staff(*MAY_DECIDE)
def leave(comment_id: int) -> Response | tuple[str, int]:
    """Let it go; a script says `soon` when the page is closed or loaded anew."""
    me, soon = current_user.staff_id, "soon" in request.args
    claiming.leave(db.session(), comment_id, moderator_id=me, now=utc_now(), soon=soon)
    if soon:
        return "", 204
    return redirect(url_for("moderation.queue", **as_query(queue_filter(request.args))))


@views.post(f"{ONE}/undo")
@staff(*MAY_DECIDE)
def undo(comment_id: int) -> Response:
    """Take the decision back, and the comment up again."""
    version = request.form.get("version", 0, type=row_id)
    undoing.undo(
        db.session(),
        comment_id,
        version=version,
        moderator_id=current_user.staff_id,
        now=utc_now(),
        within=desk_rules().undo_within,
    )
    return take_up(comment_id)


def desk_rules() -> DeskRules:
    """How this city runs its desk."""
    return DeskRules(
        second_person=takes_second_person(db.session()),
        undo_within=timedelta(seconds=current_app.config["UNDO_SECONDS"]),
    )


def lease() -> timedelta:
    """How long a claim lasts without a sign of life."""
    return timedelta(minutes=current_app.config["CLAIM_MINUTES"])


def next_place(here: QueueKey, wanted: QueueFilter, **told: object) -> str:
    """The next comment, taken up for whoever asks, or the queue when there is none."""
    following = claiming.take_next(
        db.session(),
        here,
        wanted,
        moderator_id=current_user.staff_id,
        now=utc_now(),
        lasting=lease(),
    )
    query = {**as_query(wanted), **told}
    if following is None:
        return url_for("moderation.queue", **query)
    return url_for("moderation.comment", comment_id=following, **query)


def who_works_on(ids: list[int]) -> Mapping[str, object]:
    """What lines of the queue say about other people, by comment id."""
    return {
        "claims": claims_on(db.session(), ids, utc_now()),
        "proposals": proposals_on(db.session(), ids),
        "me": current_user.staff_id,
    }


def people_at(found: Comment) -> Mapping[str, object]:
    """What a comment's page says about who works on it and who has said what."""
    session, me = db.session(), current_user.staff_id
    undone = undoings_of(session, found.id)
    return {
        "claim": claim_on(session, found.id, utc_now()),
        "proposal": open_proposal(session, found.id),
        "proposals": proposals_of(session, found.id),
        "undone": undone,
        "just_undone": undone.get(found.version - 2),
        "takeovers": takeovers_of(session, found.id),
        "takes_two": desk_rules().second_person,
        "others": bool(active_deciders(session) - {me}),
        "said": said_by_another(session, found.id, me),
        "me": me,
        "seen": found.version,
        "here": QueueKey(found.received_at, found.id),
    }


def just_done() -> Mapping[str, object]:
    """What led to this page, read again so that the notice tells what is true."""
    decided = request.args.get("decided", type=row_id)
    if decided is None:
        return {"just_decided": None, "just_proposed": None, "may_undo": False}
    decision = queries.latest_decision(db.session(), decided)
    proposal = open_proposal(db.session(), decided)
    return {
        "just_decided": None if proposal else decision,
        "just_proposed": proposal,
        "may_undo": _may_undo(decision),
        "undo_seconds": round(desk_rules().undo_within.total_seconds()),
    }


def draft_note(found: Comment) -> str:
    """A note that should not be typed twice: of the proposal that waits, or of what was undone."""
    session = db.session()
    proposal = open_proposal(session, found.id)
    if proposal is not None:
        return proposal.note
    acts: list[Decision | Proposal] = [
        *queries.decisions_of(session, found.id),
        *proposals_of(session, found.id),
    ]
    undone = (act for act in acts if act.version == found.version - 2)
    return next((act.note for act in undone if act.moderator_id == current_user.staff_id), "")


def _may_undo(decision: Decision | None) -> bool:
    if decision is None or decision.moderator_id != current_user.staff_id:
        return False
    return utc_now() < decision.decided_at + desk_rules().undo_within


def _claim_page(comment_id: int, form: TakeOverForm) -> str:
    found = queries.comment_for_desk(db.session(), comment_id)
    if found is None:
        abort(404)
    seen = request.args.get("seen", found.version, type=row_id)
    return render_template(
        "moderation/claim_page.html",
        comment=found,
        form=form,
        wanted=as_query(queue_filter(request.args)),
        **{**people_at(found), "seen": seen},
    )


def _page(comment_id: int) -> str:
    wanted = as_query(queue_filter(request.args))
    return url_for("moderation.comment", comment_id=comment_id, **wanted)
