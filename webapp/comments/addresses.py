"""The address an author gave: told of the receipt, confirmed, written to, and forgotten."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.citytime import city_day
from webapp.comments.models import Contact, FirstLetters
from webapp.comments.queries import contact_of, contacts_at
from webapp.comments.rules import FIRST_LETTERS_A_DAY, mailbox_digest
from webapp.letters.rules import AuthorKey, LetterKind, author
from webapp.letters.services import drop, owe, release


def owe_first_letter(
    session: Session, comment_id: int, email: str, *, secret_key: str, now: datetime
) -> None:
    """Owe the letter that asks to confirm the address, in the caller's transaction.

    Once a mailbox was owed FIRST_LETTERS_A_DAY of them on one day in the city, it is owed no more:
    each of those letters confirms the address for all its comments.
    """
    if _count_first_letter(session, mailbox_digest(email, secret_key), now) <= FIRST_LETTERS_A_DAY:
        owe(
            session,
            kind=LetterKind.RECEIVED,
            subject_id=comment_id,
            recipient=author(comment_id),
            now=now,
        )


def tell_author(
    session: Session,
    comment_id: int,
    *,
    kind: LetterKind,
    subject_id: int,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """Owe a letter to the author, in the caller's transaction, if there is an address.

    It may go from `due_at` on, or at once. An unconfirmed address gets it when it is confirmed
    (see `worker.posting`).
    """
    if contact_of(session, comment_id) is not None:
        owe(
            session,
            kind=kind,
            subject_id=subject_id,
            recipient=author(comment_id),
            now=now,
            due_at=due_at,
        )


def confirm_address(session: Session, key: AuthorKey, *, now: datetime) -> None:
    """The reader of the first letter says: this address is mine, write to me there.

    That holds for every comment that gave this address up to now. What was held for them is owed.
    """
    unconfirmed = [c for c in contacts_at(session, key, locked=True) if c.confirmed_at is None]
    for contact in unconfirmed:
        contact.confirmed_at = now
        _note(session, contact, "contact.confirmed", now)
    session.flush()
    release(session, [author(contact.comment_id) for contact in unconfirmed], now=now)
    session.commit()


def stop_letters(session: Session, key: AuthorKey, *, now: datetime) -> None:
    """The reader of a letter wants no more: the address is forgotten, and every letter owed to it.

    That holds for every comment that gave this address up to now.
    """
    contacts = contacts_at(session, key, locked=True)
    drop(session, [author(contact.comment_id) for contact in contacts])
    for contact in contacts:
        _note(session, contact, "contact.stopped", now)
        session.delete(contact)
    session.commit()


def _note(session: Session, contact: Contact, action: str, now: datetime) -> None:
    record(session, actor="author", action=action, subject=f"comment:{contact.comment_id}", now=now)


def _count_first_letter(session: Session, digest: str, now: datetime) -> int:
    """Count one more for this mailbox and day; of two at once, each gets its own number."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    counted = session.execute(
        dialect.insert(FirstLetters)
        .values(mailbox_digest=digest, day=city_day(now), letters=1)
        .on_conflict_do_update(
            index_elements=[FirstLetters.mailbox_digest, FirstLetters.day],
            set_={"letters": FirstLetters.letters + 1},
        )
        .returning(FirstLetters.letters)
    )
    return int(counted.scalar_one())


def forget_counts(session: Session, *, now: datetime) -> None:
    """Forget how many letters mailboxes were owed on days that have passed."""
    session.execute(delete(FirstLetters).where(FirstLetters.day < city_day(now)))
    session.commit()
