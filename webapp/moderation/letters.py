"""The letter that tells an author what was decided."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.comments.letters import author_letter
from webapp.comments.queries import confirmed_contact
from webapp.comments.rules import VISIBLE, Treatment
from webapp.letters.rules import Letter
from webapp.moderation.forms import REASONS
from webapp.moderation.models import Decision
from webapp.moderation.queries import is_first_decision
from webapp.sealing import Sealer


def decision_letter(session: Session, decision_id: int, sealer: Sealer) -> Letter | None:
    """The letter about a decision in its author's language; None when nobody can be written to.

    Raises AddressUnconfirmed.
    """
    decision = session.get(Decision, decision_id)
    contact = confirmed_contact(session, decision.comment_id) if decision else None
    if decision is None or contact is None:
        return None
    comment, facts = decision.comment, _facts(session, decision)
    return author_letter(session, comment, contact, sealer, template="decision", facts=facts)


def _facts(session: Session, decision: Decision) -> dict[str, object]:
    return {
        "comment_id": decision.comment_id,
        "published": decision.publication in VISIBLE,
        "counts": decision.treatment is not Treatment.NOT_AN_OPINION,
        "again": not is_first_decision(session, decision),
        "reason": REASONS[decision.reason] if decision.reason else None,
        "note": decision.note,
        "decided_at": decision.decided_at,
    }
