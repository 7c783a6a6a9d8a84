"""At which comments the same address is held, by receipt and by address."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, String, cast, func, literal, select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment, Contact, ReceiptRow, StoppedAddress
from webapp.comments.rules import Publication
from webapp.letters.rules import AuthorKey


def contact_of_receipt(session: Session, receipt_id: int) -> Contact | None:
    """The address this person gave last; it holds for what the person writes from now on."""
    return session.scalar(
        select(Contact)
        .join(Comment, Comment.id == Contact.comment_id)
        .where(Comment.receipt_id == receipt_id)
        .order_by(Contact.comment_id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def standing_contacts(session: Session, contact: Contact) -> Sequence[Contact]:
    """The same address at the other comments of its receipt that nobody withdrew, newest first."""
    receipt_id = select(Comment.receipt_id).where(Comment.id == contact.comment_id)
    return session.scalars(
        select(Contact)
        .join(Comment, Comment.id == Contact.comment_id)
        .where(
            Comment.receipt_id == receipt_id.scalar_subquery(),
            Comment.id != contact.comment_id,
            Comment.publication != Publication.WITHDRAWN,
            Contact.address_digest == contact.address_digest,
        )
        .order_by(Contact.comment_id.desc())
    ).all()


def stopped_address(session: Session, contact: Contact | None) -> StoppedAddress | None:
    """That the owner of this address wants no letters; None when nobody said so."""
    if contact is None or contact.address_digest is None:
        return None
    return session.get(StoppedAddress, contact.address_digest)


def contacts_at(session: Session, key: AuthorKey, *, locked: bool = False) -> Sequence[Contact]:
    """The contact a letter's link speaks for, and those of all comments with the same address.

    When they are locked, so are their receipts, that no comment joins meanwhile.
    """
    of_comment = select(Contact).where(
        Contact.comment_id == key.comment_id,
        func.coalesce(Contact.address_digest, "") == key.address,
    )
    of_address = select(Contact).where(Contact.address_digest == key.address)
    found = of_address if key.address else of_comment
    if not locked:
        return session.scalars(found.order_by(Contact.comment_id)).all()
    receipts = select(Comment.receipt_id).where(
        Comment.id.in_(found.with_only_columns(Contact.comment_id))
    )
    session.execute(
        select(ReceiptRow.id)
        .where(ReceiptRow.id.in_(receipts))
        .order_by(ReceiptRow.id)
        .with_for_update()
    ).all()
    return session.scalars(
        found.order_by(Contact.comment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def authors_at(contact: Contact) -> Select[str]:
    """As recipients of letters: the authors of all comments with the address of this one."""
    same = (
        Contact.comment_id == contact.comment_id
        if contact.address_digest is None
        else Contact.address_digest == contact.address_digest
    )
    return select(literal("author:") + cast(Contact.comment_id, String)).where(same)
