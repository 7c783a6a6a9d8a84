"""The machine's use cases: taking a comment for screening, and noting what was noticed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.models import Comment
from webapp.moderation.models import Flag, Screening
from webapp.moderation.rules import (
    MOST_ATTEMPTS,
    SAME_TEXT,
    SCREENING_FAILED,
    SCREENING_LEASE,
    Findings,
    FoundFlag,
)
from webapp.moderation.wordings import join_wording, leave_wording, shelve

MACHINE = "machine"


@dataclass(frozen=True)
class ScreeningTask:
    """A text that one worker may look at now; `language` is what its author said."""

    comment_id: int
    version: int
    text: str
    language: str
    attempts: int


def begin_screening(session: Session, comment_id: int, now: datetime) -> ScreeningTask | None:
    """Take a comment for screening; the attempt is counted before the work.

    None when it is screened or held by another worker, and when it has been tried too often: then
    it is marked as failed, and waits for a person all the same.
    """
    found = session.execute(
        select(Comment.version, Comment.text, Comment.language, Screening.attempts)
        .outerjoin(Screening, Screening.comment_id == Comment.id)
        .where(Comment.id == comment_id, Comment.screened_at.is_(None))
    ).one_or_none()
    if found is None:
        session.rollback()
        return None
    attempts = found.attempts or 0
    if attempts >= MOST_ATTEMPTS:
        _give_up(session, comment_id, attempts, now)
        return None
    if not _take(session, comment_id, attempts, now):
        session.rollback()
        return None
    session.commit()
    return ScreeningTask(comment_id, found.version, found.text, found.language, attempts + 1)


def record_screening(
    session: Session,
    comment_id: int,
    findings: Findings,
    now: datetime,
    *,
    version: int | None = None,
) -> bool:
    """Note what was noticed in the text that `version` of the comment had.

    False, and nothing changed, when the comment was screened before, and when its author wrote it
    anew while the machine was looking at it. Without a version, the text is the present one.
    """
    if not _mark_screened(session, comment_id, now, version):
        session.rollback()
        return False
    wording_id, is_new = join_wording(session, comment_id, findings.fingerprint)
    if is_new:
        shelve(session, wording_id, findings.bands)
    flags = [*findings.flags, *([] if is_new else [FoundFlag(SAME_TEXT)])]
    _flag(session, comment_id, flags)
    _end_screening(session, comment_id, language=findings.language[:12], wording_id=wording_id)
    record(
        session,
        actor=MACHINE,
        action="comment.screened",
        subject=f"comment:{comment_id}",
        now=now,
        after={"language": findings.language, "rules": sorted({flag.rule for flag in flags})},
    )
    session.commit()
    return True


def forget_screening(session: Session, comment_id: int) -> None:
    """The text is another one: what was noticed in the old one no longer holds. Commits nothing."""
    known = session.execute(
        select(Screening.wording_id, Screening.is_placed).where(Screening.comment_id == comment_id)
    ).one_or_none()
    session.execute(
        update(Comment)
        .where(Comment.id == comment_id)
        .values(campaign_id=None, fold_number=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(Flag).where(Flag.comment_id == comment_id))
    session.execute(delete(Screening).where(Screening.comment_id == comment_id))
    if known is not None and known.wording_id is not None:
        leave_wording(session, comment_id, known.wording_id, was_placed=known.is_placed)


def _take(session: Session, comment_id: int, attempts: int, now: datetime) -> bool:
    lease_ends_at = now + SCREENING_LEASE
    if _hold(session, comment_id, attempts, now, attempts=attempts + 1, lease=lease_ends_at):
        return True
    if attempts:
        return False
    try:
        session.execute(
            insert(Screening).values(
                comment_id=comment_id, attempts=1, lease_ends_at=lease_ends_at, failed=False
            )
        )
    except IntegrityError:  # another worker began between our look and our hand
        return False
    return True


def _hold(
    session: Session,
    comment_id: int,
    seen: int,
    now: datetime,
    *,
    attempts: int,
    lease: datetime | None,
    failed: bool = False,
) -> bool:
    held = session.execute(
        update(Screening)
        .where(
            Screening.comment_id == comment_id,
            Screening.attempts == seen,
            or_(Screening.lease_ends_at.is_(None), Screening.lease_ends_at <= now),
        )
        .values(attempts=attempts, lease_ends_at=lease, failed=failed)
        .execution_options(synchronize_session=False)
    )
    return bool(held.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def _give_up(session: Session, comment_id: int, attempts: int, now: datetime) -> None:
    held = _hold(session, comment_id, attempts, now, attempts=attempts, lease=None, failed=True)
    if not held or not _mark_screened(session, comment_id, now):
        session.rollback()
        return
    _flag(session, comment_id, [FoundFlag(SCREENING_FAILED)])
    record(
        session,
        actor=MACHINE,
        action="comment.screening-failed",
        subject=f"comment:{comment_id}",
        now=now,
        after={"attempts": attempts},
    )
    session.commit()


def _mark_screened(
    session: Session, comment_id: int, now: datetime, version: int | None = None
) -> bool:
    same = [Comment.version == version] if version is not None else []
    marked = session.execute(
        update(Comment)
        .where(Comment.id == comment_id, Comment.screened_at.is_(None), *same)
        .values(screened_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(marked.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def _flag(session: Session, comment_id: int, flags: list[FoundFlag]) -> None:
    rows = [
        {
            "comment_id": comment_id,
            "rule": flag.rule,
            "start": flag.start,
            "end": flag.end,
            "detail": flag.detail[:200],
        }
        for flag in flags
    ]
    if rows:
        session.execute(insert(Flag), rows)


def _end_screening(session: Session, comment_id: int, **known: object) -> None:
    session.execute(
        update(Screening)
        .where(Screening.comment_id == comment_id)
        .values(lease_ends_at=None, **known)
        .execution_options(synchronize_session=False)
    )
