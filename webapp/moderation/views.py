"""The moderation desk: the queue, one comment, and where a comment stands for its author."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template, request
from flask_login import current_user
from werkzeug.wrappers.response import Response

from webapp.access import staff
from webapp.citytime import utc_now
from webapp.comments.models import Comment
from webapp.comments.place import public_url
from webapp.comments.queries import earlier_versions
from webapp.comments.rules import Treatment
from webapp.db import db
from webapp.edge import LARGEST_ID
from webapp.i18n import chosen_language, written_languages
from webapp.interpreting.views import for_moderators
from webapp.measures.queries import all_stages, stage_outline
from webapp.moderation import queries, services
from webapp.moderation.appeals import appeals_of, may_look_again, open_appeal
from webapp.moderation.campaign_desk import decided_together, target
from webapp.moderation.copies import copies_of
from webapp.moderation.covering import COVERED, written
from webapp.moderation.desk import (
    desk_rules,
    draft_note,
    just_done,
    keep,
    next_place,
    people_at,
    who_works_on,
)
from webapp.moderation.differences import rewritings
from webapp.moderation.forms import (
    GROUNDS,
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
from webapp.moderation.preview import Preview, preview
from webapp.moderation.published import covered_in, published_now
from webapp.moderation.queue import queue_page
from webapp.moderation.queue_rules import QueueFilter, QueueKey
from webapp.moderation.redactions import PERSONAL, offered_spans
from webapp.moderation.rules import MAY_DECIDE, ScreeningState, pieces
from webapp.moderation.same_author import others_of_author
from webapp.word_list.rules import WATCHED_WORD

views = Blueprint("moderation", __name__)
WORDS = {
    "rule_name": rule_name,
    "spoken": language_name,
    "personal": PERSONAL,
    "reasons": REASONS,
    "grounds": GROUNDS,
    "covered_words": COVERED,
    "treatments": TREATMENTS,
    "publications": PUBLICATIONS,
}


@views.get("/moderation")
@staff(*MAY_DECIDE)
def queue() -> str:
    wanted = queue_filter(request.args)
    session, now = db.session(), utc_now()
    after = QueueKey.parse(request.args.get("after", ""))
    page = queue_page(session, now, after=after, wanted=wanted)
    return render_template(
        "moderation/queue.html",
        form=_filter_form(wanted),
        page=page,
        state=queries.queue_state(session),
        target_at=target(now),
        wanted=as_query(wanted),
        decided_together=decided_together(request.args),
        later_page="after" in request.args,
        **who_works_on([row.line.id for row in page.rows]),
        **just_done(),
        **WORDS,
    )


@views.route(f"/moderation/comments/<int(max={LARGEST_ID}):comment_id>", methods=["GET", "POST"])
@staff(*MAY_DECIDE)
def comment(comment_id: int) -> str | Response | tuple[str, int]:
    found = queries.comment_for_desk(db.session(), comment_id)
    if found is None:
        abort(404)
    if request.method == "GET":
        return _desk(found, _about(found, DecisionForm(data=_blank(found))))
    form = _about(found, DecisionForm(request.form))
    if not form.validate():
        keep(comment_id)
        return _desk(found, form), 400
    if form.is_to_be_shown(request.form.get("step", "")):
        form.fold()
        return _desk(found, form, preview(db.session(), found, form.verdict(), utc_now()))
    here = QueueKey(found.received_at, found.id)
    services.decide(
        db.session(),
        comment_id,
        version=form.version.data or 0,
        verdict=form.verdict(),
        moderator_id=current_user.staff_id,
        now=utc_now(),
        desk=desk_rules(),
    )
    return redirect(next_place(here, queue_filter(request.args), decided=comment_id))


def _about(found: Comment, form: DecisionForm) -> DecisionForm:
    """The form with the spans it offers: what is covered now, and what the machine noticed."""
    session = db.session()
    now = covered_in(session, [found.id]).get(found.id, ())
    form.about(found.text, [*now, *offered_spans(queries.flags_of(session, found.id))])
    if request.method == "GET":
        form.cover.data = [written(span) for span in now]
    return form


def _desk(found: Comment, form: DecisionForm, shown: Preview | None = None) -> str:
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
        preview=shown,
        published_now=published_now(session, found),
        pieces=pieces(found.text, flags),
        whole=[flag for flag in flags if flag.start >= flag.end or flag.rule == WATCHED_WORD],
        rules=list(dict.fromkeys(flag.rule for flag in flags)),
        screening=screening,
        pending=state is ScreeningState.PENDING,
        copies=copies_of(session, found.id),
        same_author=others_of_author(session, found),
        decisions=queries.decisions_of(session, found.id),
        stage=outline,
        measure=outline.line_with_id(found.measure_id),
        wanted=as_query(wanted),
        public_url=public_url(found),
        appeals={asked.decision_id: asked for asked in appeals_of(session, found.id)},
        appeal=appeal,
        not_mine=appeal is not None and not may_look_again(session, appeal, current_user.staff_id),
        rewritings=rewritings(found, earlier_versions(session, found.id)),
        **for_moderators(found.id),
        **people_at(found),
        **just_done(),
        **WORDS,
    )


def _blank(found: Comment) -> dict[str, object]:
    """A fresh form: nothing is chosen for the moderator but what nearly always holds."""
    version, note = found.version, draft_note(found)
    return {"version": version, "treatment": Treatment.COUNTS.value, "note": note}


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
        languages=written_languages(),
        target_days=current_app.config["TARGET_DAYS"],
    )
