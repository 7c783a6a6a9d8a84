"""The desk of weekly reports, where staff say how they want the letter, and where it is stopped."""

from __future__ import annotations

from babel import Locale
from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers.response import Response

from webapp.access import anyone, staff
from webapp.accounts.rules import Role
from webapp.citytime import utc_now
from webapp.db import db
from webapp.i18n import chosen_language, written_languages
from webapp.measures.models import Stage
from webapp.measures.queries import StageOutline, all_stages, stage_by_slug, stage_outline
from webapp.reports import queries, services
from webapp.reports.attention import Concern, concerns
from webapp.reports.forms import SubscriptionForm, as_data, said_in_words
from webapp.reports.links import ReaderKey, StopLinks
from webapp.reports.report import listed
from webapp.reports.rules import Wishes
from webapp.reports.said import concern_more, concern_words, handled_at
from webapp.summaries.queries import summaries_of
from webapp.summaries.revisions import newest_besides_weeks

views = Blueprint("reports", __name__)
MAY_READ_SHEETS = (Role.MODERATOR, Role.OFFICIAL, Role.ADMINISTRATOR)
ON_THE_DESK = 8
"""Weeks of each stage that the desk shows; the list of the stage has them all."""


@views.get("/reports")
@staff()
def desk() -> str:
    subscriptions = queries.subscriptions_of(db.session(), current_user.staff_id)
    wishes = {id: queries.wishes_of(db.session(), s) for id, s in subscriptions.items()}
    stages = [_on_the_desk(stage, wishes.get(stage.id)) for stage in all_stages(db.session())]
    return render_template(
        "reports/desk.html", stages=stages, may_edit=current_user.role in MAY_READ_SHEETS
    )


@views.route("/stages/<code:stage>/subscription", methods=["GET", "POST"])
@staff()
def subscription(stage: str) -> str | Response:
    found, outline = _stage(stage)
    known = queries.subscription_of(db.session(), found.id, current_user.staff_id)
    now_wished = queries.wishes_of(db.session(), known) if known else Wishes(chosen_language())
    form = SubscriptionForm(request.form or None, outline, _languages(), **as_data(now_wished))
    if request.method == "GET" or not form.validate():
        return render_template(
            "reports/subscription.html", stage=outline, form=form, subscribed=known is not None
        )
    services.subscribe(
        db.session(),
        stage_id=found.id,
        staff_id=current_user.staff_id,
        now=utc_now(),
        wishes=form.wishes(),
    )
    return redirect(url_for("reports.desk"))


@views.post("/stages/<code:stage>/subscription/stop")
@staff()
def stop_subscription(stage: str) -> Response:
    services.unsubscribe(
        db.session(),
        stage_id=_stage(stage)[0].id,
        staff_id=current_user.staff_id,
        now=utc_now(),
    )
    return redirect(url_for("reports.desk"))


@views.post("/stages/<code:stage>/subscription/test-letter")
@staff()
def send_test_letter(stage: str) -> str:
    services.ask_for_test_letter(
        db.session(),
        stage_id=_stage(stage)[0].id,
        staff_id=current_user.staff_id,
        now=utc_now(),
    )
    return render_template("reports/test_letter.html")


@views.route("/reports/stop/<token:token>", methods=["GET", "POST"])
@anyone
def stop(token: str) -> str:
    """A POST stops the letters whatever its body says, and answers at once, as RFC 8058 asks."""
    key = StopLinks(current_app.config["SECRET_KEY"]).key(token) or abort(404)
    if request.method == "POST":
        services.unsubscribe(
            db.session(),
            stage_id=key.stage_id,
            staff_id=key.staff_id,
            now=utc_now(),
            by=f"letter:{key.staff_id}",
        )
    return render_template("reports/stop.html", token=token, stage=_subscribed_stage(key))


def _on_the_desk(stage: Stage, wishes: Wishes | None) -> dict[str, object]:
    """What the desk shows of one stage."""
    session, now = db.session(), utc_now()
    outline = stage_outline(session, stage, chosen_language(), now)
    measures = [measure.id for measure in outline.measures]
    target_days = current_app.config["TARGET_DAYS"]
    found = concerns(session, stage, measures, target_days=target_days, now=now)
    return {
        "outline": outline,
        "wishes": said_in_words(wishes, outline) if wishes else None,
        "concerns": [_said(concern, stage.slug) for concern in found],
        "others": newest_besides_weeks(session, stage.id),
        "reports": listed(summaries_of(session, stage.id, limit=ON_THE_DESK)),
    }


def _said(concern: Concern, stage: str) -> dict[str, str | None]:
    place = handled_at(concern, stage, current_user.role, current_app.view_functions)
    return {
        "words": concern_words(concern),
        "more": concern_more(concern),
        "url": url_for(place.endpoint, **place.values) if place else None,
    }


def _subscribed_stage(key: ReaderKey) -> StageOutline | None:
    """The stage somebody still gets letters about."""
    session = db.session()
    stage = session.get(Stage, key.stage_id)
    if stage is None or queries.subscription_of(session, stage.id, key.staff_id) is None:
        return None
    return stage_outline(session, stage, chosen_language(), utc_now())


def _stage(slug: str) -> tuple[Stage, StageOutline]:
    found = stage_by_slug(db.session(), slug)
    if found is None:
        abort(404)
    return found, stage_outline(db.session(), found, chosen_language(), utc_now())


def _languages() -> dict[str, str]:
    return {
        code: (Locale.parse(code, sep="-").get_display_name(code) or code).capitalize()
        for code in written_languages()
    }
