"""What the desk shows of drafts: the proposals for one section, and how the machine is doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.interpreting.models import TranslationProvider
from webapp.summaries.drafting import OVER_BUDGET, PROVIDER, drafts_on, holds
from webapp.summaries.drafts import FEWEST_PEOPLE, Dropped
from webapp.summaries.edits import key_of
from webapp.summaries.models import PointDraft
from webapp.summaries.rules import Point


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
