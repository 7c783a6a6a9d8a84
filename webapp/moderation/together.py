"""One decision over the comments of a campaign that were shown, and over no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.addresses import tell_author
from webapp.comments.models import Comment, Contact
from webapp.comments.rules import VISIBLE, Publication, Treatment
from webapp.letters.rules import LetterKind
from webapp.measures.services import turn_edition
from webapp.moderation.models import Decision, Screening
from webapp.moderation.queries import is_waiting
from webapp.moderation.rules import Membership, NothingLeftTogether, Verdict
from webapp.orm import table_of

MOST_TOGETHER = 10_000
"""Comments that one transaction decides; it takes seconds."""
SOME = 500


@dataclass(frozen=True)
class DecidedTogether:
    """How many comments were decided, and how many that were shown had changed meanwhile."""

    decided: int
    left_out: int


def decide_together(
    session: Session,
    campaign_id: int,
    *,
    members: Membership,
    verdict: Verdict,
    moderator_id: int,
    now: datetime,
) -> DecidedTogether:
    """Make the same decision on each comment that was shown and still stands as it was.

    What came later waits, and so does the rest of more than `MOST_TOGETHER`. Each comment has its
    own decision, trail and letter; the public pages turn once. Raises NothingLeftTogether.
    """
    rows = _standing(session, campaign_id, members)
    if not rows:
        session.rollback()
        raise NothingLeftTogether
    ids = [row.id for row in rows]
    for some in _in_steps(ids):
        session.execute(
            update(Comment)
            .where(Comment.id.in_(some))
            .values(
                publication=verdict.publication,
                treatment=verdict.treatment,
                version=Comment.version + 1,
                campaign_id=None,
                fold_number=None,
            )
            .execution_options(synchronize_session=False)
        )
    _note(session, rows, verdict, moderator_id, now)
    if verdict.publication in VISIBLE:
        turn_edition(session)
    _tell_authors(session, ids, moderator_id, now)
    session.commit()
    return DecidedTogether(len(ids), max(0, min(members.shown, MOST_TOGETHER) - len(ids)))


def _standing(session: Session, campaign_id: int, members: Membership) -> Sequence[Row[int, int]]:
    """Who was shown and has not changed: whatever changes a comment takes its fold number away."""
    return session.execute(
        select(Comment.id, Comment.version)
        .join(Screening, Screening.comment_id == Comment.id)
        .where(
            Comment.campaign_id == campaign_id,
            Comment.fold_number <= members.upto,
            Comment.treatment == Treatment.UNDECIDED,
            Screening.wording_id.in_(members.wording_ids),
            is_waiting(),
        )
        .order_by(Comment.id)
        .limit(MOST_TOGETHER)
        .with_for_update(of=table_of(Comment))
    ).all()


def _note(
    session: Session,
    rows: Sequence[Row[int, int]],
    verdict: Verdict,
    moderator_id: int,
    now: datetime,
) -> None:
    """A decision and an audit entry for each."""
    decided = {
        "publication": verdict.publication,
        "treatment": verdict.treatment,
        "reason": verdict.reason,
        "note": verdict.note,
    }
    decisions = [
        {
            "comment_id": row.id,
            "version": row.version,
            "moderator_id": moderator_id,
            "decided_at": now,
            **decided,
        }
        for row in rows
    ]
    session.execute(insert(table_of(Decision)), decisions)
    for row in rows:
        record(
            session,
            actor=f"staff:{moderator_id}",
            action="comment.decided",
            subject=f"comment:{row.id}",
            now=now,
            before={
                "publication": Publication.WAITING,
                "treatment": Treatment.UNDECIDED,
                "version": row.version,
            },
            after={**decided, "version": row.version + 1},
        )


def _tell_authors(session: Session, ids: Sequence[int], moderator_id: int, now: datetime) -> None:
    for some in _in_steps(ids):
        reachable = session.execute(
            select(Decision.id, Decision.comment_id)
            .join(Contact, Contact.comment_id == Decision.comment_id)
            .where(
                Decision.comment_id.in_(some),
                Decision.moderator_id == moderator_id,
                Decision.decided_at == now,
            )
        )
        for decision_id, comment_id in reachable.all():
            tell_author(
                session,
                comment_id,
                kind=LetterKind.DECISION,
                subject_id=decision_id,
                now=now,
            )


def _in_steps(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + SOME] for start in range(0, len(ids), SOME)]
