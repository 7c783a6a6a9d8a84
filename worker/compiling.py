"""Compiling what is due: of every stage the weeks, the closed periods and all to date."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy.orm import Session

from webapp.citytime import utc_now
from webapp.measures.models import Stage
from webapp.measures.queries import all_stages
from webapp.reports.services import keep_figures, owe_letters
from webapp.summaries.models import Summary
from webapp.summaries.queries import due_closings, due_weeks, has_begun
from webapp.summaries.revisions import is_to_date_due
from webapp.summaries.services import compile_closing, compile_to_date, compile_week
from worker.analysis.points import compile_points

log = logging.getLogger(__name__)

Compile = Callable[[], Summary | None]


def compile_due(session: Session) -> int:
    """Compile each due summary in order; one that fails is left for the next run.

    Then the figures of the reports are stored, and the letters owed whose day has come.
    """
    made = 0
    due = [job for stage in all_stages(session) for job in _due(session, stage)]
    session.rollback()
    for name, compile_it in due:
        try:
            made += compile_it() is not None
        except Exception:
            session.rollback()
            log.exception("compiling %s failed", name)
    keep_figures(session, utc_now())
    owe_letters(session, utc_now())
    return made


def _due(session: Session, stage: Stage) -> Iterator[tuple[str, Compile]]:
    now = utc_now()
    for week in due_weeks(session, stage, now):
        job = partial(compile_week, session, stage.id, week, compile_points, now)
        yield f"{week} of stage {stage.id}", job
    for period in due_closings(session, stage.id, now):
        job = partial(compile_closing, session, period.id, compile_points, now)
        yield f"period {period.id} of stage {stage.id}", job
    if has_begun(session, stage, now) and is_to_date_due(session, stage.id, now):
        job = partial(compile_to_date, session, stage.id, compile_points, now)
        yield f"stage {stage.id} to date", job
