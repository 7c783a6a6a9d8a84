"""Which weeks are due, what came in during one, and what was stored about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.comments.queries import readable_text
from webapp.measures.models import CommentPeriod, Entry, Stage
from webapp.measures.queries import periods_of
from webapp.summaries.front import front_points
from webapp.summaries.models import Summary, SummaryKind, SummarySection
from webapp.summaries.revisions import latest_of
from webapp.summaries.rules import WeekComment
from webapp.summaries.scopes import Scope
from webapp.summaries.shown import ShownPoint


@dataclass(frozen=True)
class LatestPoints:
    """The points of a measure's newest summary. `week` is a period, and "all" for one to date."""

    kind: SummaryKind
    week: str
    items: tuple[ShownPoint, ...]

    def __getitem__(self, name: str) -> object:
        """Templates say points["items"], as they do for a page of comments."""
        return getattr(self, name)


_STATE = [field.name for field in fields(WeekComment) if field.name != "action"]


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


def due_closings(session: Session, stage_id: int, now: datetime) -> Sequence[CommentPeriod]:
    """The comment periods of a stage that have closed, the first one first."""
    return [period for period in periods_of(session, stage_id) if period.closes_at <= now]


def texts_as_written(session: Session, ids: Collection[int]) -> dict[int, str]:
    """What authors wrote, by comment: to prove old quotes, never to show."""
    rows = session.execute(select(Comment.id, Comment.text).where(Comment.measure_id.in_(ids)))
    return {row.id: row.text for row in rows}


def has_begun(session: Session, stage: Stage, now: datetime) -> bool:
    """Whether anything could have come in, or did."""
    lifetime = _lifetime(session, stage.id)
    return lifetime is not None and lifetime[0] <= now


def week_comments(session: Session, stage_id: int, week: Week) -> list[WeekComment]:
    """Every comment that the stage received in the week, in whatever state."""
    return comments_within(session, Scope.of_week(stage_id, week))


def comments_within(
    session: Session, scope: Scope, measures: Collection[int] | None = None
) -> list[WeekComment]:
    """Every comment of the period on these measures, or on all, in whatever state."""
    action = aliased(Entry)
    columns = [getattr(Comment, name) for name in _STATE if name != "text"]
    rows = session.execute(
        select(*columns, readable_text().label("text"), action.code.label("action"))
        .join(Entry, Entry.id == Comment.measure_id)
        .outerjoin(action, action.id == Comment.action_id)
        .where(*scope.holds(), *([] if measures is None else [Comment.measure_id.in_(measures)]))
        .order_by(Comment.id)
    )
    return [WeekComment(**row) for row in rows.mappings()]


def latest_summary(session: Session, stage_id: int, week: Week) -> Summary | None:
    return latest_of(session, Scope.of_week(stage_id, week))


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
    """Every stored revision, in the order of kinds and periods."""
    yield from session.scalars(
        select(Summary).order_by(Summary.stage_id, Summary.kind, Summary.period, Summary.revision)
    )


@dataclass(frozen=True)
class Shelf:
    """Which summaries a stage has besides its weekly ones; `closings` are ids of periods."""

    to_date: bool
    closings: tuple[int, ...]


def shelf(session: Session, stage_id: int) -> Shelf:
    rows = session.execute(
        select(Summary.kind, Summary.period)
        .where(Summary.stage_id == stage_id, Summary.kind != SummaryKind.WEEKLY)
        .distinct()
    ).all()
    closings = (int(row.period) for row in rows if row.kind is SummaryKind.CLOSING)
    to_date = any(row.kind is SummaryKind.TO_DATE for row in rows)
    return Shelf(to_date, tuple(sorted(closings)))


def latest_points(session: Session, stage_id: int, measure_id: int) -> LatestPoints | None:
    """What people say of this measure, from the summary to date, else from the newest report."""
    for scope in (Scope.to_date(stage_id), *_newest_week(session, stage_id, measure_id)):
        summary = latest_of(session, scope)
        if summary is None:
            continue
        shown = front_points(session, summary, measure_id)
        if shown is not None:
            points = tuple(p for p in shown if p.quotes or p.heading)
            return LatestPoints(summary.kind, summary.period, points) if points else None
    return None


def _newest_week(session: Session, stage_id: int, measure_id: int) -> list[Scope]:
    period = session.scalar(
        select(func.max(Summary.period))
        .join(SummarySection, SummarySection.summary_id == Summary.id)
        .where(
            Summary.stage_id == stage_id,
            Summary.kind == SummaryKind.WEEKLY,
            SummarySection.measure_id == measure_id,
        )
    )
    return [Scope(stage_id, SummaryKind.WEEKLY, period)] if period else []


def measures_before(session: Session, stage_id: int, week: Week) -> set[int]:
    """Ids of the measures that earlier weekly summaries speak of."""
    return set(
        session.scalars(
            select(SummarySection.measure_id)
            .join(Summary, Summary.id == SummarySection.summary_id)
            .where(
                Summary.stage_id == stage_id,
                Summary.kind == SummaryKind.WEEKLY,
                Summary.period < str(week),
            )
            .distinct()
        )
    )
