"""Each step in the life of a letter. Every change is a compare-and-set on its state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import make_msgid
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, insert, select, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.letters.models import Delivery
from webapp.letters.queries import lapsed_deliveries
from webapp.letters.rules import (
    LAPSED,
    LEASE,
    DeliveryState,
    LetterKind,
    NotInDoubt,
    Overtaken,
    author,
    pause_after,
    without_addresses,
)
from webapp.orm import changed_rows, insert_of


def owe(
    session: Session,
    *,
    kind: LetterKind,
    subject_id: int,
    recipient: str,
    now: datetime,
    staff_id: int | None = None,
    due_at: datetime | None = None,
) -> None:
    """Note that a letter is owed, in the caller's transaction: it commits nothing itself.

    It may go from `due_at` on, or at once.
    """
    row = _owed(kind, subject_id, recipient, staff_id, now)
    row["due_at"] = due_at or now
    session.execute(insert(Delivery).values(row))


def owe_each(
    session: Session, *, kind: LetterKind, letters: Sequence[tuple[int, int]], now: datetime
) -> int:
    """Owe members of staff letters, each of a subject and a person, in the caller's transaction.

    Whatever is owed or was sent already is left as it is. Returns how many are new.
    """
    owed = 0
    for subject_id, staff_id in letters:
        row = _owed(kind, subject_id, f"staff:{staff_id}", staff_id, now)
        new = (
            insert_of(session, Delivery).values(row).on_conflict_do_nothing().returning(Delivery.id)
        )
        owed += len(session.scalars(new).all())
    return owed


def owe_again(
    session: Session,
    *,
    kind: LetterKind,
    subject_id: int,
    recipient: str,
    staff_id: int,
    now: datetime,
) -> None:
    """Owe a letter that may go more than once, in the caller's transaction.

    One that is still under way is left alone.
    """
    row = _owed(kind, subject_id, recipient, staff_id, now)
    finished = Delivery.state.in_([DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.DEAD])
    session.execute(
        insert_of(session, Delivery)
        .values(row)
        .on_conflict_do_update(
            index_elements=[Delivery.kind, Delivery.subject_id, Delivery.recipient],
            set_={name: row[name] for name in ("state", "owed_at", "due_at", "attempts")},
            where=finished,
        )
    )


def owe_anew(
    session: Session, *, kind: LetterKind, subject_id: int, recipient: str, now: datetime
) -> None:
    """Owe a letter that may have gone before, in the caller's transaction."""
    session.execute(
        delete(Delivery).where(
            Delivery.kind == kind,
            Delivery.subject_id == subject_id,
            Delivery.recipient == recipient,
        )
    )
    owe(session, kind=kind, subject_id=subject_id, recipient=recipient, now=now)


def readdress(session: Session, *, kind: LetterKind, subject_id: int, to: int) -> None:
    """An author's letter about one comment that is still owed becomes one about another comment.

    In the caller's transaction. When it goes is not changed: it is the same letter.
    """
    session.execute(
        update(Delivery)
        .where(
            Delivery.kind == kind,
            Delivery.subject_id == subject_id,
            Delivery.recipient == author(subject_id),
            Delivery.state == DeliveryState.OWED,
        )
        .values(subject_id=to, recipient=author(to))
        .execution_options(synchronize_session=False)
    )


def claim(session: Session, delivery_id: int, *, domain: str, now: datetime) -> Delivery | None:
    """Take one owed letter; None when another worker was first. The attempt is counted now."""
    taken = _move(
        session,
        delivery_id,
        DeliveryState.OWED,
        state=DeliveryState.CLAIMED,
        lease_ends_at=now + LEASE,
        attempts=Delivery.attempts + 1,
        message_id=make_msgid(domain=domain),
    )
    session.commit()
    return session.get(Delivery, delivery_id, populate_existing=True) if taken else None


def hand_over(session: Session, delivery_id: int, message_id: str) -> None:
    """The text is about to leave; from here on only the mail server knows.

    `message_id` is the claim's own. Raises Overtaken when the claim lapsed meanwhile: whatever was
    made of the letter since, its text must not leave.
    """
    ours = Delivery.message_id == message_id
    taken = _move(
        session, delivery_id, DeliveryState.CLAIMED, ours, state=DeliveryState.HANDING_OVER
    )
    session.commit()
    if not taken:
        raise Overtaken


def mark_sent(session: Session, delivery_id: int, *, now: datetime) -> None:
    _move(
        session,
        delivery_id,
        DeliveryState.HANDING_OVER,
        state=DeliveryState.SENT,
        sent_at=now,
        last_error=None,
    )
    session.commit()


def put_off(session: Session, delivery: Delivery, trouble: str, *, now: datetime) -> None:
    """The server did not take it: try again after a growing pause, or give up after 72 hours."""
    pause = pause_after(delivery.attempts)
    state = DeliveryState.OWED if pause else DeliveryState.DEAD
    delivery.state, delivery.last_error = state, without_addresses(trouble)
    delivery.due_at = now + pause if pause else now
    session.commit()


