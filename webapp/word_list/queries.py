"""The list as it stands, and the waiting comments that are to be looked through for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from webapp.comments.models import Comment
from webapp.moderation.queries import is_waiting
from webapp.word_list.models import WatchedWord, WordList
from webapp.word_list.rules import Listed, WordState


@dataclass(frozen=True)
class CurrentList:
    """The words at one version of the list, and how far the waiting comments were swept for it."""

    version: int
    words: tuple[Listed, ...]
    swept_to: int
    swept_at: datetime | None

    @property
    def is_swept(self) -> bool:
        return self.version == 0 or self.swept_at is not None

    @property
    def watched(self) -> tuple[Listed, ...]:
        """The words that flag; those on trial are left out."""
        return tuple(word for word in self.words if word.state is WordState.WATCHED)


@dataclass(frozen=True)
class WaitingText:
    """What one waiting comment says, as it stands at `version`."""

    id: int
    version: int
    text: str


def current_list(session: Session) -> CurrentList:
    """The list in one look, so that the words are those of the version."""
    rows = session.execute(
        select(
            WordList.version,
            WordList.swept_to,
            WordList.swept_at,
            WatchedWord.id,
            WatchedWord.words,
            WatchedWord.state,
        )
        .outerjoin(WatchedWord, WatchedWord.state != WordState.REMOVED)
        .order_by(WatchedWord.id)
    ).all()
    words = tuple(Listed(*row[3:]) for row in rows if row[3] is not None)
    return CurrentList(rows[0].version, words, rows[0].swept_to, rows[0].swept_at)


def listed_words(session: Session) -> Sequence[WatchedWord]:
    """Every word that is on the list now, with who put it there, the newest first."""
    return session.scalars(
        select(WatchedWord)
        .where(WatchedWord.state != WordState.REMOVED)
        .options(joinedload(WatchedWord.added_by))
        .order_by(WatchedWord.id.desc())
    ).all()


def waiting_texts(session: Session, after: int, limit: int) -> list[WaitingText]:
    """Waiting comments behind this one, whether they were screened or not."""
    rows = session.execute(
        select(Comment.id, Comment.version, Comment.text)
        .where(is_waiting(), Comment.id > after)
        .order_by(Comment.id)
        .limit(limit)
    )
    return [WaitingText(*row) for row in rows]
