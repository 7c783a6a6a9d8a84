"""All that is held about a person's comments, as a document to read and keep."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from cryptography.fernet import InvalidToken
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.citytime import TOKYO
from webapp.comments.models import Comment, CommentVersion, IdentityRow, ReceiptRow
from webapp.comments.queries import comments_of_receipt, contact_of, earlier_versions
from webapp.comments.rules import Identity
from webapp.identities.queries import readings_of
from webapp.measures.queries import stage_outline
from webapp.moderation.appeals import appeals_of
from webapp.moderation.forms import REASONS
from webapp.moderation.models import Decision, Undoing
from webapp.moderation.published import covered_by
from webapp.moderation.queries import decisions_of, flags_of
from webapp.moderation.rules import Covered
from webapp.moderation.standing import undoings_of
from webapp.responses.answers import answers_to
from webapp.sealing import Sealer


def holdings(
    session: Session, receipt: ReceiptRow, lang: str, sealer: Sealer, now: datetime
) -> str:
    """The document, as indented JSON: every comment of the receipt. Times are those of the city.

    It holds everything but one: whether an address is confirmed is told to that address only, for
    anyone can type anyone's. What no known key opens is left out, and the document says so.
    """
    document = {
        "exported_at": _moment(now),
        "receipt_number": receipt.number,
        "comments": [
            _holdings(session, comment, lang, sealer, now)
            for comment in comments_of_receipt(session, receipt.id)
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _holdings(
    session: Session, comment: Comment, lang: str, sealer: Sealer, now: datetime
) -> Mapping[str, object]:
    stage = comment.measure.stage
    outline = stage_outline(session, stage, lang, now, with_withdrawn=True)
    measure = outline.line_with_id(comment.measure_id)
    undone = undoings_of(session, comment.id)
    return {
        "comment_number": comment.id,
        "stage": {"code": stage.slug, "words": str(outline.title)},
        "measure": {
            "code": comment.measure.code,
            "words": str(measure.words) if measure else None,
        },
        "received_at": _moment(comment.received_at),
        "sent_by": comment.channel.value,
        **_words(comment),
        "text_as_published": comment.published_text,
        "publication": comment.publication.value,
        "treatment": comment.treatment.value,
        "withdrawn_at": _moment(comment.withdrawn_at),
        "earlier_versions": [
            {**_words(version), "replaced_at": _moment(version.replaced_at)}
            for version in earlier_versions(session, comment.id)
        ],
        "noticed_by_machine": [flag.rule for flag in flags_of(session, comment.id)],
        "decisions": [
            _decision(decision, covered_by(session, decision.id), undone.get(decision.version))
            for decision in decisions_of(session, comment.id)
        ],
        "second_looks": [
            {"asked_at": _moment(appeal.asked_at), "your_words": appeal.note}
            for appeal in appeals_of(session, comment.id)
        ],
        "answers_of_the_city": [
            {"words": str(answer.words), "answered_at": _moment(answer.first_at)}
            for answer in answers_to(session, comment.id, lang)
        ],
        **_address(session, comment.id, sealer),
        **_identity(session, comment.id, sealer),
    }


def _address(session: Session, comment_id: int, sealer: Sealer) -> Mapping[str, object]:
    """Not whether it is confirmed: whoever typed it in may be a stranger to its owner."""
    contact = contact_of(session, comment_id)
    address, why_not = _opened(contact.sealed_email if contact else None, sealer)
    return {
        "email_address_held": contact is not None,
        "email_address": address,
        "email_address_not_shown_because": why_not,
        "language_of_letters": contact.lang if contact else None,
    }


def _identity(session: Session, comment_id: int, sealer: Sealer) -> Mapping[str, object]:
    row = session.get(IdentityRow, comment_id)
    text, why_not = _opened(row.sealed if row else None, sealer)
    identity = Identity.from_text(text) if text is not None else None
    return {
        "identity_held": row is not None,
        "name": identity.name if identity else None,
        "home_address": identity.address if identity else None,
        "other_contact": identity.contact if identity else None,
        "identity_not_shown_because": why_not,
        "identity_read_by_staff": [
            {"read_at": _moment(reading.read_at), "purpose": reading.purpose}
            for reading in readings_of(session, comment_id)
        ],
    }


def _opened(sealed: bytes | None, sealer: Sealer) -> tuple[str | None, str | None]:
    """What was sealed, and why it cannot be said where no key that is known opens it."""
    if sealed is None:
        return None, None
    try:
        return sealer.open(sealed), None
    except InvalidToken:
        return None, _("We hold this, but cannot open it just now. Please ask the city.")


def _words(said: Comment | CommentVersion) -> Mapping[str, object]:
    return {
        "text": said.text,
        "language": said.language,
        "action": said.action.code if said.action else None,
        "stance": said.stance.value if said.stance else None,
        "tie_to_the_city": said.residency.value if said.residency else None,
    }


def _decision(
    decision: Decision, covered: Sequence[Covered], undone: Undoing | None
) -> Mapping[str, object]:
    return {
        "decided_at": _moment(decision.decided_at),
        "publication": decision.publication.value,
        "treatment": decision.treatment.value,
        "reason": decision.reason.value if decision.reason else None,
        "reason_in_words": str(REASONS[decision.reason]) if decision.reason else None,
        "covered": [
            {"from_character": span.start, "to_character": span.end, "reason": span.reason.value}
            for span in covered
        ],
        "changed_what_is_published": decision.change.value if decision.change else None,
        "note": decision.note,
        "undone_at": _moment(undone.undone_at) if undone else None,
    }


def _moment(instant: datetime | None) -> str | None:
    return instant.astimezone(TOKYO).isoformat(timespec="seconds") if instant else None
