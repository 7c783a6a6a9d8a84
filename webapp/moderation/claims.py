"""Who works on which comment just now: reading claims, which are advice that expires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from webapp.comments.models import Comment
from webapp.moderation.models import Claim, Takeover
from webapp.moderation.rules import HeldByAnother


def claim_on(session: Session, comment_id: int, now: datetime) -> Claim | None:
    """The claim that holds now, with its holder."""
    return claims_on(session, [comment_id], now).get(comment_id)


def claims_on(session: Session, ids: Sequence[int], now: datetime) -> Mapping[int, Claim]:
    """The claims that hold now on these comments, by comment id."""
    found = session.scalars(
        select(Claim)
        .where(Claim.comment_id.in_(ids), Claim.ends_at > now)
        .options(joinedload(Claim.holder))
        .execution_options(populate_existing=True)
    )
    return {claim.comment_id: claim for claim in found}


def is_held_by_another(moderator_id: int, now: datetime) -> ColumnElement[bool]:
    """The condition for a comment to be in someone else's hands."""
    return (
        select(Claim.comment_id)
        .where(Claim.comment_id == Comment.id, Claim.staff_id != moderator_id, Claim.ends_at > now)
        .exists()
    )


def refuse_if_held(session: Session, comment_id: int, moderator_id: int, now: datetime) -> None:
    """Raises HeldByAnother. It spares double work; what decides is the version."""
    claim = claim_on(session, comment_id, now)
    if claim is not None and claim.staff_id != moderator_id:
        raise HeldByAnother(who=claim.holder.name, ends_at=claim.ends_at)


def takeovers_of(session: Session, comment_id: int) -> Sequence[Takeover]:
    """Who took this comment over from whom, and why, the latest first."""
    return session.scalars(
        select(Takeover)
        .where(Takeover.comment_id == comment_id)
        .order_by(Takeover.id.desc())
        .options(joinedload(Takeover.holder), joinedload(Takeover.successor))
    ).all()
