"""Which comments share a wording, counted as they come and go. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.moderation.models import MeasureWording, Screening, Wording, WordingBand


def join_wording(session: Session, comment_id: int, fingerprint: str) -> tuple[int, bool]:
    """The wording of this comment, counted one more, and whether it is new."""
    known = _count_in(session, comment_id, fingerprint)
    if known is not None:
        return known, False
    wording = Wording(fingerprint=fingerprint, first_comment_id=comment_id, copies=1)
    try:
        with session.begin_nested():
            session.add(wording)
    except IntegrityError:  # another worker has just seen the same text for the first time
        known = _count_in(session, comment_id, fingerprint)
        if known is None:
            raise
        return known, False
    return wording.id, True


def shelve(session: Session, wording_id: int, bands: Sequence[int]) -> None:
    shelves = [
        {"wording_id": wording_id, "place": place, "band": band} for place, band in enumerate(bands)
    ]
    if shelves:
        session.execute(insert(WordingBand), shelves)


def leave_wording(session: Session, comment_id: int, wording_id: int, *, was_placed: bool) -> None:
    """One copy fewer. A wording that nobody has any more is cleared away by the next placing."""
    session.execute(
        update(Wording)
        .where(Wording.id == wording_id)
        .values(copies=Wording.copies - 1)
        .execution_options(synchronize_session=False)
    )
    another = select(func.min(Screening.comment_id)).where(Screening.wording_id == wording_id)
    session.execute(
        update(Wording)
        .where(Wording.id == wording_id, Wording.first_comment_id == comment_id, Wording.copies > 0)
        .values(first_comment_id=another.scalar_subquery())
        .execution_options(synchronize_session=False)
    )
    if was_placed:
        measure_id = select(Comment.measure_id).where(Comment.id == comment_id).scalar_subquery()
        session.execute(
            update(MeasureWording)
            .where(MeasureWording.wording_id == wording_id, MeasureWording.measure_id == measure_id)
            .values(comments=MeasureWording.comments - 1)
            .execution_options(synchronize_session=False)
        )


def _count_in(session: Session, comment_id: int, fingerprint: str) -> int | None:
    first = case((Wording.copies == 0, comment_id), else_=Wording.first_comment_id)
    return session.scalar(
        update(Wording)
        .where(Wording.fingerprint == fingerprint)
        .values(copies=Wording.copies + 1, first_comment_id=first)
        .returning(Wording.id)
        .execution_options(synchronize_session=False)
    )
