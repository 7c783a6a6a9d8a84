"""The page of a campaign: its wordings with their differences, and one decision on those shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers.response import Response

from webapp.access import staff
from webapp.citytime import utc_now
from webapp.comments.rules import Treatment
from webapp.db import db
from webapp.i18n import chosen_language
from webapp.measures.queries import stage_outline
from webapp.moderation.campaigns import ShownCampaign, campaign_for_desk
from webapp.moderation.forms import (
    GROUNDS,
    PERSONAL,
    TogetherForm,
    as_query,
    language_name,
    queue_filter,
    rule_name,
)
from webapp.moderation.rules import LARGEST_ID, MAY_DECIDE
from webapp.moderation.together import MOST_TOGETHER, DecidedTogether, decide_together

views = Blueprint("campaigns", __name__)


@dataclass(frozen=True)
class Told:
    """What the queue tells after a decision on many."""

    decided: int
    left_out: int


@views.route(f"/moderation/campaigns/<int(max={LARGEST_ID}):campaign_id>", methods=["GET", "POST"])
@staff(*MAY_DECIDE)
def campaign(campaign_id: int) -> str | Response | tuple[str, int]:
    if request.method == "GET":
        return _page(campaign_id, TogetherForm(data={"treatment": Treatment.COUNTS.value}))
    form = TogetherForm(request.form)
    if not form.validate():
        return _page(campaign_id, form), 400
    done = decide_together(
        db.session(),
        campaign_id,
        members=form.members(),
        verdict=form.verdict(),
        moderator_id=current_user.staff_id,
        now=utc_now(),
    )
    return redirect(_back(done))


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
    """What the address says of the decision that led to the queue."""
    decided, left_out = (told.get(name, 0, type=int) for name in ("together", "left"))
    is_sound = 0 < decided <= LARGEST_ID and 0 <= left_out <= LARGEST_ID
    return Told(decided, left_out) if is_sound else None


def _back(done: DecidedTogether) -> str:
    told = {**as_query(queue_filter(request.args)), "together": done.decided}
    if done.left_out:
        told["left"] = done.left_out
    return url_for("moderation.queue", **told)


def _page(campaign_id: int, form: TogetherForm) -> str:
    shown = campaign_for_desk(db.session(), campaign_id)
    if shown is None:
        abort(404)
    _say_who_is_shown(form, shown)
    stage = stage_outline(
        db.session(), shown.measure.stage, chosen_language(), utc_now(), with_withdrawn=True
    )
    return render_template(
        "moderation/campaign.html",
        campaign=shown,
        form=form,
        stage=stage,
        measure=stage.line_with_id(shown.measure.id),
        at_once=min(shown.shown, MOST_TOGETHER),
        wanted=as_query(queue_filter(request.args)),
        rule_name=rule_name,
        spoken=language_name,
        personal=PERSONAL,
        grounds=GROUNDS,
    )


def _say_who_is_shown(form: TogetherForm, shown: ShownCampaign) -> None:
    form.upto.data, form.shown.data = shown.upto, shown.shown
    form.wordings.data = ",".join(str(wording.id) for wording in shown.wordings)
