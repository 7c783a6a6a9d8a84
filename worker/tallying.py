"""Counting the stages whose count is out of date."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.citytime import utc_now
from webapp.tally.queries import due_stages
from webapp.tally.services import count_stage


def count_due(session: Session) -> int:
    """Count every stage that was not counted for a while; commits after each."""
    stages = due_stages(session, utc_now())
    session.rollback()
    for stage_id in stages:
        count_stage(session, stage_id, now=utc_now())
    return len(stages)
