"""Looking for the words of the list: in each comment that is screened, and in all that wait."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy.orm import Session

from webapp.citytime import utc_now
from webapp.moderation.screening import ScreeningTask
from webapp.word_list.queries import CurrentList, WaitingText, current_list, waiting_texts
from webapp.word_list.rules import Found, Listed, Looked
from webapp.word_list.services import flag_words, note_sweep
from worker.analysis.watched import Watch

log = logging.getLogger(__name__)
BATCH = 200
MOST_BATCHES = 50
"""Batches in one go; the next wake-up goes on from there."""


def look_for(session: Session, task: ScreeningTask) -> None:
    """Flag the watched words of a comment before it can be decided.

    A list that changes meanwhile is looked for anew; one that changes later is swept.
    """
    while True:
        current = current_list(session)
        session.rollback()
        found = found_in(task.text, current.watched)
        looked = Looked(task.comment_id, task.version, found)
        if not found or flag_words(session, looked, version=current.version, now=utc_now()):
            return


def sweep(session: Session) -> int:
    """Look through waiting comments for a list that has changed; returns how many were seen."""
    seen = 0
    for _batch in range(MOST_BATCHES):
        current = current_list(session)
        if current.is_swept:
            break
        batch = waiting_texts(session, current.swept_to, BATCH)
        session.rollback()  # looking takes its time, and must not keep anyone from writing
        _note(session, current, batch)
        seen += len(batch)
    session.rollback()
    return seen


def _note(session: Session, current: CurrentList, batch: Sequence[WaitingText]) -> None:
    note_sweep(
        session,
        [looked for text in batch if (looked := _look(text, current)) is not None],
        version=current.version,
        swept_from=current.swept_to,
        swept_to=batch[-1].id if batch else None,
        now=utc_now(),
    )


def _look(comment: WaitingText, current: CurrentList) -> Looked | None:
    try:
        return Looked(comment.id, comment.version, found_in(comment.text, current.words))
    except Exception:  # one comment that cannot be read must not stop the others
        log.exception("looking for words in comment %s failed", comment.id)
        return None


def found_in(text: str, words: Sequence[Listed]) -> list[Found]:
    """Where these words stand in a text."""
    if not words:
        return []
    watch = _watch(tuple(word.words for word in words))
    return [Found(words[match.entry], match.start, match.end) for match in watch.matches(text)]


@lru_cache(maxsize=4)
def _watch(entries: tuple[str, ...]) -> Watch:
    """A list made ready once, not for every comment."""
    return Watch(entries)
