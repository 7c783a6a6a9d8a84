"""What an author does: withdraw, write anew, ask for a second look, be forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from sqlalchemy import ColumnElement, delete, insert, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.addresses import hand_first_letter_on, tell_author
from webapp.comments.models import Comment, CommentVersion, Contact, IdentityRow
from webapp.comments.queries import comments_of_receipt, lock_receipt
from webapp.comments.rules import VISIBLE, PeriodClosed, Publication, Treatment
from webapp.letters.rules import LetterKind, author
from webapp.letters.services import drop, forget
from webapp.measures.queries import entry_by_code
from webapp.measures.services import turn_edition
from webapp.moderation.appeals import open_appeal
from webapp.moderation.models import Appeal
from webapp.moderation.screening import forget_screening
from webapp.orm import changed_rows
from webapp.receipts.queries import appealable_decision
from webapp.receipts.rules import ChangedMeanwhile, DecidedMeanwhile, NoSecondLook, Revision
from webapp.refusal import NotThere

AUTHOR = "author"
"""How the audit trail names the person who wrote; it knows no more."""


def withdraw(session: Session, comment_id: int, *, version: int, now: datetime) -> None:
    """Take the comment back, as it stood at `version`: nobody reads it, and it counts no more.

    The row stays. Withdrawing twice is withdrawing once. Raises ChangedMeanwhile when it does not
    stand as it did: the author shall know of a decision before having the last word.
    """
    comment = _comment(session, comment_id)
    if comment.publication is Publication.WITHDRAWN:
        return session.rollback()
    before = comment.publication
    gone = {"publication": Publication.WITHDRAWN, "published_text": None, "withdrawn_at": now}
    if not _move(session, comment_id, version, **gone):
        session.rollback()
        if _comment(session, comment_id).publication is Publication.WITHDRAWN:
            return session.rollback()
        raise ChangedMeanwhile
    if before in VISIBLE:
        turn_edition(session)
    hand_first_letter_on(session, comment)
    drop(session, [author(comment_id)])
    tell_author(session, comment_id, kind=LetterKind.WITHDRAWN, subject_id=comment_id, now=now)
    _note(session, "comment.withdrawn", comment_id, now, {"publication": before})
    session.commit()
    return None


def revise(
    session: Session, comment_id: int, revision: Revision, *, version: int, now: datetime
) -> None:
    """Let a comment that waits say something else; it is checked and read from the beginning.

    Sending the same words twice changes nothing. Raises DecidedMeanwhile, ChangedMeanwhile, and
    PeriodClosed when the comment's period is over.
    """
    comment = _comment(session, comment_id)
    words = _words(session, comment, revision)
    if all(getattr(comment, name) == value for name, value in words.items()):
        return session.rollback()
    if now >= comment.period.closes_at:
        raise PeriodClosed(closed_at=comment.period.closes_at)
    earlier = {name: getattr(comment, name) for name in words}
    undecided = Comment.treatment == Treatment.UNDECIDED
    if comment.publication is not Publication.WAITING or not _move(
        session, comment_id, version, undecided, screened_at=None, **words
    ):
        _lost(session, comment_id)
    session.execute(
        insert(CommentVersion).values(
            comment_id=comment_id, version=version, replaced_at=now, **earlier
        )
    )
    forget_screening(session, comment_id)
    _note(session, "comment.revised", comment_id, now, earlier, words)
    session.commit()
    return None


def ask_for_second_look(
    session: Session, comment_id: int, *, note: str, version: int, now: datetime
) -> None:
    """Bring a withheld comment back into the queue, for another person than the one who withheld.

    Asking twice is asking once. Raises NoSecondLook when the comment is not withheld, or was
    withheld by a second look already, and ChangedMeanwhile.
    """
    if open_appeal(session, comment_id) is not None:
        return session.rollback()
    decision = appealable_decision(session, _comment(session, comment_id))
    if decision is None:
        raise NoSecondLook
    if not _move(session, comment_id, version, publication=Publication.WAITING):
        raise ChangedMeanwhile
    session.add(Appeal(comment_id=comment_id, decision_id=decision.id, note=note, asked_at=now))
    _note(session, "comment.appealed", comment_id, now, {"decision": decision.id}, {"note": note})
    session.commit()
    return None


def erase_person(session: Session, receipt_id: int, *, now: datetime) -> None:
    """Forget who the author is and where to write to, and every letter that would have gone there.

    What mail servers said of letters that stay on record is forgotten too. That holds for all
    comments of the receipt. Who looked at the identity before, and what for, stays on record.
    """
    lock_receipt(session, receipt_id)
    # First the rows, which waits for a letter that is just being written; then what it may have
    # left to be sent later.
    ids = [comment.id for comment in comments_of_receipt(session, receipt_id)]
    gone = {
        comment_id
        for kept in (Contact, IdentityRow)
        for comment_id in session.scalars(
            delete(kept).where(kept.comment_id.in_(ids)).returning(kept.comment_id)
        )
    }
    forget(session, [author(comment_id) for comment_id in ids])
    for comment_id in sorted(gone):
        _note(session, "comment.person-erased", comment_id, now)
    session.commit()
    return


def note_export(session: Session, receipt_id: int, *, now: datetime) -> None:
    """Leave a trace that all we hold about a person was handed out, at each comment of theirs."""
    for comment in comments_of_receipt(session, receipt_id):
        _note(session, "comment.exported", comment.id, now)
    session.commit()


def _comment(session: Session, comment_id: int) -> Comment:
    found = session.get(Comment, comment_id, populate_existing=True)
    if found is None:
        raise NotThere
    return found


def _move(
    session: Session,
    comment_id: int,
    version: int,
    *conditions: ColumnElement[bool],
    **values: object,
) -> bool:
    """Change a comment that still stands at `version`; who comes later finds another version."""
    moved = session.execute(
        update(Comment)
        .where(Comment.id == comment_id, Comment.version == version, *conditions)
        .values(version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    return changed_rows(moved) == 1


def _lost(session: Session, comment_id: int) -> NoReturn:
    """Say why a new version came too late."""
    session.rollback()
    comment = _comment(session, comment_id)
    if comment.treatment is not Treatment.UNDECIDED:
        raise DecidedMeanwhile
    raise ChangedMeanwhile


def _words(session: Session, comment: Comment, revision: Revision) -> dict[str, object]:
    action = (
        entry_by_code(session, comment.measure.stage_id, revision.action_code)
        if revision.action_code
        else None
    )
    return {
        "text": revision.text,
        "language": revision.language,
        "action_id": action.id if action else None,
        "stance": revision.stance,
        "residency": revision.residency,
    }


def _note(
    session: Session,
    action: str,
    comment_id: int,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    record(
        session,
        actor=AUTHOR,
        action=action,
        subject=f"comment:{comment_id}",
        now=now,
        before=before,
        after=after,
    )
