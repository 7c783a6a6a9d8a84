"""Compiling what is due: every stage, every week that has ended, found or made."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session

from webapp.citytime import utc_now
from webapp.measures.queries import all_stages
from webapp.reports.services import keep_figures, owe_letters
from webapp.summaries.queries import due_weeks
from webapp.summaries.services import compile_week
from worker.analysis.points import compile_points

log = logging.getLogger(__name__)


def compile_due(session: Session) -> int:
    """Compile each due week in order; a week that fails is left for the next run.

    Then the figures of the reports are stored, and the letters owed whose day has come.
    """
    made = 0
    stages = [(stage.id, due_weeks(session, stage, utc_now())) for stage in all_stages(session)]
    session.rollback()
    for stage_id, weeks in stages:
        for week in weeks:
            try:
                made += compile_week(session, stage_id, week, compile_points, utc_now()) is not None
            except Exception:
                session.rollback()
                log.exception("compiling %s of stage %s failed", week, stage_id)
    keep_figures(session, utc_now())
    owe_letters(session, utc_now())
    return made
