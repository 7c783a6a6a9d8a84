"""Counting a stage anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from webapp.tally.models import StageTally
from webapp.tally.queries import groups_of, seconds_to_decision
from webapp.tally.rules import tally


def count_stage(session: Session, stage_id: int, *, now: datetime) -> None:
    """Count what became of every comment on the stage, and keep that in place of the last count."""
    counted = tally(groups_of(session, stage_id), seconds_to_decision(session, stage_id))
    session.rollback()  # on SQLite, counting must not keep anyone from writing
    session.merge(StageTally(stage_id=stage_id, counted_at=now, document=counted.written()))
    session.commit()
