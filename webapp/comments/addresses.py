"""The address an author gave: told of the receipt, confirmed, written to, and forgotten."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.citytime import city_day
from webapp.comments.models import Contact, FirstLetters, StoppedAddress
from webapp.comments.queries import contact_of, contact_of_receipt, contacts_at, stopped_address
from webapp.comments.rules import FIRST_LETTERS_A_DAY, SILENCE, address_digest, mailbox_digest
from webapp.letters.rules import AuthorKey, LetterKind, author
from webapp.letters.services import forget, owe, owe_anew, release
from webapp.orm import changed_rows


def owe_first_letter(
    session: Session, comment_id: int, email: str, *, secret_key: str, now: datetime
) -> None:
    """Owe the letter that asks to confirm the address, in the caller's transaction.

    Once a mailbox was owed FIRST_LETTERS_A_DAY of them on one day in the city, it is owed no more:
    each of those letters confirms the address for all its comments. An address whose owner wants
    no letters is owed none, whoever types it into the form.
    """
    if session.get(StoppedAddress, address_digest(email, secret_key)) is not None:
        return
    if _count_first_letter(session, mailbox_digest(email, secret_key), now) <= FIRST_LETTERS_A_DAY:
        owe(
            session,
            kind=LetterKind.RECEIVED,
            subject_id=comment_id,
            recipient=author(comment_id),
            now=now,
        )


def carry_contact_over(session: Session, contact: Contact, comment_id: int, now: datetime) -> None:
    """The address a person gave before holds for this comment too, in the caller's transaction.

    It is not asked to be confirmed anew: who confirms it, confirms it for all its comments.
    """
    session.execute(
        insert(Contact).values(
            comment_id=comment_id,
            sealed_email=contact.sealed_email,
            lang=contact.lang,
            address_digest=contact.address_digest,
            confirmed_at=contact.confirmed_at,
        )
    )
    if contact.confirmed_at is not None:
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
    session.execute(delete(StoppedAddress).where(StoppedAddress.address_digest == key.address))
    unconfirmed = [c for c in contacts_at(session, key, locked=True) if c.confirmed_at is None]
    for contact in unconfirmed:
        contact.confirmed_at = now
        _note(session, contact, "contact.confirmed", now)
    session.flush()
    release(session, [author(contact.comment_id) for contact in unconfirmed], now=now)
    session.commit()


def stop_letters(session: Session, key: AuthorKey, *, now: datetime) -> None:
    """The reader of a letter wants no more: the address is forgotten, and every letter owed to it.

    That holds for every comment that gave this address up to now. A keyed digest stays, so that
    new comments with this address bring no letter either; a receipt can ask for one again.
    """
    if key.address and session.get(StoppedAddress, key.address) is None:
        session.add(StoppedAddress(address_digest=key.address, stopped_at=now))
    contacts = contacts_at(session, key, locked=True)
    forget(session, [author(contact.comment_id) for contact in contacts])
    for contact in contacts:
        _note(session, contact, "contact.stopped", now)
        session.delete(contact)
    session.commit()


def ask_stopped_address(session: Session, receipt_id: int, *, now: datetime) -> bool:
    """Owe one letter that asks a stopped address whether it wants letters again.

    Whether it was owed: such a letter goes at most once in SILENCE, whoever asks, for
    anybody can type this address into a form.
    """
    contact = contact_of_receipt(session, receipt_id)
    stopped = stopped_address(session, contact)
    if contact is None or stopped is None:
        session.rollback()
        return False
    asked = session.execute(
        update(StoppedAddress)
        .where(
            StoppedAddress.address_digest == stopped.address_digest,
            or_(StoppedAddress.asked_at.is_(None), StoppedAddress.asked_at < now - SILENCE),
        )
        .values(asked_at=now)
    )
    if changed_rows(asked) == 0:
        session.rollback()
        return False
    _note(session, contact, "contact.asked-again", now)
    owe_anew(
        session,
        kind=LetterKind.RECEIVED,
        subject_id=contact.comment_id,
        recipient=author(contact.comment_id),
        now=now,
    )
    session.commit()
    return True


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
