"""The letters that tell an author of the receipt and of a withdrawal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from sqlalchemy.orm import Session

from webapp.comments.models import Comment, Contact
from webapp.comments.queries import confirmed_contact, contact_of, receipt_of
from webapp.letters.models import Delivery
from webapp.letters.rules import AuthorKey, Letter
from webapp.measures.queries import stage_outline
from webapp.sealing import Sealer

# What mail programs turn into a link, or a reader into an address. The first letter goes to an
# address that nobody has confirmed, so a text with a link is not repeated there: else anyone could
# send advertising to strangers in the city's name. A dot ends a Japanese sentence too, and the
# next one may begin with Latin letters: 。 makes a host only between two Latin labels or before a
# path, and . only beside a letter that is not Japanese.
_JAPANESE = r"\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
_OTHER = rf"[^\W\d_{_JAPANESE}]"
_LINK = re.compile(
    rf"""
      :// | @ | www[.。]
    | [^\s.]\.{_OTHER}{{2}}                            # 日本語.com
    | {_OTHER}[\d-]*\.[{_JAPANESE}]                   # spam.コム
    | (?:{_OTHER}|\d)。{_OTHER}{{2}}                   # spam。com
    | 。(?:{_OTHER}|[\d-])+/                          # 日本語。com/spam
    | (?:\d{{1,3}}\.){{3}}\d                           # 192.0.2.1
    | [\da-f]:: | ::[\da-f] | (?:[\da-f]{{1,4}}:){{7}}   # 2001:db8::1
    """,
    re.IGNORECASE | re.VERBOSE,
)


def received_letter(session: Session, delivery: Delivery, sealer: Sealer) -> Letter | None:
    """The first letter: the receipt without its secret; None when there is no address any more."""
    contact = contact_of(session, delivery.subject_id)
    comment = session.get(Comment, delivery.subject_id)
    if contact is None or comment is None:
        return None
    facts = {
        "text": comment.text if is_repeatable(comment.text) else None,
        "language": comment.language,
        "confirmed": contact.confirmed_at is not None,
    }
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


def is_repeatable(text: str) -> bool:
    """Whether a text may go to an address that nobody has confirmed: nothing in it looks like a
    host, an IP address or an e-mail address, of whatever width and with whatever is not seen.
    """
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    return _LINK.search(seen) is None
