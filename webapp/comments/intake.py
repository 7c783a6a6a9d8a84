"""One comment into the record, with all that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.addresses import carry_contact_over, owe_first_letter
from webapp.comments.contacts import contact_of_receipt
from webapp.comments.models import Comment, Contact, IdentityRow, ReceiptRow
from webapp.comments.queries import identity_of_receipt
from webapp.comments.rules import (
    Commented,
    Draft,
    Publication,
    Receipt,
    Treatment,
    address_digest,
    new_number,
    secret_digest,
)
from webapp.measures.models import CommentPeriod
from webapp.measures.queries import entry_by_code
from webapp.orm import table_of
from webapp.sealing import Sealer

# Put together once: this is the one path that a flood of comments must not slow down.
_NEW_COMMENT = insert(table_of(Comment)).returning(Comment.id)
_NEW_RECEIPT = insert(table_of(ReceiptRow)).returning(ReceiptRow.id)


def take_in(
    session: Session,
    measure: Commented,
    period: CommentPeriod | Row[*tuple[Any, ...]],
    draft: Draft,
    digest: str,
    secret: str,
    *,
    secret_key: str,
    sealer: Sealer,
    now: datetime,
    joins: int | None = None,
) -> Receipt:
    """Comment, receipt, contact, identity and audit entry, in the caller's transaction.

    A comment that `joins` a receipt makes no new one, and has no secret of its own.
    """
    receipt: ReceiptRow | _NewReceipt
    if joins is None:
        receipt = _new_receipt(session, secret)
    else:
        receipt, secret = session.get_one(ReceiptRow, joins), ""
    action = (
        entry_by_code(session, measure.stage_id, draft.action_code) if draft.action_code else None
    )
    comment_id: int = session.execute(
        _NEW_COMMENT,
        {
            "measure_id": measure.id,
            "action_id": action.id if action else None,
            "period_id": period.id,
            "receipt_id": receipt.id,
            "text": draft.text,
            "language": draft.language,
            "channel": draft.channel,
            "stance": draft.stance,
            "residency": draft.residency,
            "received_at": now,
            "form_key_digest": digest,
            "version": 1,
            "publication": Publication.WAITING,
            "treatment": Treatment.UNDECIDED,
        },
    ).scalar_one()
    _add_contact(session, comment_id, draft, joins, secret_key=secret_key, sealer=sealer, now=now)
    if period.asks_identity:
        _add_identity(session, comment_id, draft, joins, period.id, sealer)
    record(
        session,
        actor="author",
        action="comment.submitted",
        subject=f"comment:{comment_id}",
        now=now,
        after={"text": draft.text, "measure": measure.id, "language": draft.language},
    )
    return Receipt(receipt.number, secret)


@dataclass(frozen=True)
class _NewReceipt:
    id: int
    number: str


def _new_receipt(session: Session, secret: str) -> _NewReceipt:
    number = new_number()
    row = {"number": number, "secret_digest": secret_digest(secret)}
    return _NewReceipt(session.execute(_NEW_RECEIPT, row).scalar_one(), number)


def _add_contact(
    session: Session,
    comment_id: int,
    draft: Draft,
    joins: int | None,
    *,
    secret_key: str,
    sealer: Sealer,
    now: datetime,
) -> None:
    """Where letters about this comment go: the address given with it, or with the receipt."""
    if draft.email:
        session.execute(
            insert(Contact).values(
                comment_id=comment_id,
                sealed_email=sealer.seal(draft.email),
                lang=draft.page_lang,
                address_digest=address_digest(draft.email, secret_key),
            )
        )
        owe_first_letter(session, comment_id, draft.email, secret_key=secret_key, now=now)
    elif joins is not None:
        contact = contact_of_receipt(session, joins)
        if contact is not None:
            carry_contact_over(
                session, contact, comment_id, secret_key=secret_key, sealer=sealer, now=now
            )


def _add_identity(
    session: Session,
    comment_id: int,
    draft: Draft,
    joins: int | None,
    period_id: int,
    sealer: Sealer,
) -> None:
    """Who the author is, as given with this comment, or with another one in the same period."""
    if draft.identity is not None:
        sealed = sealer.seal(draft.identity.as_text())
    else:
        known = identity_of_receipt(session, joins, period_id) if joins is not None else None
        if known is None:
            return
        sealed = sealer.copied(known.sealed)
    session.execute(insert(IdentityRow).values(comment_id=comment_id, sealed=sealed))
