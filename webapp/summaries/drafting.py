"""Having points drafted: asked for by a person, paid for before it is sent, kept only if it passes.

Nothing here writes a summary or an edit: what passes is a proposal, until a person saves its words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.queries import published_texts
from webapp.interpreting.books import LONGEST_ERROR, BudgetSpent, blame, praise, reserve, settle
from webapp.interpreting.rules import (
    FAILURES_IN_A_ROW,
    MOST_ATTEMPTS,
    Purpose,
    month_of,
    pause_before,
)
from webapp.orm import changed_rows
from webapp.refusal import Refusal
from webapp.summaries.drafts import (
    OVER_BUDGET,
    PROVIDER,
    DraftDropped,
    DraftJob,
    Dropped,
    Words,
    are_enough,
    checked_draft,
    named_anew,
    sources_digest,
    voices_of,
)
from webapp.summaries.editing import editable, material_of
from webapp.summaries.edits import SignedOff, key_of
from webapp.summaries.models import PointDraft, Summary
from webapp.summaries.proposals import holds, owed_drafts
from webapp.summaries.queries import comments_within
from webapp.summaries.revisions import documents_of
from webapp.summaries.rules import Point, SectionDocument, WeekComment, canonical
from webapp.summaries.scopes import Scope

MACHINE = "drafting-machine"


@dataclass(frozen=True)
class Ground:
    """The point of a draft as it stands now, in the newest revision that may be edited."""

    summary: Summary
    document: SectionDocument
    point: Point
    comments: Mapping[int, WeekComment]


def begin(
    session: Session,
    draft_id: int,
    *,
    model: str,
    most: int,
    lasting: timedelta,
    now: datetime,
) -> DraftJob | None:
    """Take a point and reserve its characters, of `most` a month, before anything is sent.

    The attempt is counted now, and whatever an attempt that never ended had reserved is spent.
    None when there is nothing to be sent. Raises BudgetSpent.
    """
    row = session.scalar(
        owed_drafts(now).with_only_columns(PointDraft).where(PointDraft.id == draft_id)
    )
    if row is None:
        session.rollback()
        return None
    ground = _ground(session, row)
    voices = voices_of(ground.point, ground.comments) if ground else []
    lost = _why_not(row, ground is not None, are_enough(voices))
    if lost is not None or ground is None:
        settle(session, row.month, row.reserved, spent=True, purpose=Purpose.DRAFTING)
        _drop(session, row, lost or Dropped.OUTDATED, now)
        session.commit()
        return None
    job = DraftJob(
        row.id, row.attempts + 1, month_of(now), ground.point.language, named_anew(voices)
    )
    settle(session, row.month, row.reserved, spent=True, purpose=Purpose.DRAFTING)
    taken = session.execute(
        update(PointDraft)
        .where(
            PointDraft.id == row.id,
            PointDraft.attempts == row.attempts,
            PointDraft.due_at <= now,
            or_(PointDraft.lease_ends_at.is_(None), PointDraft.lease_ends_at <= now),
        )
        .values(
            attempts=job.attempt,
            lease_ends_at=now + lasting,
            month=job.month,
            reserved=job.characters,
            prompt=job.orders,
            model=model,
            last_error=None,
        )
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(taken):
        session.rollback()
        return None
    if not reserve(session, job.month, job.characters, most=most, purpose=Purpose.DRAFTING):
        session.rollback()
        _note_over_budget(session, draft_id)
        raise BudgetSpent
    session.commit()
    return job


def keep(session: Session, job: DraftJob, answer: object, *, words: Words, now: datetime) -> bool:
    """Keep what a machine answered as a proposal, if it passes; otherwise only why it does not."""
    if not _end(session, job, spent=True, due_at=None):
        session.rollback()
        return False
    praise(session, PROVIDER, now)
    row = session.get_one(PointDraft, job.id, populate_existing=True)
    ground = _ground(session, row)
    try:
        if ground is None or not _still_say(job, ground):
            raise DraftDropped(Dropped.OUTDATED)
        documents = {row.measure_id: ground.document}
        material = material_of(session, ground.summary, documents)
        found = checked_draft(answer, job, material, words)
    except DraftDropped as dropped:
        _drop(session, row, dropped.reason, now)
        session.commit()
        return False
    row.heading, row.sentence, row.made_at = found.heading, found.sentence, now
    row.comments = canonical(found.comments)
    row.source = sources_digest(published_texts(session, found.comments), found.comments)
    _record(session, row, now)
    session.commit()
    return True


def fail(session: Session, job: DraftJob, trouble: str, *, doubtful: bool, now: datetime) -> None:
    """This point was not drafted, and may have been paid for all the same.

    It waits longer each time, and is given up after MOST_ATTEMPTS. When it is `doubtful` whose
    fault it was, several in a row are the endpoint's.
    """
    pause = pause_before(job.attempt)
    ended = _end(
        session,
        job,
        spent=True,
        last_error=trouble[:LONGEST_ERROR],
        due_at=now + pause if pause else None,
        dropped=None if pause else Dropped.GIVEN_UP,
    )
    if ended and not pause:
        _record(session, session.get_one(PointDraft, job.id, populate_existing=True), now)
    if doubtful:
        blame(session, PROVIDER, trouble, now, least=FAILURES_IN_A_ROW)
    session.commit()


def fail_provider(
    session: Session, job: DraftJob, trouble: str, *, asked: timedelta | None, now: datetime
) -> None:
    """The endpoint takes nothing now: the attempt does not count and cost nothing."""
    _end(
        session,
        job,
        spent=False,
        attempts=job.attempt - 1,
        due_at=now,
        last_error=trouble[:LONGEST_ERROR],
    )
    blame(session, PROVIDER, trouble, now, least=1, asked=asked)
    session.commit()


def forget_outdated_drafts(session: Session, *, now: datetime) -> int:
    """Delete proposed words whose comments read otherwise now, or whose revision is not the newest.

    They may say what is covered now. Returns how many; words that staff saved are staff's to keep.
    """
    forgotten = 0
    for row in session.scalars(select(PointDraft).where(PointDraft.heading != "")).all():
        if not holds(session, row) or _ground(session, row, signed=True) is None:
            _drop(session, row, Dropped.OUTDATED, now)
            forgotten += 1
    session.commit()
    return forgotten


def _ground(session: Session, row: PointDraft, *, signed: bool = False) -> Ground | None:
    """Where a draft belongs; None when that is no longer to be edited."""
    summary = session.get_one(Summary, row.summary_id)
    try:
        editable(session, summary.id)
    except Refusal as refusal:
        if not (signed and isinstance(refusal, SignedOff)):
            return None
    document = documents_of(session, summary, [row.measure_id]).get(row.measure_id)
    points = document.points if document else ()
    point = next((point for point in points if key_of(point) == row.point_key), None)
    if document is None or point is None:
        return None
    rows = comments_within(session, Scope.of_summary(summary), [row.measure_id])
    return Ground(summary, document, point, {comment.id: comment for comment in rows})


def _still_say(job: DraftJob, ground: Ground) -> bool:
    """Whether everything that was sent is what people read now."""
    now = {id: c.text for id, c in ground.comments.items() if c.quotable}
    return all(now.get(voice.comment) == voice.text for voice in job.voices.values())


def _why_not(row: PointDraft, has_point: bool, enough: bool) -> Dropped | None:
    if not has_point:
        return Dropped.OUTDATED
    if not enough:
        return Dropped.FEW
    return Dropped.GIVEN_UP if row.attempts >= MOST_ATTEMPTS else None


def _note_over_budget(session: Session, draft_id: int) -> None:
    session.execute(
        update(PointDraft)
        .where(PointDraft.id == draft_id, PointDraft.reserved == 0)
        .values(last_error=OVER_BUDGET)
        .execution_options(synchronize_session=False)
    )
    session.commit()


def _end(session: Session, job: DraftJob, *, spent: bool, **values: object) -> bool:
    """The attempt is over, unless another worker took the point when its lease had lapsed."""
    ended = session.execute(
        update(PointDraft)
        .where(PointDraft.id == job.id, PointDraft.attempts == job.attempt, PointDraft.reserved > 0)
        .values(lease_ends_at=None, reserved=0, **values)
        .execution_options(synchronize_session=False)
    )
    if changed_rows(ended):
        settle(session, job.month, job.characters, spent=spent, purpose=Purpose.DRAFTING)
        return True
    return False


def _drop(session: Session, row: PointDraft, reason: Dropped, now: datetime) -> None:
    """No proposal, and why; the words are not kept, whatever they were."""
    row.heading = row.sentence = row.source = ""
    row.comments, row.made_at, row.due_at = "[]", None, None
    row.lease_ends_at, row.reserved, row.dropped = None, 0, reason
    _record(session, row, now)


def _record(session: Session, row: PointDraft, now: datetime) -> None:
    record(
        session,
        actor=MACHINE,
        action="draft.dropped" if row.dropped else "draft.made",
        subject=f"summary:{row.summary_id}",
        now=now,
        after={"measure": row.measure_id, "point": row.point_key, "model": row.model}
        | ({"reason": row.dropped} if row.dropped else {"comments": row.cited}),
    )
