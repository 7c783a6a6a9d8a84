"""What waits for the machine or a person, and what is known about one comment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload

from webapp.comments.models import Comment
from webapp.comments.rules import Channel, Publication
from webapp.measures.models import Entry, Stage
from webapp.moderation.appeals import has_a_hand_in, is_appealed
from webapp.moderation.claims import is_held_by_another
from webapp.moderation.models import Decision, Flag, Screening, Wording
from webapp.moderation.proposals import is_proposed_by
from webapp.moderation.queue_rules import QueueFilter, QueueKey
from webapp.moderation.rules import ScreeningState
from webapp.moderation.standing import stands
from webapp.moderation.wanting import LOOK, measures_wanted, texts_wanted

PAGE = 50
EXCERPT = 160
MOST_COUNTED = 1_000
EVERYTHING = QueueFilter()


@dataclass(frozen=True)
class WaitingComment:
    """A line of the queue. `copies` counts the comments with this wording, itself among them."""

    id: int
    stage: str
    measure: str
    language: str
    channel: Channel
    received_at: datetime
    excerpt: str
    screening: ScreeningState
    copies: int
    appealed: bool
    rules: tuple[str, ...]


@dataclass(frozen=True)
class QueueState:
    """How long the queue is, and since when its oldest comment waits. `more`: longer than that."""

    oldest_received_at: datetime | None
    waiting: int
    more: bool


def is_waiting() -> ColumnElement[bool]:
    """The condition for a comment to need a decision."""
    # Written out, not bound: a database proves only from a constant that its partial index fits.
    waiting = literal(Publication.WAITING, Comment.publication.type, literal_execute=True)
    return Comment.publication == waiting


def unscreened_comments(session: Session, now: datetime, limit: int) -> Sequence[int]:
    """Ids of comments that no worker has screened or holds, the first that came first."""
    return session.scalars(
        select(Comment.id)
        .outerjoin(Screening, Screening.comment_id == Comment.id)
        .where(
            Comment.screened_at.is_(None),
            or_(Screening.lease_ends_at.is_(None), Screening.lease_ends_at <= now),
        )
        .order_by(Comment.id)
        .limit(limit)
    ).all()


def waiting_lines(session: Session, ids: Sequence[int]) -> dict[int, WaitingComment]:
    """What the queue says of these comments, by id."""
    lines = (
        select(
            Comment.id,
            Stage.slug,
            Entry.code,
            Comment.language,
            Comment.channel,
            Comment.received_at,
            func.substr(Comment.text, 1, EXCERPT).label("excerpt"),
            Comment.screened_at,
            Screening.failed,
            Wording.copies,
            is_appealed().label("appealed"),
        )
        .join(Entry, Entry.id == Comment.measure_id)
        .join(Stage, Stage.id == Entry.stage_id)
        .outerjoin(Screening, Screening.comment_id == Comment.id)
        .outerjoin(Wording, Wording.id == Screening.wording_id)
        .where(Comment.id.in_(ids))
    )
    rules = _rules_of(session, ids)
    return {row.id: _waiting(row, rules[row.id]) for row in session.execute(lines)}


def next_waiting(
    session: Session,
    after: QueueKey,
    wanted: QueueFilter = EVERYTHING,
    *,
    moderator_id: int | None = None,
    now: datetime | None = None,
) -> int | None:
    """The comment to decide after this one; behind the last comes the first again.

    What another person than this moderator has to look at, or holds `now`, is passed over.
    """
    for place in (after, None):
        decidable = _in_queue(session, place, wanted, now).where(
            Comment.screened_at.is_not(None), *_is_for(moderator_id, now)
        )
        found = session.scalar(decidable.limit(1))
        if found is not None:
            return found
    return None


def queue_state(session: Session) -> QueueState:
    """How the queue stands, without ever counting further than `MOST_COUNTED`."""
    oldest = session.scalar(
        select(Comment.received_at)
        .where(is_waiting())
        .order_by(Comment.received_at, Comment.id)
        .limit(1)
    )
    counted = select(Comment.id).where(is_waiting()).limit(MOST_COUNTED + 1).subquery()
    waiting = session.scalar(select(func.count()).select_from(counted)) or 0
    return QueueState(oldest, min(waiting, MOST_COUNTED), waiting > MOST_COUNTED)


def screening_state(screened_at: datetime | None, failed: bool | None) -> ScreeningState:
    if screened_at is None:
        return ScreeningState.PENDING
    return ScreeningState.FAILED if failed else ScreeningState.DONE


def comment_for_desk(session: Session, comment_id: int) -> Comment | None:
    """One comment with its measure, stage and action."""
    return session.scalar(
        select(Comment)
        .where(Comment.id == comment_id)
        .options(joinedload(Comment.measure).joinedload(Entry.stage), joinedload(Comment.action))
    )


def screening_of(session: Session, comment_id: int) -> Screening | None:
    return session.get(Screening, comment_id)


def flags_of(session: Session, comment_id: int) -> Sequence[Flag]:
    """What was noticed in this comment, in the order of the text."""
    return session.scalars(
        select(Flag)
        .where(Flag.comment_id == comment_id)
        .order_by(Flag.start, Flag.end, Flag.rule, Flag.id)
    ).all()


def latest_decision(
    session: Session, comment_id: int, *, before: int | None = None
) -> Decision | None:
    """The decision that stands, or stood `before` this version; what was undone does not."""
    standing = _decisions(comment_id).where(stands())
    if before is not None:
        standing = standing.where(Decision.version < before)
    return session.scalar(standing.order_by(Decision.version.desc()).limit(1))


def decisions_of(session: Session, comment_id: int) -> Sequence[Decision]:
    """Every decision on this comment with who made it, the newest first, also what was undone."""
    return session.scalars(_decisions(comment_id).order_by(Decision.version.desc())).all()


def is_first_decision(session: Session, decision: Decision) -> bool:
    """Whether nothing had been decided about the comment before."""
    earlier = select(Decision.id).where(
        Decision.comment_id == decision.comment_id, Decision.version < decision.version, stands()
    )
    return session.scalar(earlier.limit(1)) is None


def _waiting(row: Row[Any], rules: tuple[str, ...]) -> WaitingComment:
    return WaitingComment(
        id=row.id,
        stage=row.slug,
        measure=row.code,
        language=row.language,
        channel=row.channel,
        received_at=row.received_at,
        excerpt=row.excerpt,
        screening=screening_state(row.screened_at, row.failed),
        copies=row.copies or 1,
        appealed=row.appealed,
        rules=rules,
    )


def _decisions(comment_id: int) -> Select[Decision]:
    return (
        select(Decision)
        .where(Decision.comment_id == comment_id)
        .options(joinedload(Decision.moderator))
    )


def _rules_of(session: Session, ids: Sequence[int]) -> defaultdict[int, tuple[str, ...]]:
    rules: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    rows = session.execute(
        select(Flag.comment_id, Flag.rule)
        .where(Flag.comment_id.in_(ids))
        .distinct()
        .order_by(Flag.comment_id, Flag.rule)
    )
    for comment_id, rule in rows:
        rules[comment_id] += (rule,)
    return rules


def _is_for(moderator_id: int | None, now: datetime | None) -> list[ColumnElement[bool]]:
    if moderator_id is None:
        return []
    held = [~is_held_by_another(moderator_id, now)] if now is not None else []
    return [~has_a_hand_in(moderator_id), ~is_proposed_by(moderator_id), *held]


def _in_queue(
    session: Session, after: QueueKey | None, wanted: QueueFilter, now: datetime | None
) -> Select[int]:
    """Ids of comments that wait for themselves, among the first that an index leads to."""
    place = (Comment.received_at, Comment.id)
    measures = measures_wanted(session, wanted)
    looked = select(Comment.id).where(is_waiting(), Comment.campaign_id.is_(None))
    if after is not None:
        looked = looked.where(tuple_(*place) > (after.received_at, after.id))
    if measures is not None:
        looked = looked.where(Comment.measure_id.in_(measures))
    if wanted.days and now is not None:
        looked = looked.where(Comment.received_at <= now - timedelta(days=wanted.days))
    looked = looked.order_by(*place).limit(LOOK)
    return (
        select(Comment.id)
        .where(Comment.id.in_(select(looked.subquery().c.id)), *texts_wanted(wanted))
        .order_by(*place)
    )
