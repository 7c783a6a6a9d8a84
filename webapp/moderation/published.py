"""What anyone may know of the decisions on published comments: covered parts and corrections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from webapp.comments.models import Comment
from webapp.comments.rules import VISIBLE, Publication
from webapp.moderation.models import Decision, Redaction
from webapp.moderation.queries import latest_decision
from webapp.moderation.redactions import Part, covered_text, parts
from webapp.moderation.rules import Change, Covered, Reason
from webapp.moderation.standing import stands

STEP = 500


@dataclass(frozen=True)
class Correction:
    """The latest change of what anyone may read. `reason` is that of a withholding."""

    change: Change
    at: datetime
    reason: Reason | None


def covered_by(session: Session, decision_id: int) -> tuple[Covered, ...]:
    """The spans that a decision covers, in the order of the text."""
    rows = session.execute(
        select(Redaction.start, Redaction.end, Redaction.reason)
        .where(Redaction.decision_id == decision_id)
        .order_by(Redaction.start)
    )
    return tuple(Covered(*row) for row in rows)


def covered_in(session: Session, ids: Sequence[int]) -> Mapping[int, tuple[Covered, ...]]:
    """The spans covered now in each of these comments that has any."""
    other = aliased(Decision)
    latest = (
        select(func.max(other.version))
        .where(other.comment_id == Decision.comment_id, stands(other))
        .correlate(Decision)
        .scalar_subquery()
    )
    found: dict[int, tuple[Covered, ...]] = {}
    for some in _steps(ids):
        rows = session.execute(
            select(Decision.comment_id, Redaction.start, Redaction.end, Redaction.reason)
            .join(Redaction, Redaction.decision_id == Decision.id)
            .where(Decision.comment_id.in_(some), Decision.version == latest)
            .order_by(Decision.comment_id, Redaction.start)
        )
        for comment_id, start, end, reason in rows:
            found[comment_id] = (*found.get(comment_id, ()), Covered(start, end, reason))
    return found


def last_read(
    session: Session, comment_id: int, text: str, *, before: int | None = None
) -> tuple[Publication, str | None] | None:
    """What the decision that stands, or stood `before` a version, made of the comment's text."""
    decision = latest_decision(session, comment_id, before=before)
    if decision is None:
        return None
    if decision.publication not in VISIBLE:
        return decision.publication, None
    return decision.publication, covered_text(text, covered_by(session, decision.id))


def published_now(session: Session, comment: Comment) -> tuple[Part, ...]:
    """What anyone may read of a comment, in parts, where that is not all its author wrote."""
    if comment.publication is not Publication.REDACTED or comment.published_text is None:
        return ()
    return parts(comment.published_text, covered_in(session, [comment.id]).get(comment.id, ()))


def corrections_of(session: Session, ids: Sequence[int]) -> Mapping[int, Correction]:
    """The latest correction of each of these comments that has been corrected."""
    found: dict[int, Correction] = {}
    for some in _steps(ids):
        rows = session.execute(
            select(Decision.comment_id, Decision.change, Decision.decided_at, Decision.reason)
            .where(Decision.comment_id.in_(some), Decision.change.is_not(None), stands())
            .order_by(Decision.version)
        )
        found |= {id: Correction(change, at, why) for id, change, at, why in rows if change}
    return found


def _steps(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + STEP] for start in range(0, len(ids), STEP))
