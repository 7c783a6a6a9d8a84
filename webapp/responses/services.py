"""Answering: drafted, reworded, published; and a period that is answered in full says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.addresses import tell_author
from webapp.comments.models import Comment
from webapp.letters.rules import LetterKind
from webapp.measures.models import CommentPeriod
from webapp.measures.services import turn_edition
from webapp.orm import changed_rows
from webapp.refusal import NotThere
from webapp.responses.models import AnsweredComment, Response, ResponseText, ResponseVersion
from webapp.responses.queries import (
    answerable_ids,
    answered_ids,
    bodies_of,
    is_fully_answered,
    told_ids,
    version_of,
)
from webapp.responses.rules import (
    AlreadyPublished,
    AnswerChanged,
    NotAnswerable,
    NothingAnswered,
    Wording,
    written,
)


def draft_response(
    session: Session,
    measure_id: int,
    wording: Wording,
    comment_ids: Sequence[int],
    *,
    staff_id: int,
    now: datetime,
) -> Response:
    """Write an answer that nobody outside can read yet. Raises NothingAnswered, NotAnswerable."""
    _check(session, measure_id, comment_ids)
    response = Response(measure_id=measure_id, version=1)
    session.add(response)
    session.flush()
    _add_version(session, response.id, 1, wording, comment_ids, staff_id, now)
    _note(session, "response.drafted", response.id, staff_id, now, _facts(wording, comment_ids))
    session.commit()
    return response


def reword_response(
    session: Session,
    response_id: int,
    wording: Wording,
    comment_ids: Sequence[int],
    *,
    version: int,
    staff_id: int,
    now: datetime,
) -> None:
    """Add a version after the one that was read; what is published stays until it is published.

    The same words twice are once. Raises AnswerChanged, NothingAnswered, NotAnswerable, NotThere.
    """
    response = _response(session, response_id)
    if _says(session, response, wording, comment_ids):
        return session.rollback()
    _check(session, response.measure_id, comment_ids)
    _turn(session, response_id, version, version=version + 1)
    _add_version(session, response_id, version + 1, wording, comment_ids, staff_id, now)
    _note(session, "response.reworded", response_id, staff_id, now, _facts(wording, comment_ids))
    session.commit()
    return None


def publish_response(
    session: Session, response_id: int, *, version: int, staff_id: int, now: datetime
) -> None:
    """Let anyone read the version that was read, and owe its authors a letter, each only once.

    Raises AlreadyPublished, AnswerChanged, and NotAnswerable when an author took a comment back.
    """
    response = _response(session, response_id)
    if response.published_version == version == response.version:
        raise AlreadyPublished
    answered = answered_ids(session, response_id, version)
    _check(session, response.measure_id, answered)
    told = told_ids(session, response_id)
    _turn(session, response_id, version, published_version=version)
    session.execute(
        update(ResponseVersion)
        .where(ResponseVersion.response_id == response_id, ResponseVersion.version == version)
        .values(published_at=now)
    )
    for comment_id in (one for one in answered if one not in told):
        tell_author(session, comment_id, kind=LetterKind.ANSWERED, subject_id=response_id, now=now)
    _settle(session, answered, now)
    turn_edition(session)
    _note(session, "response.published", response_id, staff_id, now, {"version": version})
    session.commit()


def note_answered_periods(session: Session, *, now: datetime) -> int:
    """Say of every closed period that is answered in full that it is; returns of how many."""
    due = session.scalars(
        select(CommentPeriod.id).where(
            CommentPeriod.closes_at <= now, CommentPeriod.answered_at.is_(None)
        )
    ).all()
    settled = sum(_settle_period(session, period_id, now) for period_id in due)
    if settled:
        turn_edition(session)
    session.commit()
    return settled


def _response(session: Session, response_id: int) -> Response:
    found = session.get(Response, response_id, populate_existing=True)
    if found is None:
        raise NotThere
    return found


def _check(session: Session, measure_id: int, comment_ids: Sequence[int]) -> None:
    if not comment_ids:
        raise NothingAnswered
    wrong = set(comment_ids) - answerable_ids(session, measure_id, comment_ids)
    if wrong:
        raise NotAnswerable(numbers=written(tuple(sorted(wrong))))


def _says(
    session: Session, response: Response, wording: Wording, comment_ids: Sequence[int]
) -> bool:
    stands = version_of(session, response.id, response.version)
    return (
        stands is not None
        and stands.category is wording.category
        and bodies_of(session, response.id, response.version) == dict(wording.bodies)
        and answered_ids(session, response.id, response.version) == tuple(sorted(comment_ids))
    )


def _turn(session: Session, response_id: int, seen: int, **values: int) -> None:
    turned = session.execute(
        update(Response)
        .where(Response.id == response_id, Response.version == seen)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(turned):
        session.rollback()
        raise AnswerChanged


def _add_version(
    session: Session,
    response_id: int,
    version: int,
    wording: Wording,
    comment_ids: Sequence[int],
    staff_id: int,
    now: datetime,
) -> None:
    key = {"response_id": response_id, "version": version}
    session.add(ResponseVersion(**key, category=wording.category, staff_id=staff_id, made_at=now))
    session.flush()
    session.add_all(ResponseText(**key, lang=lang, body=b) for lang, b in wording.bodies.items())
    session.execute(
        insert(AnsweredComment),
        [{**key, "comment_id": comment_id} for comment_id in dict.fromkeys(comment_ids)],
    )


def _settle(session: Session, comment_ids: Sequence[int], now: datetime) -> None:
    """Look at the periods of these comments only: an answer can finish no other one."""
    session.flush()
    periods = session.scalars(
        select(CommentPeriod.id).where(
            CommentPeriod.closes_at <= now,
            CommentPeriod.answered_at.is_(None),
            CommentPeriod.id.in_(
                select(Comment.period_id).where(Comment.id.in_(comment_ids[:500]))
            ),
        )
    ).all()
    for period_id in periods:
        _settle_period(session, period_id, now)


def _settle_period(session: Session, period_id: int, now: datetime) -> bool:
    if not is_fully_answered(session, period_id):
        return False
    session.execute(
        update(CommentPeriod).where(CommentPeriod.id == period_id).values(answered_at=now)
    )
    record(
        session, actor="machine", action="period.answered", subject=f"period:{period_id}", now=now
    )
    return True


def _facts(wording: Wording, comment_ids: Sequence[int]) -> dict[str, object]:
    return {
        "category": wording.category,
        "bodies": dict(wording.bodies),
        "comments": sorted(comment_ids),
    }


def _note(
    session: Session,
    action: str,
    response_id: int,
    staff_id: int,
    now: datetime,
    after: dict[str, object],
) -> None:
    record(
        session,
        actor=f"staff:{staff_id}",
        action=action,
        subject=f"response:{response_id}",
        now=now,
        after=after,
    )
