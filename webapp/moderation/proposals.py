"""Verdicts that wait for a second person: reading them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.moderation.models import Proposal


def is_open() -> ColumnElement[bool]:
    """The condition for a proposal to be what its comment waits with."""
    return (Proposal.version == Comment.version - 1) & (Comment.publication == Publication.WAITING)


def open_proposal(session: Session, comment_id: int) -> Proposal | None:
    """The proposal that a second person has to look at, with who made it."""
    return proposals_on(session, [comment_id]).get(comment_id)


def proposals_on(session: Session, ids: Sequence[int]) -> Mapping[int, Proposal]:
    """The open proposals on these comments, by comment id."""
    found = session.scalars(
        select(Proposal)
        .join(Comment, Comment.id == Proposal.comment_id)
        .where(Comment.id.in_(ids), is_open())
        .options(joinedload(Proposal.moderator))
    )
    return {proposal.comment_id: proposal for proposal in found}


def proposals_of(session: Session, comment_id: int) -> Sequence[Proposal]:
    """Every proposal there was, the latest first."""
    return session.scalars(
        select(Proposal)
        .where(Proposal.comment_id == comment_id)
        .order_by(Proposal.version.desc())
        .options(joinedload(Proposal.moderator))
    ).all()


def proposal_before(session: Session, comment_id: int, version: int) -> Proposal | None:
    """The proposal that a decision on this version settled."""
    return session.scalar(
        select(Proposal).where(Proposal.comment_id == comment_id, Proposal.version == version - 1)
    )


def is_proposed_by(moderator_id: int) -> ColumnElement[bool]:
    """The condition for a waiting comment to wait for another person than this moderator."""
    return (
        select(Proposal.id)
        .where(Proposal.comment_id == Comment.id, is_open(), Proposal.moderator_id == moderator_id)
        .exists()
    )
