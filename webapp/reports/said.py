"""What a report and what needs attention come to in words: the same in letters, files and pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _

from webapp.access import roles_of
from webapp.accounts.rules import Role
from webapp.i18n import city_date, city_datetime
from webapp.letters.wrapping import shortened
from webapp.reports.attention import Concern, ConcernKind
from webapp.reports.report import Part, Report
from webapp.summaries.rules import Counts
from webapp.summaries.shown import ShownPoint

NAMED = 4
"""Measures that the first lines name; the rest are counted."""
TITLE = 44
"""Columns for the title of a measure in the first lines, so that each stays one line."""
PAGES = {
    ConcernKind.OVERDUE: "moderation.queue",
    ConcernKind.CLOSING: "measures.stage",
    ConcernKind.CAMPAIGN: "campaigns.campaign",
    ConcernKind.CAMPAIGNS: "moderation.queue",
    ConcernKind.LETTERS: "letters.deliveries",
    ConcernKind.STALE: "translating.overview",
}
"""Where each concern is handled."""


@dataclass(frozen=True)
class Answer:
    """A question an official has, and the answer in one line."""

    question: str
    answer: str

    def __str__(self) -> str:
        return self.question + str(_(": ")) + self.answer


def days(report: Report) -> str:
    """The days of the week, as short as they can be said."""
    if get_locale().language == "ja":
        return f"{format_date(report.monday, 'y年M月d日')}～{format_date(report.sunday, 'M月d日')}"
    return f"{format_date(report.monday, 'd MMM')} – {format_date(report.sunday, 'd MMM y')}"


def comments(number: int) -> str:
    return str(ngettext("%(num)s comment", "%(num)s comments", number))


def drafted(point: ShownPoint) -> str:
    """That a machine drafted the heading of a point, where one did; otherwise nothing."""
    if point.heading_by is None:
        return ""
    return str(_("heading drafted by a machine, accepted by the city's staff"))


def comments_by(number: int, people: int | None) -> str:
    """How many comments, and by how many people where that is known and says more."""
    if people is None or number == 1:
        return comments(number)
    by = ngettext("%(num)s person", "%(num)s people", people)
    return str(_("%(comments)s by %(people)s", comments=comments(number), people=by))


def received(counts: Counts) -> str:
    """What was received, by how many."""
    return comments_by(counts.received, counts.people) if counts.received else _("no comments")


def answers(report: Report, found: Sequence[Concern] | None = None) -> list[Answer]:
    """What the first lines say. Only staff are told `found`, what needs them now."""
    counts = report.counts
    lines = [Answer(_("How many"), _how_many(report))]
    if counts.received:
        lines += [
            Answer(_("About what"), _about(report.measures)),
            Answer(_("What is new"), _new(report)),
        ]
    if found is not None:
        lines.append(Answer(_("What needs you"), _needs(counts, found)))
    return lines


def concern_words(concern: Concern) -> str:
    """One thing that needs attention."""
    number = concern.number
    if concern.kind is ConcernKind.OVERDUE:
        return str(
            ngettext(
                "%(num)s comment waits longer than %(limit)s days",
                "%(num)s comments wait longer than %(limit)s days",
                number,
                limit=concern.limit,
            )
        )
    if concern.kind is ConcernKind.CLOSING:
        moment = city_datetime(concern.moment) if concern.moment else ""
        return str(
            ngettext(
                "%(num)s measure closes on %(moment)s",
                "%(num)s measures close on %(moment)s",
                number,
                moment=moment,
            )
        )
    if concern.kind is ConcernKind.CAMPAIGN:
        return _campaign(concern)
    if concern.kind is ConcernKind.CAMPAIGNS:
        return str(
            ngettext(
                "%(num)s more campaign waits",
                "%(num)s more campaigns wait",
                number,
            )
        )
    if concern.kind is ConcernKind.STALE:
        return str(
            ngettext(
                "%(num)s translation is older than its original",
                "%(num)s translations are older than their originals",
                number,
            )
        )
    return _concern_of_letters(number)


def _campaign(concern: Concern) -> str:
    """The numbers of a campaign in the words of its row in the queue."""
    received = ngettext("%(num)s comment received", "%(num)s comments received", concern.number)
    wordings = ngettext("%(num)s wording", "%(num)s wordings", concern.wordings)
    return str(
        _(
            "%(received)s, %(wordings)s, in one campaign on %(measure)s",
            measure=concern.code,
            received=received,
            wordings=wordings,
        )
    )


def _concern_of_letters(number: int) -> str:
    return str(
        ngettext(
            "%(num)s letter could not be delivered",
            "%(num)s letters could not be delivered",
            number,
        )
    )


def concern_more(concern: Concern) -> str:
    """What more there is to say of it, if anything."""
    if concern.kind is ConcernKind.OVERDUE and concern.moment:
        return str(_("the oldest since %(moment)s", moment=city_date(concern.moment)))
    if concern.kind is ConcernKind.CAMPAIGN:
        return str(ngettext("%(num)s waits", "%(num)s wait together", concern.waiting))
    return ""


@dataclass(frozen=True)
class Place:
    """A page of the site: its endpoint and what its address needs."""

    endpoint: str
    values: Mapping[str, Any]


def handled_at(concern: Concern, stage: str, role: Role, views: Mapping[str, Any]) -> Place | None:
    """The page, of all these, where it is handled; None when this role may not open it."""
    endpoint = PAGES[concern.kind]
    roles = roles_of(views[endpoint])
    if roles and role not in roles:
        return None
    values: Mapping[ConcernKind, Mapping[str, Any]] = {
        ConcernKind.CLOSING: {"stage": stage},
        ConcernKind.CAMPAIGN: {"campaign_id": concern.campaign},
    }
    return Place(endpoint, values.get(concern.kind, {}))


def _how_many(report: Report) -> str:
    if not report.counts.received:
        said = _("no comments, %(days)s", days=days(report))
    else:
        said = _("%(comments)s, %(days)s", comments=received(report.counts), days=days(report))
    if report.before is None:
        return str(said)
    before = received(report.before)
    return str(_("%(said)s (the week before: %(before)s)", said=said, before=before))


def _about(parts: Sequence[Part]) -> str:
    """The largest measures; the first number says what all of them count."""
    if len(parts) == 1:
        return f"{parts[0].line.code} {shortened(parts[0].line.words.body, TITLE)}"
    largest = sorted(parts, key=lambda part: -part.counts.received)[:NAMED]
    first, *others = [(part.line.code, part.counts.received) for part in largest]
    named = [
        str(_("%(measure)s (%(comments)s)", measure=first[0], comments=comments(first[1]))),
        *(str(_("%(measure)s (%(number)s)", measure=m, number=n)) for m, n in others),
    ]
    return _and_more(named, len(parts) - len(largest))


def _new(report: Report) -> str:
    codes = [line.code for line in report.first_time]
    if not codes:
        return str(_("no measure that had no comments before"))
    return str(
        _(
            "the first comments on %(measures)s",
            measures=_and_more(codes[:NAMED], len(codes) - NAMED),
        )
    )


def _and_more(named: Sequence[str], more: int) -> str:
    listed = str(_(", ").join(named))
    if more <= 0:
        return listed
    return str(
        ngettext(
            "%(listed)s and %(num)s more measure",
            "%(listed)s and %(num)s more measures",
            more,
            listed=listed,
        )
    )


def _needs(counts: Counts, found: Sequence[Concern]) -> str:
    if found:
        first, more = concern_words(found[0]), len(found) - 1
        if not more:
            return str(_("%(first)s (see below)", first=first))
        return str(
            ngettext(
                "%(first)s, and %(num)s more thing (see below)",
                "%(first)s, and %(num)s more things (see below)",
                more,
                first=first,
            )
        )
    if counts.waiting:
        return str(
            ngettext(
                "%(num)s comment of this week waits for a decision",
                "%(num)s comments of this week wait for a decision",
                counts.waiting,
            )
        )
    if not counts.received:
        return str(_("nothing"))
    return str(_("nothing, every comment of this week is decided"))
