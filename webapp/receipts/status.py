"""Where a comment stands, told to its author, with what the author may still do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.comments.models import Comment, IdentityRow
from webapp.comments.place import public_url
from webapp.comments.queries import contact_of, earlier_versions
from webapp.comments.rules import Publication, Treatment
from webapp.measures.queries import Line, stage_outline
from webapp.moderation.appeals import is_second_look, open_appeal
from webapp.moderation.forms import REASONS
from webapp.moderation.models import Appeal
from webapp.moderation.published import Correction, corrections_of, published_now
from webapp.moderation.queries import latest_decision
from webapp.moderation.redactions import Part
from webapp.receipts.queries import appealable_decision, may_be_revised
from webapp.responses.answers import PublicAnswer, answers_to


@dataclass(frozen=True)
class AuthorStatus:
    """What a status page tells an author.

    `step` is "received", "in-review", "second-look" or the outcome; `decided_at`, `reason` and
    `note` are those of the latest decision, also while a second look at it is being taken.
    `published` is empty when everything can be read, or nothing.
    """

    step: str
    comment_id: int
    number: str
    version: int
    measure: Line | None
    text: str
    language: str
    received_at: datetime
    rewritten_at: datetime | None
    decided_at: datetime | None
    reason: str
    note: str
    public_url: str | None
    published: tuple[Part, ...]
    correction: Correction | None
    counts: bool
    withdrawn_at: datetime | None
    asked_again_at: datetime | None
    looked_at_twice: bool
    may_revise: bool
    may_ask_again: bool
    has_address: bool
    has_identity: bool
    answers: Sequence[PublicAnswer] = ()

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None


def status_for_author(session: Session, comment: Comment, lang: str, now: datetime) -> AuthorStatus:
    """Where a comment stands, in the words of `lang`."""
    outline = stage_outline(session, comment.measure.stage, lang, now, with_withdrawn=True)
    decision = latest_decision(session, comment.id)
    appeal = open_appeal(session, comment.id)
    earlier = earlier_versions(session, comment.id)
    return AuthorStatus(
        step=_step(comment, appeal),
        comment_id=comment.id,
        number=comment.receipt.number,
        version=comment.version,
        measure=outline.line_with_id(comment.measure_id),
        text=comment.text,
        language=comment.language,
        received_at=comment.received_at,
        rewritten_at=earlier[-1].replaced_at if earlier else None,
        decided_at=decision.decided_at if decision else None,
        reason=str(REASONS[decision.reason]) if decision and decision.reason else "",
        note=decision.note if decision else "",
        public_url=public_url(comment),
        published=published_now(session, comment),
        correction=corrections_of(session, [comment.id]).get(comment.id),
        counts=comment.treatment is not Treatment.NOT_AN_OPINION,
        withdrawn_at=comment.withdrawn_at,
        asked_again_at=appeal.asked_at if appeal else None,
        looked_at_twice=decision is not None and is_second_look(session, decision),
        may_revise=may_be_revised(comment, now),
        may_ask_again=appealable_decision(session, comment) is not None,
        has_address=contact_of(session, comment.id) is not None,
        has_identity=session.get(IdentityRow, comment.id) is not None,
        answers=answers_to(session, comment.id, lang),
    )


def _step(comment: Comment, appeal: Appeal | None) -> str:
    if appeal is not None:
        return "second-look"
    if comment.publication is not Publication.WAITING:
        return comment.publication.value
    return "received" if comment.screened_at is None else "in-review"
