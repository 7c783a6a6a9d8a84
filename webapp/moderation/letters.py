"""The letter that tells an author what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.comments.letters import about_comment, author_letter
from webapp.comments.models import Comment
from webapp.comments.queries import confirmed_contact, contact_of
from webapp.comments.rules import VISIBLE, Publication, Treatment
from webapp.letters.rules import Letter
from webapp.moderation.appeals import is_second_look, open_appeal
from webapp.moderation.forms import REASONS
from webapp.moderation.models import Decision
from webapp.moderation.published import covered_by
from webapp.moderation.queries import is_first_decision
from webapp.moderation.redactions import change_of, published_text
from webapp.moderation.rules import Change, Verdict
from webapp.sealing import Sealer

NO_LINK = "…"
"""Stands in a preview for the author's own links, which nobody else shall follow."""


def decision_letter(session: Session, decision_id: int, sealer: Sealer) -> Letter | None:
    """The letter about a decision in its author's language; None when nobody can be written to.

    Raises AddressUnconfirmed.
    """
    decision = session.get(Decision, decision_id)
    contact = confirmed_contact(session, decision.comment_id) if decision else None
    if decision is None or contact is None:
        return None
    comment, verdict = decision.comment, verdict_of(session, decision)
    again = not is_first_decision(session, decision)
    facts = {
        **_facts(comment, verdict, again, decision.change, decision.decided_at),
        "may_appeal": not is_second_look(session, decision),
    }
    return author_letter(session, comment, contact, sealer, template="decision", facts=facts)


def previewed_letter(
    session: Session, comment: Comment, verdict: Verdict, now: datetime
) -> Letter | None:
    """The letter as this verdict would have it, to nobody and without the author's own links.

    None when there is no address. Raises NothingLeft.
    """
    contact = contact_of(session, comment.id)
    if contact is None:
        return None
    again = comment.treatment is not Treatment.UNDECIDED
    text = published_text(comment.text, verdict)
    change = change_of(
        comment.publication,
        comment.published_text,
        verdict.publication,
        text,
        is_first=not again,
    )
    facts = {
        **about_comment(session, comment, contact.lang),
        **_facts(comment, verdict, again, change, now),
        "may_appeal": open_appeal(session, comment.id) is None,
        "stop_url": NO_LINK,
    }
    return Letter(to="", lang=contact.lang, template="decision", facts=facts)


def verdict_of(session: Session, decision: Decision) -> Verdict:
    """What a stored decision says, its covered spans included."""
    return Verdict(
        publication=decision.publication,
        treatment=decision.treatment,
        reason=decision.reason,
        note=decision.note,
        covered=covered_by(session, decision.id),
    )


def _facts(
    comment: Comment, verdict: Verdict, again: bool, change: Change | None, decided_at: datetime
) -> Mapping[str, object]:
    redacted = verdict.publication is Publication.REDACTED
    return {
        "comment_id": comment.id,
        "published": verdict.publication in VISIBLE,
        "published_text": published_text(comment.text, verdict) if redacted else None,
        "covered": [span.reason for span in verdict.covered],
        "language": comment.language,
        "counts": verdict.treatment is not Treatment.NOT_AN_OPINION,
        "again": again,
        "change": change,
        "reason": REASONS[verdict.reason] if verdict.reason else None,
        "note": verdict.note,
        "decided_at": decided_at,
    }
