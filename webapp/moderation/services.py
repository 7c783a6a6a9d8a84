"""Deciding on a comment by compare-and-set; the machine's use cases stand in `screening`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.addresses import tell_author
from webapp.comments.models import Comment
from webapp.comments.rules import VISIBLE, Publication, Treatment
from webapp.letters.rules import LetterKind
from webapp.measures.services import turn_edition
from webapp.moderation.appeals import may_look_again, open_appeal
from webapp.moderation.models import Decision
from webapp.moderation.queries import latest_decision
from webapp.moderation.rules import (
    AlreadyDecided,
    CommentChanged,
    NotScreenedYet,
    SecondLookIsForAnother,
    Verdict,
    WithdrawnMeanwhile,
)
from webapp.moderation.screening import ScreeningTask, begin_screening, record_screening
from webapp.refusal import NotThere

__all__ = ["ScreeningTask", "begin_screening", "decide", "record_screening"]


def decide(
    session: Session,
    comment_id: int,
    *,
    version: int,
    verdict: Verdict,
    moderator_id: int,
    now: datetime,
) -> Decision:
    """Decide on the version of a comment that was read; a later decision corrects an earlier one.

    The same decision sent twice is one. Raises AlreadyDecided when someone else was first,
    WithdrawnMeanwhile when the author was, CommentChanged when it is otherwise not what was read,
    SecondLookIsForAnother, NotScreenedYet, and NotThere.
    """
    read = session.execute(
        select(
            Comment.version,
            Comment.publication,
            Comment.treatment,
            Comment.screened_at,
            Comment.withdrawn_at,
        ).where(Comment.id == comment_id)
    ).one_or_none()
    if read is None:
        raise NotThere
    if read.withdrawn_at is not None:
        raise WithdrawnMeanwhile(withdrawn_at=read.withdrawn_at)
    if read.version == version and read.screened_at is None:
        raise NotScreenedYet
    appeal = open_appeal(session, comment_id)
    if appeal is not None and not may_look_again(session, appeal, moderator_id):
        raise SecondLookIsForAnother
    if not _settle(session, comment_id, version, verdict):
        return _lost(session, comment_id, version, verdict, moderator_id)
    decision = Decision(
        comment_id=comment_id,
        version=version,
        publication=verdict.publication,
        treatment=verdict.treatment,
        reason=verdict.reason,
        note=verdict.note,
        moderator_id=moderator_id,
        decided_at=now,
    )
    session.add(decision)
    session.flush()
    _tell(session, decision, _state(read.publication, read.treatment, version), now)
    session.commit()
    return decision


def _settle(session: Session, comment_id: int, version: int, verdict: Verdict) -> bool:
    settled = session.execute(
        update(Comment)
        .where(Comment.id == comment_id, Comment.version == version)
        .values(
            publication=verdict.publication,
            treatment=verdict.treatment,
            version=version + 1,
            campaign_id=None,
            fold_number=None,
        )
        .execution_options(synchronize_session=False)
    )
    return bool(settled.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def _lost(
    session: Session, comment_id: int, version: int, verdict: Verdict, moderator_id: int
) -> Decision:
    """What stands instead. It is the same decision when one person's hand slipped twice."""
    session.rollback()
    withdrawn_at = session.scalar(select(Comment.withdrawn_at).where(Comment.id == comment_id))
    if withdrawn_at is not None:
        raise WithdrawnMeanwhile(withdrawn_at=withdrawn_at)
    latest = latest_decision(session, comment_id)
    if latest is None or latest.version < version:
        raise CommentChanged
    mine = Verdict(latest.publication, latest.treatment, latest.reason, latest.note)
    if (latest.version, latest.moderator_id, mine) == (version, moderator_id, verdict):
        return latest
    raise AlreadyDecided(who=latest.moderator.name, decided_at=latest.decided_at)


def _tell(
    session: Session, decision: Decision, before: Mapping[str, object], now: datetime
) -> None:
    """What follows from a decision: the trail, the public pages, a letter to the author."""
    after = _state(decision.publication, decision.treatment, decision.version + 1)
    record(
        session,
        actor=f"staff:{decision.moderator_id}",
        action="comment.decided",
        subject=f"comment:{decision.comment_id}",
        now=now,
        before=before,
        after={**after, "reason": decision.reason, "note": decision.note},
    )
    if (before["publication"] in VISIBLE) != (decision.publication in VISIBLE):
        turn_edition(session)
    tell_author(
        session, decision.comment_id, kind=LetterKind.DECISION, subject_id=decision.id, now=now
    )


def _state(publication: Publication, treatment: Treatment, version: int) -> dict[str, object]:
    return {"publication": publication, "treatment": treatment, "version": version}