def give_up(session: Session, delivery: Delivery, trouble: str) -> None:
    delivery.state, delivery.last_error = DeliveryState.DEAD, without_addresses(trouble)
    session.commit()


def hold(session: Session, delivery: Delivery) -> None:
    """Nobody has confirmed the address: the letter waits until someone does."""
    delivery.state = DeliveryState.HELD
    session.commit()


def release(session: Session, recipients: Sequence[str], *, now: datetime) -> None:
    """Owe again what was held for these people, in the caller's transaction."""
    session.execute(
        update(Delivery)
        .where(Delivery.recipient.in_(recipients), Delivery.state == DeliveryState.HELD)
        .values(state=DeliveryState.OWED, due_at=now, attempts=0)
        .execution_options(synchronize_session=False)
    )


def drop(session: Session, recipients: Sequence[str] | Select[tuple[str]]) -> int:
    """Owe these people nothing any more, in the caller's transaction; returns how many letters."""
    dropped = session.execute(
        delete(Delivery)
        .where(
            Delivery.recipient.in_(recipients),
            Delivery.state.in_([DeliveryState.OWED, DeliveryState.HELD]),
        )
        .execution_options(synchronize_session=False)
    )
    return changed_rows(dropped)


def forget(session: Session, recipients: Sequence[str] | Select[tuple[str]]) -> None:
    """Owe these people nothing any more, nor keep what servers said of their addresses.

    In the caller's transaction; letters that have gone, or never will, stay as rows.
    """
    drop(session, recipients)
    session.execute(
        update(Delivery)
        .where(Delivery.recipient.in_(recipients), Delivery.last_error.is_not(None))
        .values(last_error=None)
        .execution_options(synchronize_session=False)
    )


def drop_about(
    session: Session, kind: LetterKind, subjects: Select[int] | Sequence[int], recipient: str
) -> None:
    """Owe one person nothing of this kind about these any more, in the caller's transaction."""
    session.execute(
        delete(Delivery)
        .where(
            Delivery.kind == kind,
            Delivery.subject_id.in_(subjects),
            Delivery.recipient == recipient,
            Delivery.state == DeliveryState.OWED,
        )
        .execution_options(synchronize_session=False)
    )


def take_back(session: Session, *, kind: LetterKind, subject_id: int) -> bool:
    """Owe a letter no more, in the caller's transaction; False when it is already on its way."""
    about = (Delivery.kind == kind, Delivery.subject_id == subject_id)
    session.execute(
        delete(Delivery)
        .where(*about, Delivery.state.in_([DeliveryState.OWED, DeliveryState.HELD]))
        .execution_options(synchronize_session=False)
    )
    return session.scalar(select(Delivery.id).where(*about).limit(1)) is None


def doubt(session: Session, delivery: Delivery, trouble: str) -> None:
    """Nobody can say whether it went: it is not repeated, a person is asked."""
    delivery.state, delivery.last_error = DeliveryState.UNKNOWN, without_addresses(trouble)
    session.commit()


def settle_lapsed(
    session: Session, has_arrived: Callable[[str], bool | None], *, now: datetime
) -> None:
    """Find out about letters whose worker died; commits after each."""
    for delivery in lapsed_deliveries(session, now):
        arrived = has_arrived(delivery.message_id or "")
        if arrived is None or delivery.state is DeliveryState.CLAIMED:
            delivery.state = LAPSED[delivery.state]
        else:
            delivery.state = DeliveryState.SENT if arrived else DeliveryState.OWED
            delivery.sent_at = now if arrived else None
        session.commit()


def settle_doubt(
    session: Session, delivery: Delivery, *, arrived: bool, by: str, now: datetime
) -> None:
    """A person says what became of a letter: it arrived, or it shall be sent once more.

    Raises NotInDoubt when it is neither unknown nor dead any more.
    """
    if delivery.state not in (DeliveryState.UNKNOWN, DeliveryState.DEAD):
        raise NotInDoubt
    before = delivery.state
    delivery.state = DeliveryState.SENT if arrived else DeliveryState.OWED
    delivery.sent_at = now if arrived else None
    delivery.attempts, delivery.due_at = 0, now
    record(
        session,
        actor=by,
        action="letter.settled",
        subject=f"delivery:{delivery.id}",
        now=now,
        before={"state": before},
        after={"state": delivery.state},
    )
    session.commit()


def _owed(
    kind: LetterKind, subject_id: int, recipient: str, staff_id: int | None, now: datetime
) -> dict[str, Any]:
    return {
        "kind": kind,
        "subject_id": subject_id,
        "recipient": recipient,
        "staff_id": staff_id,
        "state": DeliveryState.OWED,
        "owed_at": now,
        "due_at": now,
        "attempts": 0,
    }


def _move(
    session: Session,
    delivery_id: int,
    expected: DeliveryState,
    *also: ColumnElement[bool],
    **values: object,
) -> bool:
    moved = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == expected, *also)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return changed_rows(moved) == 1
