"""One decision over the comments of a campaign that were shown, and over no other."""

from __future__ import annotations

from collections import defaultdict
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
from webapp.moderation.covering_together import (
    CoveredText,
    CoverTogether,
    cover_each,
    coverable,
)
from webapp.moderation.grouping import shown_in
from webapp.moderation.membership import Membership, NothingLeftTogether
from webapp.moderation.models import Claim, Decision, Proposal, Screening
from webapp.moderation.placing import take_the_turn
from webapp.moderation.redactions import spans_for_trail
from webapp.moderation.rules import DeskRules, NothingCovered, Verdict
from webapp.moderation.second_person import waits_for_another
from webapp.orm import table_of

MOST_TOGETHER = 10_000
"""Comments that one transaction decides; it takes seconds."""
SOME = 500
ONE_PERSON = DeskRules()
Act = TypeVar("Act", Decision, Proposal)
Member = Row[int, int, int | None]
"""The id of a comment, the version that was shown, and its wording."""
Texts = Mapping[int, CoveredText]
"""The text of each comment as it is covered, where anything is."""
IN_FULL: Texts = {}


@dataclass(frozen=True)
class DecidedTogether:
    """What became of the comments that were shown.

    `held` are in others' hands, `left_out` had changed meanwhile, and `uncovered` hold none of the
    words to cover, or nothing else. The first decision and the first proposal name the others that
    were made with them, for undoing.
    """

    decided: int
    proposed: int
    held: int
    left_out: int
    uncovered: int = 0
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
    cover: CoverTogether | None = None,
) -> DecidedTogether:
    """Make the same decision on each comment that was shown and still stands as it was.

    What came later waits, and so does the rest of more than `MOST_TOGETHER`. Each comment has its
    own decision, trail and letter; the public pages turn once. Where the verdict takes a second
    person, it is proposed on each, and they wait in their campaign for another's word on them all.
    Where words are covered (`cover`, for a redacting verdict only), each text is covered by itself,
    and one that cannot be, or was not previewed so, waits on. Raises NothingLeftTogether, and
    NothingCovered.
    """
    if (verdict.publication is Publication.REDACTED) != (cover is not None):
        raise NothingCovered
    number = take_the_turn(session) if desk.second_person and verdict.grave else None
    shown = _standing(session, campaign_id, members)
    held = _held_by_others(session, shown, moderator_id, now)
    free = [row for row in shown if row.id not in held]
    if not free:
        session.rollback()
        raise NothingLeftTogether
    wordings = {row.id: row.wording_id for row in free}
    texts = coverable(session, campaign_id, members, wordings, cover) if cover else IN_FULL
    apart = [row for row in free if cover and row.id not in texts]
    free = [row for row in free if not cover or row.id in texts]
    if not free:
        session.rollback()
        raise NothingCovered
    waits = waits_for_another(session, [row.id for row in free], verdict, moderator_id, desk)
    decided = [row for row in free if row.id not in waits]
    proposed = [row for row in free if waits.get(row.id)]
    if decided:
        _decide(session, decided, verdict, now, texts)
        _write_down(session, Decision, decided, verdict, moderator_id, now, texts)
        cover_each(session, {row.id: texts[row.id] for row in decided if row.id in texts})
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
        uncovered=len(apart),
        first_decision=_first(session, Decision, decided),
        first_proposal=_first(session, Proposal, proposed),
    )
    session.commit()
    return done


def _standing(session: Session, campaign_id: int, members: Membership) -> Sequence[Member]:
    """Who was shown and has not changed: whatever changes a comment takes its fold number away."""
    rows = (
        select(Comment.id, Comment.version, Screening.wording_id)
        .join(Screening, Screening.comment_id == Comment.id)
        .where(*shown_in(session, campaign_id, members))
    )
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


def _decide(
    session: Session, rows: Sequence[Member], verdict: Verdict, now: datetime, texts: Texts
) -> None:
    """Those with the same text at once: what is published of them is the same."""
    alike: defaultdict[CoveredText | None, list[Member]] = defaultdict(list)
    for row in rows:
        alike[texts.get(row.id)].append(row)
    for text, with_it in alike.items():
        published = text.published if text is not None else Comment.text
        seen = {
            "published_text": published,
            "published_at": func.coalesce(Comment.published_at, now),
        }
        for some in _in_steps(with_it):
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
    texts: Texts = IN_FULL,
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
            after={
                **(said if is_decided else proposed),
                "version": row.version + 1,
                **(spans_for_trail(texts[row.id].spans) if row.id in texts else {}),
            },
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
