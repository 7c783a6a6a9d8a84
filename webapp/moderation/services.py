"""Deciding on a comment by compare-and-set; the machine's use cases stand in `screening`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.addresses import tell_author
from webapp.comments.models import Comment
from webapp.comments.rules import VISIBLE, Publication, Treatment
from webapp.letters.rules import LetterKind
from webapp.measures.services import turn_edition
from webapp.moderation.appeals import may_look_again, open_appeal
from webapp.moderation.models import Decision, Redaction
from webapp.moderation.published import covered_by
from webapp.moderation.queries import latest_decision
from webapp.moderation.redactions import change_of, published_text, settled
from webapp.moderation.rules import (
    AlreadyDecided,
    CommentChanged,
    Covered,
    NotScreenedYet,
    SecondLookIsForAnother,
    Verdict,
    WithdrawnMeanwhile,
)
from webapp.moderation.screening import ScreeningTask, begin_screening, record_screening
from webapp.refusal import NotThere

__all__ = ["ScreeningTask", "begin_screening", "decide", "record_screening"]

_AS_READ = select(
    Comment.version,
    Comment.text,
    Comment.published_text,
    Comment.publication,
    Comment.treatment,
    Comment.screened_at,
    Comment.withdrawn_at,
)


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
    SecondLookIsForAnother, NotScreenedYet, NothingCovered, NothingLeft, and NotThere.
    """
    read = session.execute(_AS_READ.where(Comment.id == comment_id)).one_or_none()
    if read is None:
        raise NotThere
    if read.withdrawn_at is not None:
        raise WithdrawnMeanwhile(withdrawn_at=read.withdrawn_at)
    if read.version == version and read.screened_at is None:
        raise NotScreenedYet
    appeal = open_appeal(session, comment_id)
    if appeal is not None and not may_look_again(session, appeal, moderator_id):
        raise SecondLookIsForAnother
    if read.version == version:
        verdict = replace(verdict, covered=settled(read.text, verdict.covered))
    published = published_text(read.text, verdict) if read.version == version else None
    if not _settle(session, comment_id, version, verdict, published, now):
        return _lost(session, comment_id, version, verdict, moderator_id)
    decision = Decision(
        comment_id=comment_id,
        version=version,
        publication=verdict.publication,
        treatment=verdict.treatment,
        reason=verdict.reason,
        note=verdict.note,
        change=change_of(
            read.publication,
            read.published_text,
            verdict.publication,
            published,
            is_first=read.treatment is Treatment.UNDECIDED,
        ),
        moderator_id=moderator_id,
        decided_at=now,
    )
    session.add(decision)
    session.flush()
    _cover(session, decision.id, verdict.covered)
    before = _state(read.publication, read.treatment, version)
    _tell(session, decision, verdict.covered, before, now)
    session.commit()
    return decision


def _settle(
    session: Session,
    comment_id: int,
    version: int,
    verdict: Verdict,
    published: str | None,
    now: datetime,
) -> bool:
    first_time = {"published_at": func.coalesce(Comment.published_at, now)}
    moved = session.execute(
        update(Comment)
        .where(Comment.id == comment_id, Comment.version == version)
        .values(
            publication=verdict.publication,
            published_text=published,
            treatment=verdict.treatment,
            version=version + 1,
            **(first_time if published is not None else {}),
        )
        .execution_options(synchronize_session=False)
    )
    return bool(moved.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def _cover(session: Session, decision_id: int, spans: Sequence[Covered]) -> None:
    for span in spans:
        session.add(
            Redaction(decision_id=decision_id, start=span.start, end=span.end, reason=span.reason)
        )


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
    covered = covered_by(session, latest.id)
    mine = Verdict(latest.publication, latest.treatment, latest.reason, latest.note, covered)
    if (latest.version, latest.moderator_id, mine) == (version, moderator_id, verdict):
        return latest
    raise AlreadyDecided(who=latest.moderator.name, decided_at=latest.decided_at)


def _tell(
    session: Session,
    decision: Decision,
    covered: Sequence[Covered],
    before: Mapping[str, object],
    now: datetime,
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
        after={**after, "reason": decision.reason, "note": decision.note, **_spans(covered)},
    )
    seen = (before["publication"] in VISIBLE, decision.publication in VISIBLE)
    if seen[0] != seen[1] or decision.change or decision.publication is Publication.REDACTED:
        turn_edition(session)
    tell_author(
        session, decision.comment_id, kind=LetterKind.DECISION, subject_id=decision.id, now=now
    )


def _spans(covered: Sequence[Covered]) -> dict[str, object]:
    spans = [[span.start, span.end, span.reason] for span in covered]
    return {"covered": spans} if spans else {}


def _state(publication: Publication, treatment: Treatment, version: int) -> dict[str, object]:
    return {"publication": publication, "treatment": treatment, "version": version}
