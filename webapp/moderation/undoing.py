"""Taking back what one has just decided or proposed; the record keeps both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.models import Comment
from webapp.comments.rules import VISIBLE, Publication, Treatment
from webapp.letters.rules import LetterKind
from webapp.letters.services import take_back
from webapp.measures.services import turn_edition
from webapp.moderation.grouping import campaign_of
from webapp.moderation.models import Appeal, Decision, Proposal, Undoing
from webapp.moderation.placing import let_wait_in, set_place, take_the_turn
from webapp.moderation.published import last_read
from webapp.moderation.queries import latest_decision
from webapp.moderation.rules import TooLateToUndo
from webapp.orm import changed_rows
from webapp.refusal import NotThere


@dataclass(frozen=True)
class _State:
    """What a comment is when nothing later stands."""

    publication: Publication = Publication.WAITING
    treatment: Treatment = Treatment.UNDECIDED
    published_text: str | None = None


def undo(
    session: Session,
    comment_id: int,
    *,
    version: int,
    moderator_id: int,
    now: datetime,
    within: timedelta,
) -> None:
    """Take back one's own decision or proposal on this version, as if it had not been made.

    A decision only `within` this time and before its letter is on its way, a proposal until
    someone settles it. Undoing twice is undoing once. Raises TooLateToUndo and NotThere.
    """
    if session.get(Undoing, (comment_id, version)) is not None:
        return session.rollback()
    act = _act(session, comment_id, version)
    if act is None:
        raise NotThere
    is_late = isinstance(act, Decision) and now >= act.decided_at + within
    if is_late or act.moderator_id != moderator_id:
        raise TooLateToUndo
    was = session.scalar(select(Comment.publication).where(Comment.id == comment_id))
    before = state_before(session, comment_id, version)
    number = take_the_turn(session)
    if not _restore(session, comment_id, version, before):
        return _lost(session, comment_id, version)
    if isinstance(act, Decision) and not take_back(
        session, kind=LetterKind.DECISION, subject_id=act.id
    ):
        session.rollback()
        raise TooLateToUndo
    session.add(
        Undoing(comment_id=comment_id, version=version, moderator_id=moderator_id, undone_at=now)
    )
    record(
        session,
        actor=f"staff:{moderator_id}",
        action="comment.undone",
        subject=f"comment:{comment_id}",
        now=now,
        before={"publication": was, "version": version + 1},
        after={
            "publication": before.publication,
            "treatment": before.treatment,
            "version": version + 2,
        },
    )
    _fold_again(session, comment_id, number)
    if was in VISIBLE or before.publication in VISIBLE:
        turn_edition(session)
    session.commit()
    return None


def state_before(session: Session, comment_id: int, version: int) -> _State:
    """What the comment was before this version was decided on, as the record tells it."""
    earlier = latest_decision(session, comment_id, before=version)
    if earlier is None:
        return _State()
    if session.get(Undoing, (comment_id, version - 2)) is not None:
        return state_before(session, comment_id, version - 2)
    appealed = select(Appeal.id).where(Appeal.decision_id == earlier.id)
    proposed = select(Proposal.id).where(
        Proposal.comment_id == comment_id, Proposal.version == version - 1
    )
    waits = session.scalar(appealed) or session.scalar(proposed)
    if waits:
        return _State(Publication.WAITING, earlier.treatment)
    text = session.scalar(select(Comment.text).where(Comment.id == comment_id)) or ""
    _, published = last_read(session, comment_id, text, before=version) or (None, None)
    return _State(earlier.publication, earlier.treatment, published)


def _act(session: Session, comment_id: int, version: int) -> Decision | Proposal | None:
    """What was decided or proposed on this version: never both."""
    decided = select(Decision).where(Decision.comment_id == comment_id, Decision.version == version)
    proposed = select(Proposal).where(
        Proposal.comment_id == comment_id, Proposal.version == version
    )
    return session.scalar(decided) or session.scalar(proposed)


def _restore(session: Session, comment_id: int, version: int, before: _State) -> bool:
    restored = session.execute(
        update(Comment)
        .where(Comment.id == comment_id, Comment.version == version + 1)
        .values(version=version + 2, **vars(before))
        .execution_options(synchronize_session=False)
    )
    return changed_rows(restored) == 1


def _fold_again(session: Session, comment_id: int, number: int) -> None:
    """Whom nobody has decided on any more waits with its like, as something nobody has read."""
    campaign_id = campaign_of(session, comment_id)
    if campaign_id is not None:
        let_wait_in(session, campaign_id, [comment_id], number)
        set_place(session, campaign_id)


def _lost(session: Session, comment_id: int, version: int) -> None:
    """Something happened since. It may have been the same hand, which slipped twice."""
    session.rollback()
    if session.get(Undoing, (comment_id, version)) is None:
        raise TooLateToUndo
    session.rollback()
