"""Keeping the readings that the worker made, correcting a word, taking a correction back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.audit.services import record
from webapp.measures.models import TextVersion
from webapp.measures.services import turn_edition
from webapp.readings.models import Correction, Reading
from webapp.readings.rules import AlreadyCorrected, Pieces, check_correction
from webapp.refusal import NotThere


def keep_readings(
    session: Session, made: Mapping[int, Pieces], *, made_with: str, now: datetime
) -> int:
    """Keep readings by the id of their text's version; returns how many were kept.

    `made_with` names the words they were made with: once those change, the texts are due again.
    What does not join to its text again is not kept.
    """
    kept = 0
    for version_id, pieces in made.items():
        version = session.get(TextVersion, version_id)
        if version is None or "".join(text for text, _ in pieces) != version.body:
            continue
        rows = [[text, reading] for text, reading in pieces]
        session.merge(
            Reading(text_version_id=version_id, pieces=rows, made_with=made_with, made_at=now)
        )
        kept += 1
    if kept:
        turn_edition(session)
    session.commit()
    return kept


def correct_reading(
    session: Session, *, word: str, reading: str, by: str, now: datetime
) -> Correction:
    """Say how a word is read from now on. The worker then reads every text anew.

    Raises WordHasNoKanji, ReadingIsNotHiragana and AlreadyCorrected.
    """
    check_correction(word, reading)
    if session.scalar(select(exists().where(Correction.word == word))):
        raise AlreadyCorrected(word=word)
    made = Correction(word=word, reading=reading, made_by=by, made_at=now)
    session.add(made)
    session.flush()
    record(
        session,
        actor=by,
        action="reading.corrected",
        subject=f"reading-correction:{made.id}",
        now=now,
        after={"word": word, "reading": reading},
    )
    session.commit()
    return made


def take_back(session: Session, correction_id: int, *, by: str, now: datetime) -> None:
    """Leave a word to the dictionary again. Raises NotThere."""
    correction = session.get(Correction, correction_id)
    if correction is None:
        raise NotThere
    record(
        session,
        actor=by,
        action="reading.correction-taken-back",
        subject=f"reading-correction:{correction.id}",
        now=now,
        before={"word": correction.word, "reading": correction.reading},
    )
    session.delete(correction)
    session.commit()
