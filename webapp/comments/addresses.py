"""The address an author gave: told of the receipt, confirmed, written to, and forgotten."""

from __future__ import annotations

from datetime import datetime

from cryptography.fernet import InvalidToken
from sqlalchemy import delete, insert, or_, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.citytime import city_day
from webapp.comments.contacts import (
    authors_at,
    contact_of_receipt,
    contacts_at,
    standing_contacts,
    stopped_address,
)
from webapp.comments.models import Comment, Contact, FirstLetters, StoppedAddress
from webapp.comments.queries import contact_of, lock_receipt
from webapp.comments.rules import FIRST_LETTERS_A_DAY, SILENCE, address_digest, mailbox_digest
from webapp.letters.queries import has_letter
from webapp.letters.rules import (
    NOT_DEAD,
    UNDER_WAY,
    AuthorKey,
    DeliveryState,
    LetterKind,
    author,
)
from webapp.letters.services import forget, owe, owe_anew, readdress, release
from webapp.orm import changed_rows, insert_of
from webapp.sealing import Sealer


def owe_first_letter(
    session: Session, comment_id: int, email: str, *, secret_key: str, now: datetime
) -> None:
    """Owe the letter that asks to confirm the address, in the caller's transaction.

    A mailbox is owed at most FIRST_LETTERS_A_DAY of them on one day in the city, however it is
    spelt; from the next day on its author can ask for one (`ask_for_first_letter`). An address
    whose owner wants no letters is owed none, whoever types it into the form.
    """
    if session.get(StoppedAddress, address_digest(email, secret_key)) is not None:
        return
    if _count_first_letter(session, mailbox_digest(email, secret_key), now):
        _owe_received(session, comment_id, now)


def carry_contact_over(
    session: Session,
    contact: Contact,
    comment_id: int,
    *,
    secret_key: str,
    sealer: Sealer,
    now: datetime,
) -> None:
    """The address a person gave before holds for this comment too, in the caller's transaction.

    The caller has locked the receipt. The address is not asked to be confirmed anew: who confirms
    it, confirms it for all its comments. Only when no letter asks for that is one owed.
    """
    stopped = stopped_address(session, contact) is not None
    confirmed_at = None if stopped else contact.confirmed_at
    is_asked = has_letter(session, LetterKind.RECEIVED, authors_at(contact), NOT_DEAD)
    session.execute(
        insert(Contact).values(
            comment_id=comment_id,
            sealed_email=sealer.copied(contact.sealed_email),
            lang=contact.lang,
            address_digest=contact.address_digest,
            confirmed_at=confirmed_at,
        )
    )
    if confirmed_at is not None:
        _owe_received(session, comment_id, now)
    elif not is_asked and (email := _opened(contact, sealer)):
        owe_first_letter(session, comment_id, email, secret_key=secret_key, now=now)


def hand_first_letter_on(session: Session, comment: Comment) -> None:
    """The first letter that is still owed for a comment asks for another one of its receipt.

    In the transaction that withdraws the comment, or nobody would be asked to confirm the address
    for the comments that joined it.
    """
    lock_receipt(session, comment.receipt_id)
    contact = contact_of(session, comment.id)
    if contact is None or contact.confirmed_at is not None:
        return
    others = standing_contacts(session, contact)
    recipients = [author(other.comment_id) for other in others]
    if others and not has_letter(session, LetterKind.RECEIVED, recipients, tuple(DeliveryState)):
        heir = others[0].comment_id
        readdress(session, kind=LetterKind.RECEIVED, subject_id=comment.id, to=heir)


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
    session.execute(delete(StoppedAddress).where(StoppedAddress.address_digest == key.address))
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
    contacts = contacts_at(session, key, locked=True)
    if key.address:
        session.execute(
            insert_of(session, StoppedAddress)
            .values(address_digest=key.address, stopped_at=now)
            .on_conflict_do_nothing()
        )
    forget(session, [author(contact.comment_id) for contact in contacts])
    for contact in contacts:
        _note(session, contact, "contact.stopped", now)
        session.delete(contact)
    session.commit()


def ask_for_first_letter(
    session: Session, receipt_id: int, *, secret_key: str, sealer: Sealer, now: datetime
) -> None:
    """Owe once more the letter that asks to confirm the address of a receipt, where it may go.

    An unconfirmed address may be asked while no such letter is under way to it; one that wants no
    letters at most once in SILENCE, whoever asks; a confirmed one is not asked. What goes is
    counted with the other first letters of the mailbox. Nothing tells what became of it: whoever
    asks may have typed in a stranger's address.
    """
    lock_receipt(session, receipt_id)
    contact = contact_of_receipt(session, receipt_id)
    email = _opened(contact, sealer) if contact else None
    if (
        contact is None
        or email is None
        or not _may_be_asked(session, contact, now)
        or not _count_first_letter(session, mailbox_digest(email, secret_key), now)
    ):
        return session.rollback()
    _note(session, contact, "contact.asked-again", now)
    owe_anew(
        session,
        kind=LetterKind.RECEIVED,
        subject_id=contact.comment_id,
        recipient=author(contact.comment_id),
        now=now,
    )
    session.commit()
    return None


def _may_be_asked(session: Session, contact: Contact, now: datetime) -> bool:
    """Whether its owner may be asked; of a stopped address, that it was asked now is noted."""
    if has_letter(session, LetterKind.RECEIVED, authors_at(contact), UNDER_WAY):
        return False
    if stopped_address(session, contact) is None:
        return contact.confirmed_at is None
    asked = session.execute(
        update(StoppedAddress)
        .where(
            StoppedAddress.address_digest == contact.address_digest,
            or_(StoppedAddress.asked_at.is_(None), StoppedAddress.asked_at < now - SILENCE),
        )
        .values(asked_at=now)
    )
    return changed_rows(asked) == 1


def _opened(contact: Contact, sealer: Sealer) -> str | None:
    """The address; None when its key is gone, so that nothing can be written to it now."""
    try:
        return sealer.open(contact.sealed_email)
    except InvalidToken:
        return None


def _owe_received(session: Session, comment_id: int, now: datetime) -> None:
    owe(
        session,
        kind=LetterKind.RECEIVED,
        subject_id=comment_id,
        recipient=author(comment_id),
        now=now,
    )


def _note(session: Session, contact: Contact, action: str, now: datetime) -> None:
    record(session, actor="author", action=action, subject=f"comment:{contact.comment_id}", now=now)


def _count_first_letter(session: Session, digest: str, now: datetime) -> bool:
    """Count one more for this mailbox and day, if it may have one more; of two at once, too."""
    counted = session.execute(
        insert_of(session, FirstLetters)
        .values(mailbox_digest=digest, day=city_day(now), letters=1)
        .on_conflict_do_update(
            index_elements=[FirstLetters.mailbox_digest, FirstLetters.day],
            set_={"letters": FirstLetters.letters + 1},
            where=FirstLetters.letters < FIRST_LETTERS_A_DAY,
        )
        .returning(FirstLetters.letters)
    )
    return counted.first() is not None


def forget_counts(session: Session, *, now: datetime) -> None:
    """Forget how many letters mailboxes were owed on days that have passed."""
    session.execute(delete(FirstLetters).where(FirstLetters.day < city_day(now)))
    session.commit()
