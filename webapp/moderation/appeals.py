"""Which withholdings their authors asked to have looked at again, and by whom that may be done."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from webapp.accounts.models import Staff
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.moderation.models import Appeal, Decision, Proposal
from webapp.moderation.proposals import open_proposal, proposal_before
from webapp.moderation.rules import MAY_DECIDE
from webapp.moderation.standing import stands


def open_appeal(session: Session, comment_id: int) -> Appeal | None:
    """The appeal that waits for a second look, with the decision it is about."""
    return session.scalar(
        select(Appeal)
        .join(Comment, Comment.id == Appeal.comment_id)
        .join(Decision, Decision.id == Appeal.decision_id)
        .where(
            Appeal.comment_id == comment_id,
            Comment.publication == Publication.WAITING,
            _is_the_last_word(),
        )
        .order_by(Appeal.id.desc())
        .limit(1)
        .options(joinedload(Appeal.decision))
    )


def appeals_of(session: Session, comment_id: int) -> Sequence[Appeal]:
    """Every appeal there was, the first one first."""
    return session.scalars(
        select(Appeal).where(Appeal.comment_id == comment_id).order_by(Appeal.id)
    ).all()


def is_second_look(session: Session, decision: Decision) -> bool:
    """Whether this decision is the outcome of an appeal: the one before it was appealed."""
    before = (
        select(Decision.id)
        .where(
            Decision.comment_id == decision.comment_id,
            Decision.version < decision.version,
            stands(),
        )
        .order_by(Decision.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    appealed = select(Appeal.id).where(Appeal.decision_id == before)
    return session.scalar(appealed.limit(1)) is not None


def active_deciders(session: Session) -> frozenset[int]:
    """Everyone who may decide now."""
    deciders = select(Staff.id).where(Staff.role.in_(MAY_DECIDE), Staff.disabled_at.is_(None))
    return frozenset(session.scalars(deciders))


def may_look_again(session: Session, appeal: Appeal, moderator_id: int) -> bool:
    """Whether this moderator may take the second look, or be the second person in it.

    That is for someone who had no hand in the withholding. Where nobody such is left, whoever only
    proposed it may; where nobody else at all, the same person has to.
    """
    proposal = open_proposal(session, appeal.comment_id)
    proposer = {proposal.moderator_id} if proposal else set()
    if moderator_id in proposer:
        return True
    decided_by = {appeal.decision.moderator_id}
    first = proposal_before(session, appeal.comment_id, appeal.decision.version)
    left = active_deciders(session) - proposer
    for partial in (decided_by | ({first.moderator_id} if first else set()), decided_by):
        if left - partial:
            return moderator_id not in partial
    return True


def is_appealed(*about_the_decision: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition for a waiting comment to wait for a second look."""
    return (
        select(Appeal.id)
        .join(Decision, Decision.id == Appeal.decision_id)
        .where(Appeal.comment_id == Comment.id, _is_the_last_word(), *about_the_decision)
        .exists()
    )


def has_a_hand_in(moderator_id: int) -> ColumnElement[bool]:
    """The condition for a waiting comment to wait for another's second look than this moderator's.

    Told in one query, for the queue; `may_look_again` has the last word.
    """
    someone_else = (
        select(Staff.id)
        .where(
            Staff.role.in_(MAY_DECIDE),
            Staff.disabled_at.is_(None),
            Staff.id.not_in([moderator_id, Decision.moderator_id]),
        )
        .exists()
    )
    proposed = (
        select(Proposal.id)
        .where(
            Proposal.comment_id == Decision.comment_id,
            Proposal.version == Decision.version - 1,
            Proposal.moderator_id == moderator_id,
        )
        .exists()
    )
    return is_appealed(or_(Decision.moderator_id == moderator_id, and_(proposed, someone_else)))


def _is_the_last_word() -> ColumnElement[bool]:
    """The condition for nothing later to stand than the decision that was appealed."""
    later = aliased(Decision)
    return ~(
        select(later.id)
        .where(
            later.comment_id == Decision.comment_id, later.version > Decision.version, stands(later)
        )
        .exists()
    )
