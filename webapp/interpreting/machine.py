"""The machine's use cases: taking a comment, paying for it, and noting what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.models import Comment
from webapp.comments.queries import is_visible
from webapp.interpreting.books import LONGEST_ERROR, BudgetSpent, blame, praise, reserve, settle
from webapp.interpreting.models import CommentTranslation, TranslationProvider, TranslationTry
from webapp.interpreting.rules import (
    FAILURES_IN_A_ROW,
    MOST_ATTEMPTS,
    Job,
    month_of,
    pause_before,
    source_digest,
)
from webapp.measures.models import Origin
from webapp.measures.services import turn_edition
from webapp.orm import changed_rows

MACHINE = "translating-machine"


def begin(
    session: Session, comment_id: int, lang: str, *, most: int, lasting: timedelta, now: datetime
) -> Job | None:
    """Take a comment and reserve its characters, of `most` a month, before anything is sent.

    The attempt is counted now. None when it is not there to be taken. Raises BudgetSpent.
    """
    found = session.execute(
        select(Comment.version, Comment.published_text, Comment.language).where(
            Comment.id == comment_id, Comment.language != lang, is_visible()
        )
    ).one_or_none()
    if found is None:
        session.rollback()
        return None
    text, month = found.published_text or "", month_of(now)
    job = Job(comment_id, found.version, text, found.language, lang, month, attempt=1)
    attempt = _take(session, job, lasting, now)
    if not attempt:
        return None
    # Asked when it is taken, not before: another worker may have had it until a moment ago.
    if session.get(CommentTranslation, (comment_id, lang), populate_existing=True) is not None:
        session.rollback()
        return None
    if not reserve(session, job.month, job.characters, most=most):
        session.rollback()
        raise BudgetSpent
    session.commit()
    return replace(job, attempt=attempt)


def keep(session: Session, job: Job, body: str, *, provider: str, now: datetime) -> bool:
    """Publish what a machine made of a comment; False when people read other words by now."""
    if changed_rows(session.execute(_held(job, delete(TranslationTry)))):
        settle(session, job.month, job.characters, spent=True)
    praise(session, provider, now)
    kept = _publish(session, job, body, provider, now)
    session.commit()
    return kept


def fail(
    session: Session, job: Job, trouble: str, *, provider: str, doubtful: bool, now: datetime
) -> None:
    """This comment was not translated, and may have been paid for all the same.

    It waits longer each time, and is given up after MOST_ATTEMPTS. When it is `doubtful` whose
    fault it was, several in a row are the provider's.
    """
    pause = pause_before(job.attempt)
    _end(
        session,
        job,
        spent=True,
        last_error=trouble[:LONGEST_ERROR],
        due_at=now + (pause or timedelta()),
        dead_at=None if pause else now,
    )
    if doubtful:
        blame(session, provider, trouble, now, least=FAILURES_IN_A_ROW)
    session.commit()


def fail_provider(
    session: Session,
    job: Job,
    trouble: str,
    *,
    provider: str,
    asked: timedelta | None,
    now: datetime,
) -> None:
    """The provider takes nothing now: the comment's attempt does not count and cost nothing.

    Nothing is sent for a while, and never less long than the provider `asked` for.
    """
    _end(session, job, spent=False, attempts=job.attempt - 1, due_at=now)
    blame(session, provider, trouble, now, least=1, asked=asked)
    session.commit()


def try_again(session: Session, provider: str, *, staff_id: int, now: datetime) -> None:
    """Let what was given up be tried anew, and the provider at once."""
    session.execute(
        update(TranslationTry)
        .where(TranslationTry.reserved == 0)
        .values(attempts=0, due_at=now, dead_at=None, last_error=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(TranslationProvider)
        .where(TranslationProvider.name == provider)
        .values(failures=0, paused_until=None)
        .execution_options(synchronize_session=False)
    )
    record(
        session,
        actor=f"staff:{staff_id}",
        action="translation.tried-again",
        subject=f"provider:{provider}",
        now=now,
    )
    session.commit()


def _take(session: Session, job: Job, lasting: timedelta, now: datetime) -> int:
    """Hold the comment for `lasting`; whatever an attempt that never ended had reserved is spent.

    Gives the number of the attempt and leaves the transaction open; or 0, and ends it.
    """
    row = session.execute(
        _of(
            job,
            select(
                TranslationTry.attempts,
                TranslationTry.reserved,
                TranslationTry.month,
                TranslationTry.dead_at,
            ),
        )
    ).one_or_none()
    held = {
        "comment_version": job.comment_version,
        "lease_ends_at": now + lasting,
        "month": job.month,
        "reserved": job.characters,
    }
    if row is None:
        new = insert(TranslationTry).values(
            comment_id=job.comment_id, lang=job.target, attempts=1, due_at=now, **held
        )
        try:
            session.execute(new)
        except IntegrityError:  # another worker began between our look and our hand
            session.rollback()
            return 0
        return 1
    is_last = row.attempts >= MOST_ATTEMPTS
    gone = {"reserved": 0, "dead_at": now, "lease_ends_at": None, "last_error": "never ended"}
    taken = session.execute(
        _of(job, update(TranslationTry))
        .where(
            TranslationTry.attempts == row.attempts,
            TranslationTry.dead_at.is_(None),
            TranslationTry.due_at <= now,
            or_(TranslationTry.lease_ends_at.is_(None), TranslationTry.lease_ends_at <= now),
        )
        .values(**(gone if is_last else {"attempts": row.attempts + 1, **held}))
    )
    if not changed_rows(taken):
        session.rollback()
        return 0
    settle(session, row.month, row.reserved, spent=True)
    if is_last:
        session.commit()
    return 0 if is_last else row.attempts + 1


def _publish(session: Session, job: Job, body: str, provider: str, now: datetime) -> bool:
    digest = source_digest(job.text)
    published = session.scalar(
        select(Comment.published_text)
        .where(Comment.id == job.comment_id, is_visible())
        .with_for_update(read=True)
    )
    if published is None or source_digest(published) != digest:
        return False
    row = CommentTranslation(
        comment_id=job.comment_id,
        lang=job.target,
        comment_version=job.comment_version,
        source_digest=digest,
        body=body,
        origin=Origin.MACHINE,
        provider=provider,
        made_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # a person was quicker, and knows better
        return False
    record(
        session,
        actor=MACHINE,
        action="comment.translated",
        subject=f"comment:{job.comment_id}",
        now=now,
        after={"lang": job.target, "body": body, "origin": Origin.MACHINE, "provider": provider},
    )
    turn_edition(session)
    return True


def _end(session: Session, job: Job, *, spent: bool, **values: object) -> None:
    """The attempt is over, unless another worker took the comment when its lease had lapsed."""
    ended = session.execute(
        _held(job, update(TranslationTry)).values(lease_ends_at=None, reserved=0, **values)
    )
    if changed_rows(ended):
        settle(session, job.month, job.characters, spent=spent)


def _of(job: Job, statement: Any) -> Any:
    """The statement, about this comment and language only."""
    return statement.where(
        TranslationTry.comment_id == job.comment_id, TranslationTry.lang == job.target
    ).execution_options(synchronize_session=False)


def _held(job: Job, statement: Any) -> Any:
    """The same, as long as this attempt is the one under way."""
    return _of(job, statement).where(
        TranslationTry.attempts == job.attempt, TranslationTry.reserved > 0
    )
