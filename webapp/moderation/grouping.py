"""Which decisions or proposals were made in one press; the first of them names the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.rules import Treatment
from webapp.moderation.membership import Membership
from webapp.moderation.models import Claim, Decision, MeasureWording, Proposal, Screening
from webapp.moderation.proposals import is_open
from webapp.moderation.queries import is_waiting
from webapp.moderation.rules import Verdict


@dataclass(frozen=True)
class ProposedTogether:
    """What one person proposed in one press on comments of a campaign that wait there."""

    first: int
    comments: int
    moderator_id: int
    name: str
    proposed_at: datetime
    verdict: Verdict


def made_with_decision(session: Session, first: int) -> ColumnElement[bool]:
    """The condition for a decision to have been made in one press with this one, or to be it."""
    found = session.get(Decision, first)
    if found is None:
        return false()
    return (
        (Decision.id >= first)
        & (Decision.moderator_id == found.moderator_id)
        & (Decision.decided_at == found.decided_at)
    )


def made_with_proposal(session: Session, first: int) -> ColumnElement[bool]:
    """The same for proposals."""
    found = session.get(Proposal, first)
    if found is None:
        return false()
    return (
        (Proposal.id >= first)
        & (Proposal.moderator_id == found.moderator_id)
        & (Proposal.proposed_at == found.proposed_at)
    )


def proposed_together(session: Session, first: int) -> ColumnElement[bool]:
    """The condition for a comment to wait with a proposal that was made with this one."""
    return (
        select(Proposal.id)
        .where(Proposal.comment_id == Comment.id, is_open(), made_with_proposal(session, first))
        .exists()
    )


def shown_in(
    session: Session, campaign_id: int, members: Membership
) -> Sequence[ColumnElement[bool]]:
    """The conditions for a comment, joined with its screening, to be one that was shown.

    Whatever changes a comment takes its fold number away, so it has not changed either.
    """
    conditions = (
        Comment.campaign_id == campaign_id,
        Comment.fold_number <= members.upto,
        Comment.treatment == Treatment.UNDECIDED,
        Screening.wording_id.in_(members.wording_ids),
        is_waiting(),
    )
    if members.proposal is None:
        return conditions
    return (*conditions, proposed_together(session, members.proposal))


def campaign_of(session: Session, comment_id: int) -> int | None:
    """The campaign of a comment's like, whether it waits there or not; None where it has none."""
    return session.scalar(
        select(MeasureWording.campaign_id)
        .join(Screening, Screening.wording_id == MeasureWording.wording_id)
        .join(Comment, Comment.id == Screening.comment_id)
        .where(Comment.id == comment_id, MeasureWording.measure_id == Comment.measure_id)
    )


def proposals_in(
    session: Session, campaign_id: int, upto: int, wording_ids: Sequence[int]
) -> Sequence[ProposedTogether]:
    """What is proposed on those comments of a campaign that a page shows, the most first."""
    said = (
        Proposal.moderator_id,
        Proposal.proposed_at,
        Proposal.publication,
        Proposal.treatment,
        Proposal.reason,
        Proposal.note,
    )
    rows = session.execute(
        select(func.min(Proposal.id), func.count())
        .join(Comment, Comment.id == Proposal.comment_id)
        .join(Screening, Screening.comment_id == Comment.id)
        .where(
            Comment.campaign_id == campaign_id,
            Comment.fold_number <= upto,
            Screening.wording_id.in_(wording_ids),
            is_waiting(),
            is_open(),
        )
        .group_by(*said)
        .order_by(func.count().desc(), func.min(Proposal.id))
    )
    return [_group(session.get_one(Proposal, first), comments) for first, comments in rows.all()]


def _group(first: Proposal, comments: int) -> ProposedTogether:
    return ProposedTogether(
        first=first.id,
        comments=comments,
        moderator_id=first.moderator_id,
        name=first.moderator.name,
        proposed_at=first.proposed_at,
        verdict=Verdict(first.publication, first.treatment, first.reason, first.note),
    )


def held_in(session: Session, campaign_id: int, moderator_id: int, now: datetime) -> int:
    """How many comments of a campaign are in others' hands."""
    held = (
        select(func.count())
        .select_from(Claim)
        .join(Comment, Comment.id == Claim.comment_id)
        .where(
            Comment.campaign_id == campaign_id, Claim.staff_id != moderator_id, Claim.ends_at > now
        )
    )
    return session.scalar(held) or 0
