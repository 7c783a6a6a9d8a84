"""Deciding on a comment by compare-and-set; the machine's use cases stand in `screening`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.addresses import tell_author
from webapp.comments.models import Comment
from webapp.comments.rules import VISIBLE, Publication, Treatment
from webapp.letters.rules import LetterKind
from webapp.measures.services import turn_edition
from webapp.moderation.appeals import may_look_again, open_appeal
from webapp.moderation.claiming import clear_claim
from webapp.moderation.claims import refuse_if_held
from webapp.moderation.models import Decision, Proposal, Redaction
from webapp.moderation.proposing import add_proposal, standing_proposal
from webapp.moderation.published import covered_by, last_read
from webapp.moderation.queries import latest_decision
from webapp.moderation.redactions import change_of, published_text, settled, spans_for_trail
from webapp.moderation.rules import (
    AlreadyDecided,
    Covered,
    DeskRules,
    NotScreenedYet,
    SecondLookIsForAnother,
    Verdict,
    WithdrawnMeanwhile,
)
from webapp.moderation.screening import ScreeningTask, begin_screening, record_screening
from webapp.moderation.second_person import needs_second_person
from webapp.refusal import NotThere

ONE_PERSON = DeskRules()
__all__ = ["ScreeningTask", "begin_screening", "decide", "record_screening"]

_Outcome = tuple[Publication, str | None, Treatment]
_AS_READ = select(
    Comment.version,
    Comment.text,
    Comment.published_text,
    Comment.publication,
    Comment.treatment,
    Comment.screened_at,
    Comment.withdrawn_at,
)


def decide(
    session: Session,
    comment_id: int,
    *,
    version: int,
    verdict: Verdict,
    moderator_id: int,
    now: datetime,
    desk: DeskRules = ONE_PERSON,
) -> Decision | Proposal:
    """Decide on the version of a comment that was read; a later decision corrects an earlier one.

    A verdict that takes a second person becomes a proposal, and the comment waits for another's
    word. The same decision sent twice is one. Raises AlreadyDecided or AlreadyProposed when someone
    else was first, WithdrawnMeanwhile when the author was, CommentChanged when it is otherwise not
    what was read, SecondLookIsForAnother, HeldByAnother, NotScreenedYet, NothingCovered,
    NothingLeft, and NotThere.
    """
    read = session.execute(_AS_READ.where(Comment.id == comment_id)).one_or_none()
    if read is None:
        raise NotThere
    if read.withdrawn_at is not None:
        raise WithdrawnMeanwhile(withdrawn_at=read.withdrawn_at)
    if read.version == version and read.screened_at is None:
        raise NotScreenedYet
    appeal = open_appeal(session, comment_id)
    if appeal is not None and not may_look_again(session, appeal, moderator_id):
        raise SecondLookIsForAnother
    if read.version == version:
        refuse_if_held(session, comment_id, moderator_id, now)
        verdict = replace(verdict, covered=settled(read.text, verdict.covered))
    published = published_text(read.text, verdict) if read.version == version else None
    proposes = desk.second_person and needs_second_person(
        session, comment_id, verdict, moderator_id
    )
    was = last_read(session, comment_id, read.text)
    ends: _Outcome = (verdict.publication, published, verdict.treatment)
    waits: _Outcome = (Publication.WAITING, None, read.treatment)
    if not _settle(session, comment_id, version, *(waits if proposes else ends), now):
        return _lost(session, comment_id, version, verdict, moderator_id)
    clear_claim(session, comment_id)
    before = _state(read.publication, read.treatment, version)
    if proposes:
        return _propose(session, comment_id, version, verdict, moderator_id, now, before)
    decision = Decision(
        comment_id=comment_id,
        version=version,
        publication=verdict.publication,
        treatment=verdict.treatment,
        reason=verdict.reason,
        note=verdict.note,
        change=was and change_of(*was, verdict.publication, published, is_first=False),
        moderator_id=moderator_id,
        decided_at=now,
    )
    session.add(decision)
    session.flush()
    _cover(session, decision.id, verdict.covered)
    _tell(session, decision, verdict.covered, before, now, letter_at=now + desk.undo_within)
    session.commit()
    return decision


def _propose(
    session: Session,
    comment_id: int,
    version: int,
    verdict: Verdict,
    moderator_id: int,
    now: datetime,
    before: dict[str, object],
) -> Proposal:
    """What was to be read until now is hidden until a second person has spoken."""
    proposal = add_proposal(
        session,
        comment_id,
        version=version,
        verdict=verdict,
        moderator_id=moderator_id,
        now=now,
        before=before,
    )
    if before["publication"] in VISIBLE:
        turn_edition(session)
    session.commit()
    return proposal


def _settle(
    session: Session,
    comment_id: int,
    version: int,
    publication: Publication,
    published: str | None,
    treatment: Treatment,
    now: datetime,
) -> bool:
    first_time = {"published_at": func.coalesce(Comment.published_at, now)}
    moved = session.execute(
        update(Comment)
        .where(Comment.id == comment_id, Comment.version == version)
        .values(
            publication=publication,
            published_text=published,
            treatment=treatment,
            version=version + 1,
            campaign_id=None,
            fold_number=None,
            **(first_time if published is not None else {}),
        )
        .execution_options(synchronize_session=False)
    )
    return bool(moved.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def _cover(session: Session, decision_id: int, spans: Sequence[Covered]) -> None:
    for span in spans:
        session.add(
            Redaction(decision_id=decision_id, start=span.start, end=span.end, reason=span.reason)
        )


def _lost(
    session: Session, comment_id: int, version: int, verdict: Verdict, moderator_id: int
) -> Decision | Proposal:
    """What stands instead. It is the same decision when one person's hand slipped twice."""
    session.rollback()
    withdrawn_at = session.scalar(select(Comment.withdrawn_at).where(Comment.id == comment_id))
    if withdrawn_at is not None:
        raise WithdrawnMeanwhile(withdrawn_at=withdrawn_at)
    latest = latest_decision(session, comment_id)
    if latest is None or latest.version < version:
        return standing_proposal(session, comment_id, version, verdict, moderator_id)
    mine = replace(
        Verdict(latest.publication, latest.treatment, latest.reason, latest.note),
        covered=covered_by(session, latest.id),
    )
    if (latest.version, latest.moderator_id, mine) == (version, moderator_id, verdict):
        return latest
    raise AlreadyDecided(who=latest.moderator.name, decided_at=latest.decided_at)


def _tell(
    session: Session,
    decision: Decision,
    covered: Sequence[Covered],
    before: Mapping[str, object],
    now: datetime,
    *,
    letter_at: datetime,
) -> None:
    """What follows from a decision: the trail, the public pages, a letter to the author."""
    after = _state(decision.publication, decision.treatment, decision.version + 1)
    record(
        session,
        actor=f"staff:{decision.moderator_id}",
        action="comment.decided",
        subject=f"comment:{decision.comment_id}",
        now=now,
        before=before,
        after={
            **after,
            "reason": decision.reason,
            "note": decision.note,
            **spans_for_trail(covered),
        },
    )
    seen = (before["publication"] in VISIBLE, decision.publication in VISIBLE)
    if seen[0] != seen[1] or decision.change or decision.publication is Publication.REDACTED:
        turn_edition(session)
    tell_author(
        session,
        decision.comment_id,
        kind=LetterKind.DECISION,
        subject_id=decision.id,
        now=now,
        due_at=letter_at,
    )


def _state(publication: Publication, treatment: Treatment, version: int) -> dict[str, object]:
    return {"publication": publication, "treatment": treatment, "version": version}
