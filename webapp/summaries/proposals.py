"""Proposals for the points of a section: asked for by a person, and shown as far as they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.queries import published_texts
from webapp.interpreting.models import TranslationProvider
from webapp.refusal import N_, NotThere, Refusal
from webapp.summaries.drafts import (
    FEWEST_PEOPLE,
    OVER_BUDGET,
    PROVIDER,
    Dropped,
    sources_digest,
)
from webapp.summaries.editing import editable
from webapp.summaries.edits import key_of
from webapp.summaries.models import PointDraft
from webapp.summaries.revisions import documents_of
from webapp.summaries.rules import Point


class NothingToDraft(Refusal):
    status = 409
    explanation = N_(
        "There is nothing to draft here: a point needs published comments of two people or more "
        "in different words, and proposals that still hold are kept."
    )


def ask_for_drafts(
    session: Session, summary_id: int, measure_id: int, *, staff_id: int, now: datetime
) -> int:
    """Let a machine propose words for the points of a measure; returns for how many.

    Proposals that hold are kept; what was dropped is asked for anew. Raises NotThere,
    SummaryMovedOn, SignedOff and NothingToDraft.
    """
    summary = editable(session, summary_id)
    document = documents_of(session, summary, [measure_id]).get(measure_id)
    if document is None:
        raise NotThere
    known = drafts_on(session, summary.id, measure_id)
    asked = 0
    for point in document.points:
        row = known.get(key_of(point))
        if point.people < FEWEST_PEOPLE or (row and (row.due_at or row.heading)):
            continue
        if row is None:
            row = PointDraft(summary_id=summary.id, measure_id=measure_id, point_key=key_of(point))
            session.add(row)
        row.asked_by, row.asked_at, row.due_at = staff_id, now, now
        row.attempts, row.last_error, row.dropped, row.made_at = 0, None, None, None
        asked += 1
    if not asked:
        raise NothingToDraft
    record(
        session,
        actor=f"staff:{staff_id}",
        action="draft.asked",
        subject=f"summary:{summary.id}",
        now=now,
        after={"measure": measure_id, "points": asked},
    )
    try:
        session.commit()
    except IntegrityError:  # a colleague asked for the same in the same moment
        session.rollback()
        return 0
    return asked


def drafts_on(session: Session, summary_id: int, measure_id: int) -> dict[str, PointDraft]:
    """What was asked for on one measure of a revision, by the keys of the points."""
    rows = session.scalars(
        select(PointDraft).where(
            PointDraft.summary_id == summary_id, PointDraft.measure_id == measure_id
        )
    )
    return {row.point_key: row for row in rows}


def owed_drafts(now: datetime) -> Select[int]:
    """Ids of what a worker may ask a machine for now, in the order it was asked for."""
    free = or_(PointDraft.lease_ends_at.is_(None), PointDraft.lease_ends_at <= now)
    return select(PointDraft.id).where(PointDraft.due_at <= now, free).order_by(PointDraft.id)


def holds(session: Session, row: PointDraft) -> bool:
    """Whether the comments that bear a proposal out still read as they did."""
    return row.source == sources_digest(published_texts(session, row.cited), row.cited)


@dataclass(frozen=True)
class Proposed:
    """A point on the desk: what was asked for it, and why there is no proposal, if there is none.

    `draft` is None where nothing was asked.
    """

    draft: PointDraft | None
    dropped: Dropped | None
    is_due: bool
    over_budget: bool


@dataclass(frozen=True)
class Proposals:
    """The proposals for a section, by the places of its points. `may_ask` when more can be had."""

    points: tuple[Proposed, ...]
    may_ask: bool
    paused_until: datetime | None
    trouble: str | None

    @property
    def waiting(self) -> int:
        """For how many points the machine is still to be asked."""
        return sum(point.is_due for point in self.points)

    def made(self, draft_id: int) -> tuple[int, PointDraft] | None:
        """The place and the words of a proposal that holds."""
        for place, point in enumerate(self.points):
            draft = point.draft
            if draft is not None and draft.id == draft_id and draft.heading and not point.dropped:
                return place, draft
        return None


def proposals(
    session: Session, summary_id: int, measure_id: int, points: Sequence[Point], now: datetime
) -> Proposals:
    """What was proposed for these points and still holds."""
    drafts = drafts_on(session, summary_id, measure_id)
    found = tuple(_proposed(session, drafts.get(key_of(point))) for point in points)
    provider = session.get(TranslationProvider, PROVIDER)
    paused = provider.paused_until if provider else None
    is_paused = paused is not None and paused > now
    return Proposals(
        found,
        any(
            point.people >= FEWEST_PEOPLE and not (one.draft and (one.is_due or one.draft.heading))
            for point, one in zip(points, found, strict=True)
        ),
        paused if is_paused else None,
        provider.last_error if provider and is_paused else None,
    )


def _proposed(session: Session, draft: PointDraft | None) -> Proposed:
    if draft is None:
        return Proposed(None, None, False, False)
    outdated = bool(draft.heading) and not holds(session, draft)
    return Proposed(
        draft,
        Dropped.OUTDATED if outdated else draft.dropped,
        draft.due_at is not None,
        draft.last_error == OVER_BUDGET,
    )
