"""Who subscribed to what, which letters are due, and the stored figures of a summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from webapp.accounts.models import Staff
from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.letters.models import Delivery
from webapp.letters.rules import LetterKind
from webapp.measures.models import Entry
from webapp.moderation.models import Decision
from webapp.reports.models import ReportFigures, Subscription, SubscriptionEntry
from webapp.reports.rules import FigureRow, MeasureFigures, Wishes, letter_moment, read
from webapp.summaries.models import Summary, SummaryKind


@dataclass(frozen=True)
class DueLetter:
    """A letter that is to be owed: about which first revision, to whom."""

    summary_id: int
    week: str
    staff_id: int


def subscription_of(session: Session, stage_id: int, staff_id: int) -> Subscription | None:
    return session.scalar(
        select(Subscription).where(
            Subscription.stage_id == stage_id, Subscription.staff_id == staff_id
        )
    )


def subscriptions_of(session: Session, staff_id: int) -> dict[int, Subscription]:
    """The subscriptions of one person, by stage."""
    rows = session.scalars(select(Subscription).where(Subscription.staff_id == staff_id))
    return {subscription.stage_id: subscription for subscription in rows}


def entries_of(session: Session, subscription_id: int) -> frozenset[int]:
    """The pillars and measures a subscription names; none stand for the whole stage."""
    return frozenset(
        session.scalars(
            select(SubscriptionEntry.entry_id).where(
                SubscriptionEntry.subscription_id == subscription_id
            )
        )
    )


def wishes_of(session: Session, subscription: Subscription) -> Wishes:
    return Wishes(
        lang=subscription.lang,
        weekday=subscription.weekday,
        attachments=subscription.wanted_files,
        entries=entries_of(session, subscription.id),
    )


def due_letters(
    session: Session, now: datetime, *, week: Week | None = None
) -> Sequence[DueLetter]:
    """Letters not yet owed whose day has come, the first week first.

    A letter is about the first revision of its week, whichever revision it will show: so each
    person is owed one for each week. A week waits until its figures are stored. Naming a week
    asks for its letters alone, and for all of them, whatever day people chose.
    """
    of_week = aliased(Summary)
    has_figures = exists().where(
        ReportFigures.summary_id == of_week.id,
        of_week.stage_id == Summary.stage_id,
        of_week.kind == Summary.kind,
        of_week.period == Summary.period,
    )
    is_owed = exists().where(
        Delivery.kind == LetterKind.WEEKLY_REPORT,
        Delivery.subject_id == Summary.id,
        Delivery.staff_id == Subscription.staff_id,
    )
    rows = session.execute(
        select(Summary.id, Summary.period, Subscription.staff_id, Subscription.weekday)
        .join(
            Subscription,
            and_(
                Subscription.stage_id == Summary.stage_id,
                Subscription.first_week <= Summary.period,
            ),
        )
        .join(Staff, Staff.id == Subscription.staff_id)
        .where(
            Summary.kind == SummaryKind.WEEKLY,
            Summary.revision == 1,
            Staff.disabled_at.is_(None),
            has_figures,
            ~is_owed,
            *([Summary.period == str(week)] if week else []),
        )
        .order_by(Summary.period, Subscription.id)
    )
    return [
        DueLetter(summary_id, period, staff_id)
        for summary_id, period, staff_id, weekday in rows
        if week or letter_moment(Week.parse(period), weekday) <= now
    ]


def without_figures(session: Session) -> Sequence[Summary]:
    """Latest revisions whose figures are not stored yet, in the order of weeks."""
    other = aliased(Summary)
    newer = exists().where(
        other.stage_id == Summary.stage_id,
        other.kind == Summary.kind,
        other.period == Summary.period,
        other.revision > Summary.revision,
    )
    return session.scalars(
        select(Summary)
        .outerjoin(ReportFigures, ReportFigures.summary_id == Summary.id)
        .where(Summary.kind == SummaryKind.WEEKLY, ReportFigures.summary_id.is_(None), ~newer)
        .order_by(Summary.period, Summary.stage_id)
    ).all()


def figure_rows(session: Session, stage_id: int, week: Week) -> list[FigureRow]:
    """Every comment of the week with the moment of its first decision."""
    decided = (
        select(Decision.comment_id, func.min(Decision.decided_at).label("at"))
        .group_by(Decision.comment_id)
        .subquery()
    )
    rows = session.execute(
        select(Comment.measure_id, Comment.received_at, Comment.publication, decided.c.at)
        .join(Entry, Entry.id == Comment.measure_id)
        .outerjoin(decided, decided.c.comment_id == Comment.id)
        .where(
            Entry.stage_id == stage_id,
            Comment.received_at >= week.starts_at,
            Comment.received_at < week.ends_at,
        )
    )
    return [FigureRow(*row) for row in rows]


def stored_figures(session: Session, summary_id: int) -> dict[int, MeasureFigures] | None:
    found = session.get(ReportFigures, summary_id)
    return read(found.document) if found else None
