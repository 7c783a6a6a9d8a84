"""Which comments share a wording, counted as they come and go. Nothing here commits."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.moderation.models import NearWording, Screening, Wording, WordingBand
from webapp.moderation.rules import Findings


def join_wording(session: Session, comment_id: int, fingerprint: str) -> tuple[int, bool]:
    """The wording of this comment, counted one more, and whether it is new."""
    known = _count_in(session, fingerprint)
    if known is not None:
        return known, False
    wording = Wording(fingerprint=fingerprint, first_comment_id=comment_id, copies=1)
    try:
        with session.begin_nested():
            session.add(wording)
    except IntegrityError:  # another worker has just seen the same text for the first time
        known = _count_in(session, fingerprint)
        if known is None:
            raise
        return known, False
    return wording.id, True


def shelve(session: Session, wording_id: int, findings: Findings, near: list[int]) -> None:
    shelves = [
        {"wording_id": wording_id, "place": place, "band": band}
        for place, band in enumerate(findings.bands)
    ]
    if shelves:
        session.execute(insert(WordingBand), shelves)
    if near:
        pairs = [{"wording_id": wording_id, "near_id": other} for other in near]
        session.execute(insert(NearWording), pairs)


def leave_wording(session: Session, comment_id: int, wording_id: int) -> None:
    """One copy fewer. Counting first also holds back whoever is about to join the wording."""
    left = session.scalar(
        update(Wording)
        .where(Wording.id == wording_id)
        .values(copies=Wording.copies - 1)
        .returning(Wording.copies)
        .execution_options(synchronize_session=False)
    )
    if left:
        another = select(func.min(Screening.comment_id)).where(Screening.wording_id == wording_id)
        session.execute(
            update(Wording)
            .where(Wording.id == wording_id, Wording.first_comment_id == comment_id)
            .values(first_comment_id=another.scalar_subquery())
            .execution_options(synchronize_session=False)
        )
        return
    near = or_(NearWording.wording_id == wording_id, NearWording.near_id == wording_id)
    for gone in (
        delete(NearWording).where(near),
        delete(WordingBand).where(WordingBand.wording_id == wording_id),
        delete(Wording).where(Wording.id == wording_id),
    ):
        session.execute(gone.execution_options(synchronize_session=False))


def _count_in(session: Session, fingerprint: str) -> int | None:
    return session.scalar(
        update(Wording)
        .where(Wording.fingerprint == fingerprint)
        .values(copies=Wording.copies + 1)
        .returning(Wording.id)
        .execution_options(synchronize_session=False)
    )
