"""The letter that tells an author what was decided."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.queries import contact_of, receipt_of
from webapp.comments.rules import VISIBLE, Treatment
from webapp.letters.rules import Letter
from webapp.measures.queries import stage_outline
from webapp.moderation.forms import REASONS
from webapp.moderation.models import Decision
from webapp.moderation.queries import is_first_decision
from webapp.sealing import Sealer


def decision_letter(session: Session, decision_id: int, sealer: Sealer) -> Letter | None:
    """The letter about a decision in its author's language; None when nobody can be written to."""
    decision = session.get(Decision, decision_id)
    contact = contact_of(session, decision.comment_id) if decision else None
    if decision is None or contact is None:
        return None
    return Letter(
        to=sealer.open(contact.sealed_email),
        lang=contact.lang,
        template="decision",
        facts=_facts(session, decision, decision.comment, contact.lang),
    )


def _facts(session: Session, decision: Decision, comment: Comment, lang: str) -> dict[str, object]:
    stage = comment.measure.stage
    outline = stage_outline(session, stage, lang, decision.decided_at, with_withdrawn=True)
    receipt = receipt_of(session, comment.id)
    return {
        "number": receipt.number if receipt else "",
        "stage": stage.slug,
        "measure": outline.line_with_id(comment.measure_id),
        "comment_id": comment.id,
        "published": decision.publication in VISIBLE,
        "counts": decision.treatment is not Treatment.NOT_AN_OPINION,
        "again": not is_first_decision(session, decision),
        "reason": REASONS[decision.reason] if decision.reason else None,
        "note": decision.note,
        "received_at": comment.received_at,
        "decided_at": decision.decided_at,
    }
