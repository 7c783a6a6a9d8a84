"""Folding screened comments with their like into campaigns: one hand at a time, nothing missed.

Screening runs on many workers that do not see each other's unfinished work. Placing what they
screened is done under the lock of one row, so whoever places sees all that was placed before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from webapp.comments.models import Comment
from webapp.comments.rules import Treatment
from webapp.moderation.leading import place
from webapp.moderation.models import (
    Campaign,
    Flag,
    FoldCounter,
    MeasureWording,
    Screening,
    Wording,
    WordingBand,
)
from webapp.moderation.queries import is_waiting
from webapp.moderation.rules import NEAR_COPY
from webapp.moderation.shelves import Comparison, Shelves
from webapp.orm import table_of

BATCH = 2_000
SOME = 300
"""Ids that one statement names."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
Id = TypeVar("Id", int, str)
Placed = Row[int, int | None, int, str, int]
Spot = tuple[int, str]
"""A measure and a leader's fingerprint: where a campaign is, or would be."""


def place_comments(session: Session, comparison: Comparison, limit: int = BATCH) -> int:
    """Give the next screened comments their place among their like; how many were looked at.

    Wordings that nobody uses any more go, those they led are placed anew, and campaigns that were
    emptied by decisions are closed. Nothing is lost when this is killed: it all stays to be done.
    """
    number = take_the_turn(session)
    cleared = _clear_unused(session, limit)
    changed = place(Shelves(session, comparison), _without_leader(session, limit))
    rows = _unplaced(session, limit)
    _count(session, rows)
    new: defaultdict[Spot, list[int]] = defaultdict(list)
    for row in rows:
        new[row.measure_id, row.leader].append(row.comment_id)
    for spot in sorted(new.keys() | _spots_of(session, changed)):
        _fold(session, spot, new.get(spot, []), number)
    _flag_near_copies(session, rows)
    _mark_placed(session, [row.comment_id for row in rows])
    _tidy(session)
    session.commit()
    return cleared + len(changed) + len(rows)


def take_the_turn(session: Session) -> int:
    """The number of this round; nobody else places until it is committed."""
    number = session.scalar(
        update(FoldCounter)
        .values(number=FoldCounter.number + 1)
        .returning(FoldCounter.number)
        .execution_options(synchronize_session=False)
    )
    if number is None:
        raise RuntimeError("the row of fold_counter is missing")
    return number


def _clear_unused(session: Session, limit: int) -> int:
    """Delete wordings without a comment; their followers have no leader then."""
    unused = session.scalars(
        select(Wording.id).where(Wording.copies == 0).limit(limit).with_for_update()
    ).all()
    for wording_id in unused:
        session.execute(
            update(Wording)
            .where(Wording.leader_id == wording_id)
            .values(leader_id=None)
            .execution_options(synchronize_session=False)
        )
        for gone in (
            delete(WordingBand).where(WordingBand.wording_id == wording_id),
            delete(MeasureWording).where(MeasureWording.wording_id == wording_id),
            delete(Wording).where(Wording.id == wording_id),
        ):
            session.execute(gone.execution_options(synchronize_session=False))
    return len(unused)


def _without_leader(session: Session, limit: int) -> Sequence[str]:
    unsettled = select(Wording.fingerprint).where(Wording.leader_id.is_(None))
    return session.scalars(unsettled.order_by(Wording.id).limit(limit)).all()


def _unplaced(session: Session, limit: int) -> Sequence[Placed]:
    """Screened comments whose wording has a leader. Who is being changed just now waits."""
    leads = aliased(Wording)
    return session.execute(
        select(
            Screening.comment_id,
            Screening.wording_id,
            Comment.measure_id,
            leads.fingerprint.label("leader"),
            leads.id.label("leader_id"),
        )
        .join(Comment, Comment.id == Screening.comment_id)
        .join(Wording, Wording.id == Screening.wording_id)
        .join(leads, leads.id == Wording.leader_id)
        .where(~Screening.is_placed, Screening.wording_id.is_not(None))
        .order_by(Screening.comment_id)
        .limit(limit)
        .with_for_update(of=[table_of(Comment), table_of(Screening)], skip_locked=True)
    ).all()


def _count(session: Session, rows: Sequence[Placed]) -> None:
    """Count the comments by wording and measure."""
    pairs = Counter((row.wording_id, row.measure_id) for row in rows)
    for (wording_id, measure_id), new in sorted(pairs.items()):
        known = session.execute(
            update(MeasureWording)
            .where(MeasureWording.wording_id == wording_id, MeasureWording.measure_id == measure_id)
            .values(comments=MeasureWording.comments + new)
            .returning(MeasureWording.wording_id)
            .execution_options(synchronize_session=False)
        ).all()
        if not known:
            session.execute(
                insert(MeasureWording).values(
                    wording_id=wording_id, measure_id=measure_id, comments=new
                )
            )


def _spots_of(session: Session, changed: Mapping[str, str | None]) -> set[Spot]:
    """Where wordings that changed their leader belong now, and where they belonged before."""
    spots: set[Spot] = set()
    leads = aliased(Wording)
    for some in _in_steps(sorted(changed)):
        rows = session.execute(
            select(Wording.fingerprint, leads.fingerprint, MeasureWording.measure_id)
            .join(leads, leads.id == Wording.leader_id)
            .join(MeasureWording, MeasureWording.wording_id == Wording.id)
            .where(Wording.fingerprint.in_(some))
        )
        for wording, leader, measure_id in rows:
            spots.add((measure_id, leader))
            before = changed[wording]
            if before is not None:
                spots.add((measure_id, before))
    return spots


