"""Changing the list, and noting where its words stand in comments that wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.comments.models import Comment
from webapp.moderation.models import Flag
from webapp.moderation.queries import is_waiting
from webapp.orm import changed_rows
from webapp.refusal import NotThere
from webapp.word_list.models import WatchedWord, WordList
from webapp.word_list.rules import (
    MOST_EXAMPLES,
    TRANSITIONS,
    WATCHED_WORD,
    AlreadyListed,
    ChangedMeanwhile,
    Found,
    Looked,
    WordState,
)

MACHINE = "machine"


def list_word(
    session: Session, words: str, *, reason: str, staff_id: int, now: datetime
) -> WatchedWord:
    """Put a word on the list, on trial: the machine counts it, and flags nothing yet.

    Raises AlreadyListed.
    """
    word = WatchedWord(
        words=words,
        state=WordState.TRIAL,
        reason=reason,
        added_by_id=staff_id,
        added_at=now,
        found=0,
        examples=[],
    )
    _turn(session)
    session.add(word)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise AlreadyListed(words=words) from None
    record(
        session,
        actor=f"staff:{staff_id}",
        action="word.listed",
        subject=f"word:{word.id}",
        now=now,
        after={"words": words, "reason": reason, "state": word.state},
    )
    session.commit()
    return word


def change_word(
    session: Session,
    word_id: int,
    *,
    before: WordState,
    state: WordState,
    reason: str,
    staff_id: int,
    now: datetime,
) -> None:
    """Let a word flag, let it only be counted, or take it off the list; the sweep begins anew.

    Raises NotThere, and ChangedMeanwhile when it is not in the state it was seen in.
    """
    if session.get(WatchedWord, word_id) is None:
        raise NotThere
    _turn(session)
    changed = session.execute(
        update(WatchedWord)
        .where(WatchedWord.id == word_id, WatchedWord.state == before)
        .values(state=state)
        .execution_options(synchronize_session=False)
    )
    if state not in TRANSITIONS[before] or not changed_rows(changed):
        session.rollback()
        raise ChangedMeanwhile
    _turn(session)
    record(
        session,
        actor=f"staff:{staff_id}",
        action="word.changed",
        subject=f"word:{word_id}",
        now=now,
        before={"state": before},
        after={"state": state, "reason": reason},
    )
    session.commit()


def flag_words(session: Session, looked: Looked, *, version: int, now: datetime) -> bool:
    """Note what a comment that is just being screened holds of the list.

    False, and nothing noted, when the list is not at this version any more.
    """
    if not _is_at(session, version):
        session.rollback()
        return False
    _replace_flags(session, looked)
    record(
        session,
        actor=MACHINE,
        action="comment.words-found",
        subject=f"comment:{looked.comment_id}",
        now=now,
        after={"words": [found.word.id for found in looked.found]},
    )
    session.commit()
    return True


def note_sweep(
    session: Session,
    batch: Sequence[Looked],
    *,
    version: int,
    swept_from: int,
    swept_to: int | None,
    now: datetime,
) -> bool:
    """Note what a batch of waiting comments holds of the list; without `swept_to` it is through.

    Decisions are not touched, nor comments that were decided or rewritten meanwhile. False, and
    nothing noted, when the list has changed or another worker was first.
    """
    values = {"swept_at": now} if swept_to is None else {"swept_to": swept_to}
    moved = session.execute(
        update(WordList)
        .where(
            WordList.version == version,
            WordList.swept_to == swept_from,
            WordList.swept_at.is_(None),
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(moved):
        session.rollback()
        return False
    still = _still_waiting(session, batch)
    for looked in still:
        _replace_flags(session, looked)
    _count(session, still)
    if swept_to is None:
        record(
            session,
            actor=MACHINE,
            action="words.swept",
            subject=f"word-list:{version}",
            now=now,
        )
    session.commit()
    return True


def _turn(session: Session) -> None:
    """A new version: what was found before is forgotten, and the sweep begins anew.

    Everyone takes the list's own row first, so that nobody waits for who waits for them.
    """
    session.execute(
        update(WordList)
        .values(version=WordList.version + 1, swept_to=0, swept_at=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(WatchedWord)
        .where(WatchedWord.state != WordState.REMOVED)
        .values(found=0, examples=[])
        .execution_options(synchronize_session=False)
    )


def _is_at(session: Session, version: int) -> bool:
    """Whether the list is at this version, and stays so until the transaction ends."""
    return session.scalar(select(WordList.version).with_for_update(read=True)) == version


def _still_waiting(session: Session, batch: Sequence[Looked]) -> list[Looked]:
    ids = [looked.comment_id for looked in batch]
    rows = session.execute(
        select(Comment.id, Comment.version)
        .where(Comment.id.in_(ids), is_waiting())
        .order_by(Comment.id)
        .with_for_update(read=True)
    )
    versions = {row.id: row.version for row in rows}
    return [looked for looked in batch if versions.get(looked.comment_id) == looked.version]


def _replace_flags(session: Session, looked: Looked) -> None:
    session.execute(
        delete(Flag)
        .where(Flag.comment_id == looked.comment_id, Flag.rule == WATCHED_WORD)
        .execution_options(synchronize_session=False)
    )
    rows = [
        {
            "comment_id": looked.comment_id,
            "rule": WATCHED_WORD,
            "start": found.start,
            "end": found.end,
            "detail": found.word.words,
        }
        for found in looked.found
        if found.word.state is WordState.WATCHED
    ]
    if rows:
        session.execute(insert(Flag), rows)


def _count(session: Session, batch: Iterable[Looked]) -> None:
    holders: dict[int, list[int]] = {}
    for looked in batch:
        for word_id in _ids(looked.found):
            holders.setdefault(word_id, []).append(looked.comment_id)
    for word_id, comments in sorted(holders.items()):
        word = session.get_one(WatchedWord, word_id, populate_existing=True)
        word.found += len(comments)
        word.examples = [*word.examples, *comments][:MOST_EXAMPLES]


def _ids(found: Iterable[Found]) -> set[int]:
    return {each.word.id for each in found}
