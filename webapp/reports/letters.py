"""The letter that brings an official the report of a week."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from flask import current_app
from flask_babel import force_locale
from sqlalchemy.orm import Session

from webapp.accounts.models import Staff
from webapp.citytime import Week
from webapp.interpreting.forms import beside
from webapp.letters.models import Delivery
from webapp.letters.rules import Letter, LetterKind
from webapp.letters.wrapping import shortened
from webapp.measures.models import Stage
from webapp.reports.attention import Concern, concerns
from webapp.reports.charts import channels_of
from webapp.reports.links import ReaderKey, StopLinks
from webapp.reports.press import Press
from webapp.reports.queries import subscription_of, wishes_of
from webapp.reports.report import Report
from webapp.reports.rules import Wishes
from webapp.reports.said import Place, answers, concern_more, concern_words, handled_at
from webapp.summaries.models import Summary
from webapp.summaries.queries import latest_summary, summaries_of
from webapp.summaries.shown import ShownQuote
from webapp.writing import letter_url

MOST_POINTS, MANY_MEASURES = 3, 6
"""Points of one measure that the letter shows.

Of more measures than this, it shows one point of each of so many with the most comments, and of the
others their numbers. The report on the site has all.
"""
MOST_COLUMNS = 600
"""Of a translation in the letter: some eight lines."""


def weekly_letter(
    session: Session, delivery: Delivery, press: Press, now: datetime
) -> Letter | None:
    """The letter as its reader wished for it; None when this person shall get none any more.

    It shows the newest revision of its week. Its numbers are those of the stored summary; its
    quotes are those that may be read now. Needs an app context.
    """
    summary = _summary(session, delivery)
    staff = session.get(Staff, delivery.staff_id)
    if summary is None or staff is None or staff.disabled_at is not None:
        return None
    is_test = delivery.kind is LetterKind.REPORT_TEST
    subscription = subscription_of(session, summary.stage_id, staff.id)
    if subscription is None and not is_test:
        return None
    wishes = wishes_of(session, subscription) if subscription else Wishes(staff.lang)
    return compose(session, summary, staff, wishes, press, now, is_test=is_test)


def compose(
    session: Session,
    summary: Summary,
    staff: Staff,
    wishes: Wishes,
    press: Press,
    now: datetime,
    *,
    is_test: bool = False,
) -> Letter:
    """Write the letter about a report to one person. Needs an app context."""
    with force_locale(wishes.lang.replace("-", "_")):
        made = press.print(session, summary, wishes)
        report = made.report
        found = _concerns(session, summary.stage, report, now)
        return Letter(
            to=staff.email,
            lang=wishes.lang,
            template="weekly_report",
            facts={
                "report": report,
                "answers": answers(report, found),
                "concerns": [_said(concern, staff, report, wishes.lang) for concern in found],
                "charts": made.charts,
                "channels": channels_of(report.counts),
                "points_of": _points_of(report),
                "translated": partial(_translated, report),
                "is_test": is_test,
            },
            stop_url=_stop_url(summary.stage_id, staff.id, wishes.lang),
            pictures=made.pictures,
            files=made.enclosed(wishes.attachments),
        )


def _points_of(report: Report) -> dict[int, int]:
    """How many points of which measures the letter shows, by id."""
    measures = sorted(report.measures, key=lambda part: -part.counts.received)
    each = MOST_POINTS if len(measures) <= MANY_MEASURES else 1
    return {part.line.id: each for part in measures[:MANY_MEASURES]}


def _translated(report: Report, quote: ShownQuote) -> tuple[str, str]:
    """Label and words of a quotation's translation; a long one is cut, for its link has it all."""
    label, words = beside(report.translations, quote.comment, quote.text)
    return label, shortened(words, MOST_COLUMNS)


def _summary(session: Session, delivery: Delivery) -> Summary | None:
    """The newest revision of what is owed; for a test letter, the newest report of the stage."""
    if delivery.kind is LetterKind.REPORT_TEST:
        newest = summaries_of(session, delivery.subject_id, limit=1)
        return newest[0] if newest else None
    owed = session.get(Summary, delivery.subject_id)
    return latest_summary(session, owed.stage_id, Week.parse(owed.period)) if owed else None


def _concerns(session: Session, stage: Stage, report: Report, now: datetime) -> list[Concern]:
    target_days = current_app.config["TARGET_DAYS"]
    return concerns(session, stage, report.measure_ids, target_days=target_days, now=now)


def _said(concern: Concern, staff: Staff, report: Report, lang: str) -> dict[str, str]:
    """A concern in words, and where this person can see to it."""
    slug, views = report.stage.slug, current_app.view_functions
    place = handled_at(concern, slug, staff.role, views) or Place("reports.desk", {})
    return {
        "words": concern_words(concern),
        "more": concern_more(concern),
        "url": letter_url(place.endpoint, lang=lang, **place.values),
    }


def _stop_url(stage_id: int, staff_id: int, lang: str) -> str:
    token = StopLinks(current_app.config["SECRET_KEY"]).token(ReaderKey(stage_id, staff_id))
    return letter_url("reports.stop", lang=lang, token=token)
