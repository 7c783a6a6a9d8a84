"""Screening what is waiting: the database says which, the analysis says what is noticeable."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session

from webapp.citytime import utc_now
from webapp.moderation.placing import place_comments
from webapp.moderation.queries import unscreened_comments
from webapp.moderation.rules import Findings, FoundFlag
from webapp.moderation.screening import ScreeningTask, begin_screening, record_screening
from worker import words
from worker.analysis.duplicates import Comparing, bands
from worker.analysis.flags import screen
from worker.analysis.folding import fingerprint

log = logging.getLogger(__name__)
BATCH = 200


def screen_all(session: Session) -> int:
    """Screen batch after batch until nothing waits. One bad comment stops only itself."""
    screened = 0
    while ids := unscreened_comments(session, utc_now(), BATCH):
        session.rollback()  # the list was read; each comment now has its own transactions
        for comment_id in ids:
            screened += _screen_one(session, comment_id)
    session.rollback()
    place_all(session)
    return screened


def place_all(session: Session) -> int:
    """Fold what was screened with its like, batch after batch; commits after each."""
    comparison, placed = Comparing(), 0
    while done := place_comments(session, comparison):
        placed += done
    return placed


def _screen_one(session: Session, comment_id: int) -> int:
    task = begin_screening(session, comment_id, utc_now())
    if task is None:
        return 0
    try:
        words.look_for(session, task)
        found = findings(task)
        recorded = record_screening(session, comment_id, found, utc_now(), version=task.version)
    except Exception:
        session.rollback()
        log.exception("screening comment %s failed; it will be tried again", comment_id)
        return 0
    return int(recorded)


def findings(task: ScreeningTask) -> Findings:
    """What the analysis notices in one comment."""
    noticed = screen(task.text, task.language)
    return Findings(
        language=noticed.language,
        flags=[FoundFlag(f.rule, f.start, f.end, f.detail) for f in noticed.flags],
        fingerprint=fingerprint(task.text),
        bands=bands(task.text),
    )
