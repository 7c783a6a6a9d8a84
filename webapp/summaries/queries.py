"""Which weeks are due, what came in during one, and what was stored about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.comments.queries import readable_text
from webapp.measures.models import CommentPeriod, Entry, Stage
from webapp.summaries.models import Summary, SummaryKind, SummarySection
from webapp.summaries.rules import CommentState, SectionDocument, WeekComment
from webapp.summaries.shown import ShownPoint, shown_sections


@dataclass(frozen=True)
class LatestPoints:
    """The points of a measure's newest report that has any."""

    week: str
    items: tuple[ShownPoint, ...]

    def __getitem__(self, name: str) -> object:
        """Templates say points["items"], as they do for a page of comments."""
        return getattr(self, name)


_STATE = tuple(getattr(Comment, field.name) for field in fields(CommentState))


def due_weeks(session: Session, stage: Stage, now: datetime) -> Sequence[Week]:
    """Every week of the stage that has ended, the first one first.

    They run from the first opening or comment to the last closing or comment: a stage long closed
    owes no letters. The weeks of a long sleep are all among them; those already stored are found
    again and left.
    """
    lifetime = _lifetime(session, stage.id)
    if lifetime is None:
        return []
    week, last = Week.of(lifetime[0]), Week.of(lifetime[1])
    weeks: list[Week] = []
    while week <= last and week.ends_at <= now:
        weeks.append(week)
        week = week.next()
    return weeks


def _lifetime(session: Session, stage_id: int) -> tuple[datetime, datetime] | None:
    """The first and the last instant at which something could come in, or did."""
    periods = select(func.min(CommentPeriod.opens_at), func.max(CommentPeriod.closes_at)).where(
        CommentPeriod.stage_id == stage_id
    )
    received = (
        select(func.min(Comment.received_at), func.max(Comment.received_at))
        .join(Entry, Entry.id == Comment.measure_id)
        .where(Entry.stage_id == stage_id)
    )
    moments = [
        moment
        for row in (session.execute(periods).one(), session.execute(received).one())
        for moment in row
        if moment is not None
    ]
    return (min(moments), max(moments)) if moments else None


def week_states(session: Session, stage_id: int, week: Week) -> list[CommentState]:
    """How each comment of the week stands now, without its text."""
    return [CommentState(*row) for row in session.execute(_of_week(stage_id, week, *_STATE))]


def week_comments(session: Session, stage_id: int, week: Week) -> list[WeekComment]:
    """Every comment that the stage received in the week, in whatever state."""
    rows = session.execute(_of_week(stage_id, week, *_STATE, readable_text()))
    return [WeekComment(*row) for row in rows]


def texts_as_written(session: Session, stage_id: int, week: Week) -> dict[int, str]:
    """What the authors of the week wrote, by comment: to prove old quotes, never to show."""
    rows = session.execute(_of_week(stage_id, week, Comment.id, Comment.text))
    return {row.id: row.text for row in rows}


def _of_week(stage_id: int, week: Week, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join(Entry, Entry.id == Comment.measure_id)
        .where(
            Entry.stage_id == stage_id,
            Comment.received_at >= week.starts_at,
            Comment.received_at < week.ends_at,
        )
        .order_by(Comment.id)
    )


def latest_summary(session: Session, stage_id: int, week: Week) -> Summary | None:
    return session.scalar(
        select(Summary)
        .where(
            Summary.stage_id == stage_id,
            Summary.kind == SummaryKind.WEEKLY,
            Summary.period == str(week),
        )
        .order_by(Summary.revision.desc())
        .limit(1)
    )


def summaries_of(
    session: Session, stage_id: int, *, before: Week | None = None, limit: int | None = None
) -> Sequence[Summary]:
    """The latest revision of each week's summary, newest week first."""
    earlier = [Summary.period < str(before)] if before else []
    return session.scalars(
        _latest().where(Summary.stage_id == stage_id, *earlier).limit(limit)
    ).all()


def _latest() -> Select[Summary]:
    """Latest revisions only, newest week first. Labels of weeks sort as their weeks do."""
    other = aliased(Summary)
    newest = (
        select(func.max(other.revision))
        .where(
            other.stage_id == Summary.stage_id,
            other.kind == Summary.kind,
            other.period == Summary.period,
        )
        .scalar_subquery()
    )
    return (
        select(Summary)
        .where(Summary.kind == SummaryKind.WEEKLY, Summary.revision == newest)
        .order_by(Summary.period.desc())
    )


def all_summaries(session: Session) -> Iterator[Summary]:
    """Every stored revision, in the order of weeks."""
    yield from session.scalars(
        select(Summary).order_by(Summary.stage_id, Summary.period, Summary.revision)
    )


def sections_of(session: Session, summary_id: int) -> Sequence[SummarySection]:
    return session.scalars(
        select(SummarySection)
        .where(SummarySection.summary_id == summary_id)
        .order_by(SummarySection.measure_id)
    ).all()


def latest_points(session: Session, stage_id: int, measure_id: int) -> LatestPoints | None:
    """What the newest report with comments on this measure says of it, if anything may be read."""
    row = session.execute(
        _latest()
        .add_columns(SummarySection)
        .join(SummarySection, SummarySection.summary_id == Summary.id)
        .where(Summary.stage_id == stage_id, SummarySection.measure_id == measure_id)
        .limit(1)
    ).first()
    if row is None:
        return None
    summary, section = row
    document = SectionDocument.read(section.document)
    shown = shown_sections(session, stage_id, Week.parse(summary.period), {measure_id: document})
    points = tuple(point for point in shown[measure_id].points if point.quotes or point.heading)
    return LatestPoints(summary.period, points) if points else None


def measures_before(session: Session, stage_id: int, week: Week) -> set[int]:
    """Ids of the measures that earlier summaries speak of."""
    return set(
        session.scalars(
            select(SummarySection.measure_id)
            .join(Summary, Summary.id == SummarySection.summary_id)
            .where(Summary.stage_id == stage_id, Summary.period < str(week))
            .distinct()
        )
    )
