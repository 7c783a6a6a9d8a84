"""Taking back in one press what one press decided or proposed on many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.models import Comment
from webapp.comments.rules import VISIBLE, Publication, Treatment
from webapp.letters.models import Delivery
from webapp.letters.rules import DeliveryState, LetterKind
from webapp.measures.services import turn_edition
from webapp.moderation.grouping import made_with_decision, made_with_proposal
from webapp.moderation.models import Decision, MeasureWording, Proposal, Screening, Undoing
from webapp.moderation.placing import let_wait_in, set_place, take_the_turn
from webapp.moderation.rules import TooLateToUndo
from webapp.moderation.standing import is_first
from webapp.orm import table_of

SOME = 500
Taken = Row[int, int, int, Publication, int | None]
"""The id of what was decided or proposed, its comment and version, and where both stand."""


def undo_together(
    session: Session,
    *,
    decision_id: int | None,
    proposal_id: int | None,
    moderator_id: int,
    now: datetime,
    within: timedelta,
) -> int:
    """Take back one's own decisions and proposals that were made with these; on how many comments.

    Decisions only `within` this time, proposals until someone settles them. All wait in their
    campaign again, as something nobody has read: so corrections and second looks, which no press on
    many makes, stay as they are whatever a form names. What has changed since is left as it is.
    Raises TooLateToUndo when nothing is left to take back.
    """
    number = take_the_turn(session)
    decided = _decided(session, decision_id, moderator_id, now - within)
    rows = [*decided, *_proposed(session, proposal_id, moderator_id)]
    if not rows:
        session.rollback()
        raise TooLateToUndo
    for some in _in_steps(decided):
        _take_letters_back(session, [row.id for row in some])
    for some in _in_steps(rows):
        _let_wait_again(session, [row.comment_id for row in some])
    _write_down(session, rows, moderator_id, now)
    _fold_again(session, rows, number)
    if any(row.publication in VISIBLE for row in rows):
        turn_edition(session)
    session.commit()
    return len(rows)


def _decided(
    session: Session, first: int | None, moderator_id: int, since: datetime
) -> Sequence[Taken]:
    if first is None:
        return ()
    return session.execute(
        select(
            Decision.id,
            Decision.comment_id,
            Decision.version,
            Comment.publication,
            MeasureWording.campaign_id,
        )
        .join(Comment, Comment.id == Decision.comment_id)
        .join(Screening, Screening.comment_id == Comment.id)
        .outerjoin(
            MeasureWording,
            (MeasureWording.wording_id == Screening.wording_id)
            & (MeasureWording.measure_id == Comment.measure_id),
        )
        .where(
            made_with_decision(session, first),
            is_first(Decision),
            Decision.moderator_id == moderator_id,
            Decision.decided_at > since,
            Comment.version == Decision.version + 1,
            Comment.publication == Decision.publication,
        )
        .order_by(Comment.id)
        .with_for_update(of=table_of(Comment))
    ).all()


def _proposed(session: Session, first: int | None, moderator_id: int) -> Sequence[Taken]:
    if first is None:
        return ()
    return session.execute(
        select(
            Proposal.id,
            Proposal.comment_id,
            Proposal.version,
            Comment.publication,
            MeasureWording.campaign_id,
        )
        .join(Comment, Comment.id == Proposal.comment_id)
        .join(Screening, Screening.comment_id == Comment.id)
        .outerjoin(
            MeasureWording,
            (MeasureWording.wording_id == Screening.wording_id)
            & (MeasureWording.measure_id == Comment.measure_id),
        )
        .where(
            made_with_proposal(session, first),
            is_first(Proposal),
            Proposal.moderator_id == moderator_id,
            Comment.version == Proposal.version + 1,
            Comment.publication == Publication.WAITING,
        )
        .order_by(Comment.id)
        .with_for_update(of=table_of(Comment))
    ).all()


def _take_letters_back(session: Session, decision_ids: Sequence[int]) -> None:
    """Raises TooLateToUndo when one of them is on its way."""
    about = (Delivery.kind == LetterKind.DECISION, Delivery.subject_id.in_(decision_ids))
    session.execute(
        delete(Delivery)
        .where(*about, Delivery.state.in_([DeliveryState.OWED, DeliveryState.HELD]))
        .execution_options(synchronize_session=False)
    )
    if session.scalar(select(Delivery.id).where(*about).limit(1)) is not None:
        session.rollback()
        raise TooLateToUndo


def _let_wait_again(session: Session, comment_ids: Sequence[int]) -> None:
    session.execute(
        update(Comment)
        .where(Comment.id.in_(comment_ids))
        .values(
            publication=Publication.WAITING,
            treatment=Treatment.UNDECIDED,
            published_text=None,
            version=Comment.version + 1,
        )
        .execution_options(synchronize_session=False)
    )


def _write_down(session: Session, rows: Sequence[Taken], moderator_id: int, now: datetime) -> None:
    mine = {"moderator_id": moderator_id, "undone_at": now}
    undone = [{"comment_id": row.comment_id, "version": row.version, **mine} for row in rows]
    session.execute(insert(table_of(Undoing)), undone)
    for row in rows:
        record(
            session,
            actor=f"staff:{moderator_id}",
            action="comment.undone",
            subject=f"comment:{row.comment_id}",
            now=now,
            before={"publication": row.publication, "version": row.version + 1},
            after={
                "publication": Publication.WAITING,
                "treatment": Treatment.UNDECIDED,
                "version": row.version + 2,
            },
        )


def _fold_again(session: Session, rows: Sequence[Taken], number: int) -> None:
    by_campaign: defaultdict[int | None, list[int]] = defaultdict(list)
    for row in rows:
        by_campaign[row.campaign_id].append(row.comment_id)
    for campaign_id, comment_ids in by_campaign.items():
        let_wait_in(session, campaign_id, comment_ids, number)
        if campaign_id is not None:
            set_place(session, campaign_id)


def _in_steps(rows: Sequence[Taken]) -> Iterator[Sequence[Taken]]:
    return (rows[start : start + SOME] for start in range(0, len(rows), SOME))
