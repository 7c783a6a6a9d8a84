"""The letter that brings an official the report of a week."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.accounts.models import Staff
from webapp.comments.rules import Channel, Stance
from webapp.letters.models import Delivery
from webapp.letters.rules import Letter
from webapp.summaries.models import Summary
from webapp.summaries.queries import subscription_of
from webapp.summaries.report import read_report
from webapp.summaries.rules import UNSTATED, Counts

STANCES: Mapping[str, object] = {
    Stance.SUPPORT: _l("In favour"),
    Stance.OPPOSE: _l("Against"),
    Stance.SUGGEST: _l("Suggestion"),
    Stance.ASK: _l("Question"),
    UNSTATED: _l("Not stated"),
}
LANGUAGES: Mapping[str, object] = {
    "ja": _l("Japanese"),
    "en": _l("English"),
    "other": _l("Another language"),
}
CHANNELS: Mapping[str, object] = {
    Channel.WEB: _l("This site"),
    Channel.POST: _l("By post"),
    Channel.FAX: _l("By fax"),
    Channel.COUNTER: _l("At the counter"),
    Channel.EMAIL: _l("By e-mail"),
}


def weekly_letter(session: Session, delivery: Delivery) -> Letter | None:
    """The letter in the language of the account; None when this person shall get none any more.

    Its numbers are those of the stored summary; its quotes are those that may be read now.
    """
    summary = session.get(Summary, delivery.subject_id)
    staff = session.get(Staff, delivery.staff_id)
    if summary is None or staff is None or staff.disabled_at is not None:
        return None
    if subscription_of(session, summary.stage_id, staff.id) is None:
        return None
    report = read_report(session, summary, staff.lang)
    return Letter(
        to=staff.email,
        lang=staff.lang,
        template="weekly_report",
        facts={"report": report, "shares": _shares(report.counts)},
    )


def _shares(counts: Counts) -> list[tuple[object, list[tuple[object, int]]]]:
    """What the comments are divided by, and the parts that are not empty: names and numbers."""
    return [
        (_l("Stance"), _named(counts.by_stance, STANCES)),
        (_l("Language"), _named(counts.by_language, LANGUAGES)),
        (_l("Sent in"), _named(counts.by_channel, CHANNELS)),
    ]


def _named(numbers: Mapping[str, int], names: Mapping[str, object]) -> list[tuple[object, int]]:
    codes = [*names, *sorted(set(numbers) - set(names))]
    return [(names.get(code, code), numbers[code]) for code in codes if numbers.get(code)]
