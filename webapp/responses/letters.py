"""The letter that tells an author what the city answers."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.comments.letters import author_letter
from webapp.comments.models import Comment
from webapp.comments.queries import confirmed_contact
from webapp.letters.models import Delivery
from webapp.letters.rules import Letter
from webapp.responses.answers import published_answer
from webapp.responses.forms import CATEGORIES
from webapp.sealing import Sealer


def answered_letter(session: Session, delivery: Delivery, sealer: Sealer) -> Letter | None:
    """The letter about an answer in its author's language; its delivery's subject is the answer.

    None when nobody can be written to. Raises AddressUnconfirmed.
    """
    comment = session.get(Comment, int(delivery.recipient.removeprefix("author:")))
    contact = confirmed_contact(session, comment.id) if comment else None
    if comment is None or contact is None:
        return None
    answer = published_answer(session, delivery.subject_id, contact.lang)
    if answer is None:
        return None
    facts = {
        "words": answer.words,
        "category": CATEGORIES[answer.category],
        "answered_at": answer.first_at,
    }
    return author_letter(session, comment, contact, sealer, template="answered", facts=facts)
