"""The moderation desk: the queue, one comment, and where a comment stands for its author."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers.response import Response

from webapp.access import staff
from webapp.citytime import utc_now
from webapp.comments.models import Comment
from webapp.comments.place import public_url
from webapp.comments.queries import earlier_versions
from webapp.comments.rules import Treatment
from webapp.db import db
from webapp.i18n import chosen_language
from webapp.measures.queries import all_stages, stage_outline
from webapp.moderation import queries, services
from webapp.moderation.appeals import appeals_of, may_look_again, open_appeal
from webapp.moderation.campaign_desk import decided_together, target
from webapp.moderation.copies import copies_of
from webapp.moderation.differences import rewritings
from webapp.moderation.forms import (
    GROUNDS,
    PERSONAL,
    PUBLICATIONS,
    REASONS,
    TREATMENTS,
    DecisionForm,
    FilterForm,
    as_query,
    language_name,
    queue_filter,
    rule_name,
)
from webapp.moderation.models import Decision
from webapp.moderation.queue import queue_page
from webapp.moderation.rules import (
    LARGEST_ID,
    MAY_DECIDE,
    QueueFilter,
    QueueKey,
    ScreeningState,
    pieces,
)

views = Blueprint("moderation", __name__)
WORDS = {
    "rule_name": rule_name,
    "spoken": language_name,
    "personal": PERSONAL,
    "reasons": REASONS,
    "grounds": GROUNDS,
    "treatments": TREATMENTS,
    "publications": PUBLICATIONS,
}


@views.get("/moderation")
@staff(*MAY_DECIDE)
def queue() -> str:
    wanted = queue_filter(request.args)
    session, now = db.session(), utc_now()
    after = QueueKey.parse(request.args.get("after", ""))
    return render_template(
        "moderation/queue.html",
        form=_filter_form(wanted),
        page=queue_page(session, now, after=after, wanted=wanted),
        state=queries.queue_state(session),
        target_at=target(now),
        wanted=as_query(wanted),
        decided_together=decided_together(request.args),
        later_page="after" in request.args,
        just_decided=_just_decided(),
        **WORDS,
    )


@views.route(f"/moderation/comments/<int(max={LARGEST_ID}):comment_id>", methods=["GET", "POST"])
@staff(*MAY_DECIDE)
def comment(comment_id: int) -> str | Response | tuple[str, int]:
    found = queries.comment_for_desk(db.session(), comment_id)
    if found is None:
        abort(404)
    if request.method == "GET":
        return _desk(found, DecisionForm(data=_blank(found)))
    form = DecisionForm(request.form)
    if not form.validate():
        return _desk(found, form), 400
    here = QueueKey(found.received_at, found.id)
    services.decide(
        db.session(),
        comment_id,
        version=form.version.data or 0,
        verdict=form.verdict(),
        moderator_id=current_user.staff_id,
        now=utc_now(),
    )
    return redirect(_next(here, queue_filter(request.args)))


def _desk(found: Comment, form: DecisionForm) -> str:
    session = db.session()
    screening = queries.screening_of(session, found.id)
    state = queries.screening_state(found.screened_at, screening.failed if screening else None)
    flags = queries.flags_of(session, found.id)
    outline = stage_outline(
        session, found.measure.stage, chosen_language(), utc_now(), with_withdrawn=True
    )
    appeal = open_appeal(session, found.id)
    wanted = queue_filter(request.args)
    return render_template(
        "moderation/comment.html",
        comment=found,
        form=form,
        pieces=pieces(found.text, flags),
        whole=[flag for flag in flags if flag.start >= flag.end],
        rules=list(dict.fromkeys(flag.rule for flag in flags)),
        screening=screening,
        pending=state is ScreeningState.PENDING,
        copies=copies_of(session, found.id),
        decisions=queries.decisions_of(session, found.id),
        stage=outline,
        measure=outline.line_with_id(found.measure_id),
        wanted=as_query(wanted),
        public_url=public_url(found),
        appeals={asked.decision_id: asked for asked in appeals_of(session, found.id)},
        appeal=appeal,
        not_mine=appeal is not None and not may_look_again(session, appeal, current_user.staff_id),
        rewritings=rewritings(found, earlier_versions(session, found.id)),
        just_decided=_just_decided(),
        **WORDS,
    )


def _blank(found: Comment) -> dict[str, object]:
    """A fresh form: nothing is chosen for the moderator but what nearly always holds."""
    return {"version": found.version, "treatment": Treatment.COUNTS.value}


def _next(here: QueueKey, wanted: QueueFilter) -> str:
    """The next comment to decide, or the queue when there is none."""
    following = queries.next_waiting(db.session(), here, wanted, moderator_id=current_user.staff_id)
    told = {**as_query(wanted), "decided": here.id}
    if following is None:
        return url_for("moderation.queue", **told)
    return url_for("moderation.comment", comment_id=following, **told)


def _just_decided() -> Decision | None:
    """The decision that led to this page, read again so that the notice tells what is true."""
    decided = request.args.get("decided", type=int)
    if decided is None or not 0 < decided <= LARGEST_ID:
        return None
    return queries.latest_decision(db.session(), decided)


def _filter_form(wanted: QueueFilter) -> FilterForm:
    session, lang, now = db.session(), chosen_language(), utc_now()
    outlines = [stage_outline(session, stage, lang, now) for stage in all_stages(session)]
    shown = [outline for outline in outlines if wanted.stage in ("", outline.slug)]
    return FilterForm(
        wanted,
        stages=[(outline.slug, str(outline.title)) for outline in outlines],
        pillars=[
            (line.code, f"{line.code} {line.words}")
            for outline in shown
            for line in outline.pillars
        ],
        measures=[
            (line.code, f"{line.code} {line.words}")
            for outline in shown
            for line in outline.measures
        ],
        languages=current_app.config["LANGUAGES"],
        target_days=current_app.config["TARGET_DAYS"],
    )
