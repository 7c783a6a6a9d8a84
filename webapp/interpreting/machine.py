"""The machine's use cases: taking a comment, paying for it, and noting what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.models import Comment
from webapp.comments.queries import is_visible
from webapp.interpreting.models import (
    CommentTranslation,
    TranslationMonth,
    TranslationProvider,
    TranslationTry,
)
from webapp.interpreting.rules import (
    FAILURES_IN_A_ROW,
    MOST_ATTEMPTS,
    Job,
    cost_of,
    month_of,
    pause_before,
    provider_pause,
    source_digest,
)
from webapp.measures.models import Origin
from webapp.measures.services import turn_edition
from webapp.orm import changed_rows

MACHINE = "machine"
LONGEST_ERROR = 200


class BudgetSpent(Exception):
    """This month's characters do not suffice for the comment."""


def open_books(session: Session, name: str, now: datetime) -> None:
    """See that this month and this provider have their rows."""
    month = TranslationMonth(month=month_of(now), reserved=0, used=0)
    provider = TranslationProvider(name=name, failures=0)
    for row, key in ((month, month.month), (provider, provider.name)):
        if session.get(type(row), key) is None:
            session.add(row)
            try:
                session.commit()
            except IntegrityError:  # another worker opened them just now
                session.rollback()
    session.rollback()


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
    has_one = session.get(CommentTranslation, (comment_id, lang), populate_existing=True)
    if found is None or has_one is not None:
        session.rollback()
        return None
    job = Job(
        comment_id, found.version, found.published_text or "", found.language, lang, month_of(now)
    )
    if not _take(session, job, lasting, now):
        return None
    if not _reserve(session, job, most):
        session.rollback()
        raise BudgetSpent
    session.commit()
    return job


def keep(session: Session, job: Job, body: str, *, provider: str, now: datetime) -> bool:
    """Publish what a machine made of a comment; False when people read other words by now."""
    session.execute(_of(job, delete(TranslationTry)))
    _settle(session, job.month, job.characters, spent=True)
    session.execute(
        update(TranslationProvider)
        .where(TranslationProvider.name == provider)
        .values(failures=0, paused_until=None, succeeded_at=now)
    )
    session.commit()
    published = session.scalar(
        select(Comment.published_text)
        .where(Comment.id == job.comment_id, is_visible())
        .with_for_update(read=True)
    )
    if published is None or source_digest(published) != source_digest(job.text):
        session.rollback()
        return False
    try:
        session.execute(
            insert(CommentTranslation).values(
                comment_id=job.comment_id,
                lang=job.target,
                version=1,
                comment_version=job.comment_version,
                source_digest=source_digest(job.text),
                body=body,
                origin=Origin.MACHINE,
                provider=provider,
                made_at=now,
            )
        )
    except IntegrityError:  # a person was quicker, and knows better
        session.rollback()
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
    session.commit()
    return True


def fail(
    session: Session, job: Job, trouble: str, *, provider: str, doubtful: bool, now: datetime
) -> None:
    """This comment was not translated, and may have been paid for all the same.

    It waits longer each time, and is given up after MOST_ATTEMPTS. When it is `doubtful` whose
    fault it was, several in a row are the provider's.
    """
    attempts = session.scalar(_of(job, select(TranslationTry.attempts))) or MOST_ATTEMPTS
    pause = pause_before(attempts)
    session.execute(
        _of(job, update(TranslationTry)).values(
            lease_ends_at=None,
            reserved=0,
            last_error=trouble[:LONGEST_ERROR],
            due_at=now + (pause or timedelta()),
            dead_at=None if pause else now,
        )
    )
    _settle(session, job.month, job.characters, spent=True)
    if doubtful:
        _blame(session, provider, trouble, now, least=FAILURES_IN_A_ROW)
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
    session.execute(
        _of(job, update(TranslationTry)).values(
            lease_ends_at=None, reserved=0, attempts=TranslationTry.attempts - 1, due_at=now
        )
    )
    _settle(session, job.month, job.characters, spent=False)
    _blame(session, provider, trouble, now, least=1, asked=asked)
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


def _take(session: Session, job: Job, lasting: timedelta, now: datetime) -> bool:
    """Hold the comment for `lasting`; whatever an attempt that never ended had reserved is spent.

    Leaves the transaction open when it is held, and ends it when it is not.
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
            return False
        return True
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
        return False
    _settle(session, row.month, row.reserved, spent=True)
    if is_last:
        session.commit()
    return not is_last


def _reserve(session: Session, job: Job, most: int) -> bool:
    """Hold the characters of one text, if the month has so many left: one step in the database."""
    held = session.execute(
        update(TranslationMonth)
        .where(
            TranslationMonth.month == job.month,
            TranslationMonth.reserved + TranslationMonth.used + cost_of(job.text) <= most,
        )
        .values(reserved=TranslationMonth.reserved + cost_of(job.text))
        .execution_options(synchronize_session=False)
    )
    return changed_rows(held) == 1


def _settle(session: Session, month: str, characters: int, *, spent: bool) -> None:
    if characters:
        session.execute(
            update(TranslationMonth)
            .where(TranslationMonth.month == month)
            .values(
                reserved=TranslationMonth.reserved - characters,
                used=TranslationMonth.used + (characters if spent else 0),
            )
            .execution_options(synchronize_session=False)
        )


def _blame(
    session: Session,
    name: str,
    trouble: str,
    now: datetime,
    *,
    least: int,
    asked: timedelta | None = None,
) -> None:
    """Count a failure of the provider; from the `least`th in a row on, it is left in peace."""
    here = TranslationProvider.name == name
    values = {"last_error": trouble[:LONGEST_ERROR], "failed_at": now}
    session.execute(
        update(TranslationProvider)
        .where(here)
        .values(failures=TranslationProvider.failures + 1, **values)
        .execution_options(synchronize_session=False)
    )
    failures = session.scalar(select(TranslationProvider.failures).where(here)) or 1
    if failures >= least:
        pause = provider_pause(failures - least + 1, asked)
        session.execute(
            update(TranslationProvider)
            .where(here)
            .values(paused_until=now + pause)
            .execution_options(synchronize_session=False)
        )


def _of(job: Job, statement: Any) -> Any:
    """The statement, about this comment and language only."""
    return statement.where(
        TranslationTry.comment_id == job.comment_id, TranslationTry.lang == job.target
    ).execution_options(synchronize_session=False)