def _fold(session: Session, spot: Spot, new: Sequence[int], number: int) -> None:
    """Let the comments at this spot wait in one campaign; one that is alone waits for itself."""
    measure_id, leader = spot
    leads = aliased(Wording)
    here = session.execute(
        select(MeasureWording.wording_id, MeasureWording.campaign_id, MeasureWording.comments)
        .join(Wording, Wording.id == MeasureWording.wording_id)
        .join(leads, leads.id == Wording.leader_id)
        .where(MeasureWording.measure_id == measure_id, leads.fingerprint == leader)
    ).all()
    campaign_id = _campaign(session, spot) if sum(row.comments for row in here) > 1 else None
    for some in _in_steps([row.wording_id for row in here if row.campaign_id != campaign_id]):
        session.execute(
            update(MeasureWording)
            .where(MeasureWording.measure_id == measure_id, MeasureWording.wording_id.in_(some))
            .values(campaign_id=campaign_id)
            .execution_options(synchronize_session=False)
        )
        with_wording = (
            select(Screening.comment_id)
            .join(Comment, Comment.id == Screening.comment_id)
            .where(Screening.wording_id.in_(some), Comment.measure_id == measure_id, is_waiting())
        )
        let_wait_in(session, campaign_id, session.scalars(with_wording).all(), number)
    let_wait_in(session, campaign_id, new, number)
    if campaign_id is not None:
        set_place(session, campaign_id)


def _campaign(session: Session, spot: Spot) -> int:
    """The campaign at this spot, found or made; only the one whose turn it is makes any."""
    measure_id, leader = spot
    known = session.scalar(
        select(Campaign.id).where(Campaign.measure_id == measure_id, Campaign.leader == leader)
    )
    if known is not None:
        return known
    made = insert(Campaign).values(
        measure_id=measure_id, leader=leader, is_open=False, oldest_at=_LONG_AGO, oldest_id=0
    )
    return session.execute(made.returning(Campaign.id)).scalar_one()


def let_wait_in(
    session: Session, campaign_id: int | None, comment_ids: Sequence[int], number: int
) -> None:
    """What nobody has decided yet. Whom someone else is changing just now keeps the place it has:
    waiting for that hand could be waiting for each other."""
    for some in _in_steps(comment_ids):
        free = session.scalars(
            select(Comment.id)
            .where(
                Comment.id.in_(some),
                is_waiting(),
                Comment.treatment == Treatment.UNDECIDED,
                Comment.screened_at.is_not(None),
            )
            .with_for_update(skip_locked=True)
        ).all()
        session.execute(
            update(Comment)
            .where(Comment.id.in_(free))
            .values(campaign_id=campaign_id, fold_number=None if campaign_id is None else number)
            .execution_options(synchronize_session=False)
        )


def set_place(session: Session, campaign_id: int) -> None:
    """Put the row of a campaign where its oldest comment waits; close it where none does."""
    oldest = session.execute(
        select(Comment.received_at, Comment.id)
        .where(Comment.campaign_id == campaign_id, is_waiting())
        .order_by(Comment.received_at, Comment.id)
        .limit(1)
    ).one_or_none()
    place = {"oldest_at": oldest.received_at, "oldest_id": oldest.id} if oldest else {}
    session.execute(
        update(Campaign)
        .where(Campaign.id == campaign_id)
        .values(is_open=oldest is not None, **place)
        .execution_options(synchronize_session=False)
    )


def _tidy(session: Session) -> None:
    """Put right the place of campaigns whose oldest comment waits there no more."""
    still_there = (
        select(Comment.id)
        .where(Comment.id == Campaign.oldest_id, Comment.campaign_id == Campaign.id, is_waiting())
        .exists()
    )
    stale = select(Campaign.id).where(Campaign.is_open, ~still_there).limit(SOME)
    for campaign_id in session.scalars(stale).all():
        set_place(session, campaign_id)


def _flag_near_copies(session: Session, rows: Sequence[Placed]) -> None:
    """Say so on those whose wording is nearly that of others."""
    leaders = sorted({row.leader_id for row in rows})
    shared: set[int] = set()
    for some in _in_steps(leaders):
        shared |= set(
            session.scalars(
                select(Wording.leader_id)
                .where(Wording.leader_id.in_(some))
                .group_by(Wording.leader_id)
                .having(func.count() > 1)
            )
        )
    flags = [
        {"comment_id": row.comment_id, "rule": NEAR_COPY, "start": 0, "end": 0, "detail": ""}
        for row in rows
        if row.leader_id in shared
    ]
    if flags:
        session.execute(insert(Flag), flags)


def _mark_placed(session: Session, comment_ids: Sequence[int]) -> None:
    for some in _in_steps(comment_ids):
        session.execute(
            update(Screening)
            .where(Screening.comment_id.in_(some))
            .values(is_placed=True)
            .execution_options(synchronize_session=False)
        )


def _in_steps(ids: Sequence[Id]) -> Iterator[Sequence[Id]]:
    for start in range(0, len(ids), SOME):
        yield ids[start : start + SOME]
