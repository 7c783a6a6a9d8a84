"""The page of a campaign: its wordings with their differences, and one decision on those shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers.response import Response

from webapp.access import staff
from webapp.citytime import utc_now
from webapp.comments.rules import Treatment
from webapp.db import db
from webapp.edge import LARGEST_ID, row_id
from webapp.i18n import chosen_language
from webapp.measures.queries import stage_outline
from webapp.moderation.campaigns import ShownCampaign, campaign_for_desk
from webapp.moderation.covering_together import CoveredText, covered_texts
from webapp.moderation.desk import desk_rules
from webapp.moderation.forms import (
    GROUNDS,
    PUBLICATIONS,
    REASONS,
    TREATMENTS,
    as_query,
    language_name,
    queue_filter,
    rule_name,
)
from webapp.moderation.grouping import held_in, proposals_in
from webapp.moderation.models import Decision
from webapp.moderation.redactions import PERSONAL
from webapp.moderation.rules import MAY_DECIDE, NothingCovered
from webapp.moderation.second_person import has_second_person
from webapp.moderation.together import MOST_TOGETHER, decide_together
from webapp.moderation.together_form import TogetherForm
from webapp.moderation.undoing_together import undo_together

views = Blueprint("campaigns", __name__)
TOLD = (
    "decided_many",
    "proposed",
    "held",
    "left",
    "uncovered",
    "undone",
    "first_decision",
    "first_proposal",
)


@dataclass(frozen=True)
class Told:
    """What the queue tells after a decision on many, and what it can be undone by."""

    decided: int = 0
    proposed: int = 0
    held: int = 0
    left: int = 0
    uncovered: int = 0
    undone: int = 0
    first_decision: int = 0
    first_proposal: int = 0
    seconds: int | None = None
    """How long a decision can be undone; None where it no longer can."""


@views.route(f"/moderation/campaigns/<int(max={LARGEST_ID}):campaign_id>", methods=["GET", "POST"])
@staff(*MAY_DECIDE)
def campaign(campaign_id: int) -> str | Response | tuple[str, int]:
    if request.method == "GET":
        return _page(campaign_id, TogetherForm(data={"treatment": Treatment.COUNTS.value}))
    form = TogetherForm(request.form)
    if not form.validate():
        return _page(campaign_id, form), 400
    cover = form.cover()
    if cover is not None:
        texts = covered_texts(db.session(), campaign_id, form.members(), cover)
        if texts and not any(text.parts for text in texts):
            form.words.errors = [str(_(NothingCovered.explanation))]
            return _page(campaign_id, form), 400
        if request.form.get("step") == "preview" or not form.is_previewed(texts):
            return _page(campaign_id, form, shows_result=True)
    done = decide_together(
        db.session(),
        campaign_id,
        members=form.members(),
        verdict=form.verdict(),
        moderator_id=current_user.staff_id,
        now=utc_now(),
        desk=desk_rules(),
        cover=cover,
    )
    return redirect(_back(**vars(done)))


@views.post("/moderation/campaigns/undo")
@staff(*MAY_DECIDE)
def undo() -> Response:
    """Take back what one press decided or proposed."""
    undone = undo_together(
        db.session(),
        decision_id=_id(request.form, "first_decision"),
        proposal_id=_id(request.form, "first_proposal"),
        moderator_id=current_user.staff_id,
        now=utc_now(),
        within=desk_rules().undo_within,
    )
    return redirect(_back(undone=undone))


@views.get("/moderation/help")
@staff(*MAY_DECIDE)
def help() -> str:
    """The shortcuts and what else there is to know; the dialog shows the same."""
    return render_template("moderation/help.html")


def target(now: datetime) -> datetime | None:
    """What came in before this has waited for too long; None where the city has no target."""
    days: int = current_app.config["TARGET_DAYS"]
    return now - timedelta(days=days) if days else None


def decided_together(told: MultiDict[str, str]) -> Told | None:
    """What the address says of the press that led to the queue."""
    numbers = {name: _id(told, name) or 0 for name in TOLD}
    if not (numbers["decided_many"] or numbers["proposed"] or numbers["undone"]):
        return None
    decided = numbers.pop("decided_many")
    return Told(decided=decided, seconds=_seconds(numbers["first_decision"]), **numbers)


def _seconds(first_decision: int) -> int | None:
    decision = db.session().get(Decision, first_decision) if first_decision else None
    within = desk_rules().undo_within
    if decision is None or decision.moderator_id != current_user.staff_id:
        return None
    return round(within.total_seconds()) if utc_now() < decision.decided_at + within else None


def _id(told: MultiDict[str, str], name: str) -> int | None:
    return told.get(name, type=row_id)


def _back(**told: int | None) -> str:
    names = {"decided": "decided_many", "left_out": "left"}
    query = as_query(queue_filter(request.args))
    query |= {names.get(name, name): number for name, number in told.items() if number}
    return url_for("moderation.queue", **query)


def _page(campaign_id: int, form: TogetherForm, *, shows_result: bool = False) -> str:
    session, me = db.session(), current_user.staff_id
    shown = campaign_for_desk(session, campaign_id)
    if shown is None:
        abort(404)
    _say_who_is_shown(form, shown)
    preview = _result(campaign_id, form) if shows_result else ()
    wordings = [wording.id for wording in shown.wordings]
    takes_two = desk_rules().second_person and has_second_person(session, me)
    stage = stage_outline(
        db.session(), shown.measure.stage, chosen_language(), utc_now(), with_withdrawn=True
    )
    return render_template(
        "moderation/campaign.html",
        campaign=shown,
        form=form,
        preview=preview,
        stage=stage,
        measure=stage.line_with_id(shown.measure.id),
        at_once=min(shown.shown, MOST_TOGETHER),
        proposals=proposals_in(session, campaign_id, shown.upto, wordings),
        held=held_in(session, campaign_id, me, utc_now()),
        takes_two=takes_two,
        me=me,
        publications=PUBLICATIONS,
        reasons=REASONS,
        treatments=TREATMENTS,
        wanted=as_query(queue_filter(request.args)),
        rule_name=rule_name,
        spoken=language_name,
        personal=PERSONAL,
        grounds=GROUNDS,
    )


def _result(campaign_id: int, form: TogetherForm) -> Sequence[CoveredText]:
    """Each text as it would be covered, which the form remembers to have been shown."""
    form.proposal.data = None
    cover = form.cover()
    if cover is None:
        return ()
    texts = covered_texts(db.session(), campaign_id, form.members(), cover)
    form.remember(texts)
    return texts


def _say_who_is_shown(form: TogetherForm, shown: ShownCampaign) -> None:
    form.upto.data, form.shown.data = shown.upto, shown.shown
    form.wordings.data = ",".join(str(wording.id) for wording in shown.wordings)
