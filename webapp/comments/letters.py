"""The letters that tell an author of the receipt and of a withdrawal."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from webapp.comments.models import Comment, Contact
from webapp.comments.queries import confirmed_contact, contact_of, receipt_of
from webapp.letters.models import Delivery
from webapp.letters.rules import AuthorKey, Letter
from webapp.measures.queries import stage_outline
from webapp.sealing import Sealer


def received_letter(session: Session, delivery: Delivery, sealer: Sealer) -> Letter | None:
    """The first letter: the receipt without its secret; None when there is no address any more.

    Until an address is confirmed it may be a stranger's, so what was written is not repeated there.
    """
    contact = contact_of(session, delivery.subject_id)
    comment = session.get(Comment, delivery.subject_id)
    if contact is None or comment is None:
        return None
    is_confirmed = contact.confirmed_at is not None
    facts = {"confirmed": is_confirmed, "text": comment.text, "language": comment.language}
    return author_letter(session, comment, contact, sealer, template="received", facts=facts)


def withdrawn_letter(session: Session, delivery: Delivery, sealer: Sealer) -> Letter | None:
    """The letter about a withdrawal; its delivery's subject is the comment.

    None when there is no address any more. Raises AddressUnconfirmed.
    """
    contact = confirmed_contact(session, delivery.subject_id)
    comment = session.get(Comment, delivery.subject_id)
    if contact is None or comment is None:
        return None
    facts = {"withdrawn_at": delivery.owed_at}
    return author_letter(session, comment, contact, sealer, template="withdrawn", facts=facts)


def author_letter(
    session: Session,
    comment: Comment,
    contact: Contact,
    sealer: Sealer,
    *,
    template: str,
    facts: Mapping[str, object],
) -> Letter:
    """A letter to an author, with what every such letter says of the comment."""
    return Letter(
        to=sealer.open(contact.sealed_email),
        lang=contact.lang,
        template=template,
        facts={**about_comment(session, comment, contact.lang), **facts},
        author=AuthorKey(comment.id, contact.address_digest or ""),
    )


def about_comment(session: Session, comment: Comment, lang: str) -> Mapping[str, object]:
    """What every letter to an author says of the comment."""
    stage = comment.measure.stage
    outline = stage_outline(session, stage, lang, comment.received_at, with_withdrawn=True)
    receipt = receipt_of(session, comment.id)
    return {
        "number": receipt.number if receipt else "",
        "stage": stage.slug,
        "measure": outline.line_with_id(comment.measure_id),
        "received_at": comment.received_at,
    }
