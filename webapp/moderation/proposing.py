"""Writing down a verdict that takes a second person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.rules import Publication
from webapp.moderation.models import Proposal
from webapp.moderation.proposals import open_proposal
from webapp.moderation.rules import AlreadyProposed, CommentChanged, Verdict


def add_proposal(
    session: Session,
    comment_id: int,
    *,
    version: int,
    verdict: Verdict,
    moderator_id: int,
    now: datetime,
    before: dict[str, object],
) -> Proposal:
    """Add the proposal and its trail, in the caller's transaction."""
    proposal = Proposal(
        comment_id=comment_id,
        version=version,
        publication=verdict.publication,
        treatment=verdict.treatment,
        reason=verdict.reason,
        note=verdict.note,
        moderator_id=moderator_id,
        proposed_at=now,
    )
    session.add(proposal)
    record(
        session,
        actor=f"staff:{moderator_id}",
        action="comment.proposed",
        subject=f"comment:{comment_id}",
        now=now,
        before=before,
        after={
            "publication": Publication.WAITING,
            "version": version + 1,
            "proposed": [verdict.publication, verdict.treatment, verdict.reason],
            "note": verdict.note,
        },
    )
    return proposal


def standing_proposal(
    session: Session, comment_id: int, version: int, verdict: Verdict, moderator_id: int
) -> Proposal:
    """One's own proposal of the same on this version: a hand that slipped twice.

    Raises AlreadyProposed when something else is proposed, CommentChanged when nothing is.
    """
    found = open_proposal(session, comment_id)
    if found is None or found.version < version:
        raise CommentChanged
    said = Verdict(found.publication, found.treatment, found.reason, found.note)
    if (found.version, found.moderator_id, said) != (version, moderator_id, verdict):
        raise AlreadyProposed(who=found.moderator.name, proposed_at=found.proposed_at)
    return found
