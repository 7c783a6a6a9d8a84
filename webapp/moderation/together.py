"""One decision over the comments of a campaign that were shown, and over no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.addresses import tell_author
from webapp.comments.models import Comment, Contact
from webapp.comments.rules import VISIBLE, Publication, Treatment
from webapp.letters.rules import LetterKind
from webapp.measures.services import turn_edition
from webapp.moderation.claims import claims_on
from webapp.moderation.grouping import proposed_together
from webapp.moderation.membership import Membership, NothingLeftTogether
from webapp.moderation.models import Claim, Decision, Proposal, Screening
from webapp.moderation.placing import take_the_turn
from webapp.moderation.proposals import proposals_on
from webapp.moderation.queries import is_waiting
from webapp.moderation.rules import DeskRules, Verdict
from webapp.moderation.second_person import has_second_person
from webapp.orm import table_of

MOST_TOGETHER = 10_000
"""Comments that one transaction decides; it takes seconds."""
SOME = 500
ONE_PERSON = DeskRules()
Act = TypeVar("Act", Decision, Proposal)
Member = Row[int, int]
"""The id of a comment, and the version that was shown."""


@dataclass(frozen=True)
class DecidedTogether:
    """What became of the comments that were shown.

    `held` are in others' hands, `left_out` had changed meanwhile. The first decision and the first
    proposal name the others that were made with them, for undoing.
    """

    decided: int
    proposed: int
    held: int
    left_out: int
    first_decision: int | None = None
    first_proposal: int | None = None


def decide_together(
    session: Session,
    campaign_id: int,
    *,
    members: Membership,
    verdict: Verdict,
    moderator_id: int,
    now: datetime,
    desk: DeskRules = ONE_PERSON,
) -> DecidedTogether:
    """Make the same decision on each comment that was shown and still stands as it was.

    What came later waits, and so does the rest of more than `MOST_TOGETHER`. Each comment has its
    own decision, trail and letter; the public pages turn once. Where the verdict takes a second
    person, it is proposed on each, and they wait in their campaign for another's word on them all.
    Raises NothingLeftTogether.
    """
    number = take_the_turn(session) if desk.second_person and verdict.grave else None
    shown = _standing(session, campaign_id, members)
    held = _held_by_others(session, shown, moderator_id, now)
    free = [row for row in shown if row.id not in held]
    if not free:
        session.rollback()
        raise NothingLeftTogether
    waits = _for_another(session, free, verdict, moderator_id, desk)
    decided = [row for row in free if row.id not in waits]
    proposed = [row for row in free if waits.get(row.id)]
    if decided:
        _decide(session, decided, verdict, now)
        _write_down(session, Decision, decided, verdict, moderator_id, now)
        _tell_authors(session, decided, moderator_id, now, letter_at=now + desk.undo_within)
        if verdict.publication in VISIBLE:
            turn_edition(session)
    if proposed:
        _propose(session, proposed, number)
        _write_down(session, Proposal, proposed, verdict, moderator_id, now)
    _let_go(session, [*decided, *proposed])
    done = DecidedTogether(
        decided=len(decided),
        proposed=len(waits),
        held=len(held),
        left_out=max(0, min(members.shown, MOST_TOGETHER) - len(shown)),
        first_decision=_first(session, Decision, decided),
        first_proposal=_first(session, Proposal, proposed),
    )
    session.commit()
    return done


def _standing(session: Session, campaign_id: int, members: Membership) -> Sequence[Member]:
    """Who was shown and has not changed: whatever changes a comment takes its fold number away."""
    rows = (
        select(Comment.id, Comment.version)
        .join(Screening, Screening.comment_id == Comment.id)
        .where(
            Comment.campaign_id == campaign_id,
            Comment.fold_number <= members.upto,
            Comment.treatment == Treatment.UNDECIDED,
            Screening.wording_id.in_(members.wording_ids),
            is_waiting(),
        )
    )
    if members.proposal is not None:
        rows = rows.where(proposed_together(session, members.proposal))
    rows = rows.order_by(Comment.id).limit(MOST_TOGETHER)
    return session.execute(rows.with_for_update(of=table_of(Comment))).all()


def _held_by_others(
    session: Session, rows: Sequence[Member], moderator_id: int, now: datetime
) -> frozenset[int]:
    return frozenset(
        comment_id
        for some in _in_steps(rows)
        for comment_id, claim in claims_on(session, [row.id for row in some], now).items()
        if claim.staff_id != moderator_id
    )


def _for_another(
    session: Session,
    rows: Sequence[Member],
    verdict: Verdict,
    moderator_id: int,
    desk: DeskRules,
) -> Mapping[int, bool]:
    """Those on which another person has not said the same; False where this one just has."""
    if not (desk.second_person and verdict.grave and has_second_person(session, moderator_id)):
        return {}
    waits: dict[int, bool] = {}
    for some in _in_steps(rows):
        said = proposals_on(session, [row.id for row in some])
        for row in some:
            proposal = said.get(row.id)
            if proposal is None:
                waits[row.id] = True
                continue
            was = Verdict(proposal.publication, proposal.treatment, proposal.reason, proposal.note)
            if proposal.moderator_id == moderator_id:
                waits[row.id] = was != verdict
            elif verdict.grave - was.grave:
                waits[row.id] = True
    return waits


def _decide(session: Session, rows: Sequence[Member], verdict: Verdict, now: datetime) -> None:
    seen = {
        "published_text": Comment.text,
        "published_at": func.coalesce(Comment.published_at, now),
    }
    for some in _in_steps(rows):
        session.execute(
            update(Comment)
            .where(Comment.id.in_([row.id for row in some]))
            .values(
                publication=verdict.publication,
                treatment=verdict.treatment,
                version=Comment.version + 1,
                campaign_id=None,
                fold_number=None,
                **(seen if verdict.publication in VISIBLE else {"published_text": None}),
            )
            .execution_options(synchronize_session=False)
        )


def _propose(session: Session, rows: Sequence[Member], number: int | None) -> None:
    """A new fold number, so that whoever has not seen the proposals does not decide on them."""
    for some in _in_steps(rows):
        session.execute(
            update(Comment)
            .where(Comment.id.in_([row.id for row in some]))
            .values(version=Comment.version + 1, fold_number=number)
            .execution_options(synchronize_session=False)
        )


def _write_down(
    session: Session,
    kind: type[Act],
    rows: Sequence[Member],
    verdict: Verdict,
    moderator_id: int,
    now: datetime,
) -> None:
    """A decision or proposal and an audit entry for each, as they are written for one comment."""
    is_decided = kind is Decision
    at = "decided_at" if is_decided else "proposed_at"
    said = {
        "publication": verdict.publication,
        "treatment": verdict.treatment,
        "reason": verdict.reason,
        "note": verdict.note,
    }
    mine = {"moderator_id": moderator_id, at: now, **said}
    values = [{"comment_id": row.id, "version": row.version, **mine} for row in rows]
    session.execute(insert(table_of(kind)), values)
    proposed = {
        "publication": Publication.WAITING,
        "proposed": [verdict.publication, verdict.treatment, verdict.reason],
        "note": verdict.note,
    }
    for row in rows:
        record(
            session,
            actor=f"staff:{moderator_id}",
            action="comment.decided" if is_decided else "comment.proposed",
            subject=f"comment:{row.id}",
            now=now,
            before={
                "publication": Publication.WAITING,
                "treatment": Treatment.UNDECIDED,
                "version": row.version,
            },
            after={**(said if is_decided else proposed), "version": row.version + 1},
        )


def _tell_authors(
    session: Session,
    rows: Sequence[Member],
    moderator_id: int,
    now: datetime,
    *,
    letter_at: datetime,
) -> None:
    for some in _in_steps(rows):
        reachable = session.execute(
            select(Decision.id, Decision.comment_id)
            .join(Contact, Contact.comment_id == Decision.comment_id)
            .join(Comment, Comment.id == Decision.comment_id)
            .where(
                Decision.version == Comment.version - 1,
                Decision.comment_id.in_([row.id for row in some]),
                Decision.moderator_id == moderator_id,
                Decision.decided_at == now,
            )
        )
        for decision_id, comment_id in reachable.all():
            tell_author(
                session,
                comment_id,
                kind=LetterKind.DECISION,
                subject_id=decision_id,
                now=now,
                due_at=letter_at,
            )


def _let_go(session: Session, rows: Sequence[Member]) -> None:
    """Nobody holds what has just been decided."""
    for some in _in_steps(rows):
        session.execute(
            delete(Claim)
            .where(Claim.comment_id.in_([row.id for row in some]))
            .execution_options(synchronize_session=False)
        )


def _first(session: Session, kind: type[Act], rows: Sequence[Member]) -> int | None:
    if not rows:
        return None
    first = rows[0]
    return session.scalar(
        select(kind.id).where(kind.comment_id == first.id, kind.version == first.version)
    )


def _in_steps(rows: Sequence[Member]) -> list[Sequence[Member]]:
    return [rows[start : start + SOME] for start in range(0, len(rows), SOME)]
