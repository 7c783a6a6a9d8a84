"""Which texts wait for readings, which are read how, and what staff corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.measures.models import TextVersion
from webapp.measures.rules import SOURCE_LANGUAGE
from webapp.readings.models import Correction, Reading
from webapp.readings.rules import Pieces

_IS_JAPANESE = or_(
    TextVersion.lang == SOURCE_LANGUAGE, TextVersion.lang.like(f"{SOURCE_LANGUAGE}-%")
)


@dataclass(frozen=True)
class UnreadText:
    """A version of a text whose readings are to be made."""

    id: int
    body: str


def unread_texts(session: Session, made_with: str, most: int) -> list[UnreadText]:
    """Japanese texts without readings, or with readings made with other words; oldest first."""
    found = session.execute(
        select(TextVersion.id, TextVersion.body)
        .outerjoin(Reading, Reading.text_version_id == TextVersion.id)
        .where(_IS_JAPANESE, or_(Reading.made_with.is_(None), Reading.made_with != made_with))
        .order_by(TextVersion.id)
        .limit(most)
    )
    return [UnreadText(version_id, body) for version_id, body in found]


def readings_by_text(session: Session) -> dict[str, Pieces]:
    """The pieces of every text that has readings, by the text itself."""
    found = session.execute(
        select(TextVersion.body, Reading.pieces)
        .join(Reading, Reading.text_version_id == TextVersion.id)
        .order_by(TextVersion.id)
    )
    return {body: [(text, reading) for text, reading in pieces] for body, pieces in found}


def texts_with(session: Session, word: str) -> dict[str, Pieces]:
    """The texts in which this word stands, with their pieces: what a correction of it touches."""
    return {body: pieces for body, pieces in readings_by_text(session).items() if word in body}


def corrections(session: Session) -> Sequence[Correction]:
    """Every correction, the newest first."""
    return session.scalars(select(Correction).order_by(Correction.id.desc())).all()


def corrected_words(session: Session) -> dict[str, str]:
    """The reading of each corrected word."""
    return {c.word: c.reading for c in corrections(session)}
