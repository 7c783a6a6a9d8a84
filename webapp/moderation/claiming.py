"""Taking a comment up, keeping it, leaving it, and taking it over from someone else."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.models import Comment
from webapp.moderation.claims import claim_on, refuse_if_held
from webapp.moderation.models import Claim, Takeover
from webapp.moderation.queries import EVERYTHING, next_waiting
from webapp.moderation.queue_rules import QueueFilter, QueueKey
from webapp.moderation.rules import LEAVING
from webapp.orm import changed_rows
from webapp.refusal import NotThere

MOST_TRIES = 10
"""How often one reaches for a comment while others take it, or let it go, at the same instant."""


def take_up(
    session: Session, comment_id: int, *, moderator_id: int, now: datetime, lasting: timedelta
) -> None:
    """Hold a comment that nobody else holds; taking it up again prolongs the claim.

    Raises HeldByAnother and NotThere.
    """
    if session.get(Comment, comment_id) is None:
        raise NotThere
    for _ in range(MOST_TRIES):
        if _hold(session, comment_id, moderator_id, now, lasting):
            break
        refuse_if_held(session, comment_id, moderator_id, now)  # unless it was just let go
    session.commit()


def take_next(
    session: Session,
    after: QueueKey,
    wanted: QueueFilter = EVERYTHING,
    *,
    moderator_id: int,
    now: datetime,
    lasting: timedelta,
) -> int | None:
    """Take up the comment that follows a place in the queue, and say which; None when none does.

    What others hold and what this moderator may not decide is passed over.
    """
    for _ in range(MOST_TRIES):
        found = next_waiting(session, after, wanted, moderator_id=moderator_id, now=now)
        if found is None or _hold(session, found, moderator_id, now, lasting):
            session.commit()
            return found
        session.rollback()
    return None


def keep(
    session: Session, comment_id: int, *, moderator_id: int, now: datetime, lasting: timedelta
) -> None:
    """Prolong a claim of one's own, also one that has just ended and that nobody took instead."""
    _end_mine_at(session, comment_id, moderator_id, now + lasting)
    session.commit()


def leave(
    session: Session, comment_id: int, *, moderator_id: int, now: datetime, soon: bool = False
) -> None:
    """Let a comment of one's own go: at once, or `soon`, when its page was closed or loaded anew.

    Letting go what one does not hold changes nothing.
    """
    ends_at = now + LEAVING if soon else now
    _end_mine_at(session, comment_id, moderator_id, ends_at, Claim.ends_at > ends_at)
    session.commit()


def take_over(
    session: Session,
    comment_id: int,
    *,
    reason: str,
    moderator_id: int,
    now: datetime,
    lasting: timedelta,
) -> None:
    """Hold a comment that someone else holds; the reason stays on record with both names.

    Where nobody holds it any more, it is just taken up. Raises NotThere.
    """
    if session.get(Comment, comment_id) is None:
        raise NotThere
    held = claim_on(session, comment_id, now)
    if held is not None and held.staff_id != moderator_id:
        holder_id = held.staff_id
        taken = session.execute(
            update(Claim)
            .where(Claim.comment_id == comment_id, Claim.staff_id == holder_id)
            .values(staff_id=moderator_id, ends_at=now + lasting)
            .execution_options(synchronize_session=False)
        )
        if changed_rows(taken):
            _note_takeover(session, comment_id, holder_id, moderator_id, reason, now)
    else:
        _hold(session, comment_id, moderator_id, now, lasting)
    session.commit()


def clear_claim(session: Session, comment_id: int) -> None:
    """Nobody holds what has just been decided; in the caller's transaction."""
    session.execute(
        delete(Claim)
        .where(Claim.comment_id == comment_id)
        .execution_options(synchronize_session=False)
    )


def _hold(
    session: Session, comment_id: int, moderator_id: int, now: datetime, lasting: timedelta
) -> bool:
    """One statement, so that of two who reach for a comment one gets it."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    mine = {"staff_id": moderator_id, "ends_at": now + lasting}
    held = session.execute(
        dialect.insert(Claim)
        .values(comment_id=comment_id, **mine)
        .on_conflict_do_update(
            index_elements=[Claim.comment_id],
            set_=mine,
            where=or_(Claim.staff_id == moderator_id, Claim.ends_at <= now),
        )
        .returning(Claim.comment_id)
    )
    return held.scalar_one_or_none() is not None


def _end_mine_at(
    session: Session,
    comment_id: int,
    moderator_id: int,
    ends_at: datetime,
    *conditions: ColumnElement[bool],
) -> None:
    session.execute(
        update(Claim)
        .where(Claim.comment_id == comment_id, Claim.staff_id == moderator_id, *conditions)
        .values(ends_at=ends_at)
        .execution_options(synchronize_session=False)
    )


def _note_takeover(
    session: Session, comment_id: int, from_id: int, by_id: int, reason: str, now: datetime
) -> None:
    session.add(
        Takeover(comment_id=comment_id, from_id=from_id, by_id=by_id, reason=reason, taken_at=now)
    )
    record(
        session,
        actor=f"staff:{by_id}",
        action="comment.taken-over",
        subject=f"comment:{comment_id}",
        now=now,
        before={"holder": from_id},
        after={"holder": by_id, "reason": reason},
    )
