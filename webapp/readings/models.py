"""One row for the readings of a text, one for each word whose reading staff corrected."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.measures.models import TextVersion
from webapp.orm import Base


class Reading(Base):
    """How one version of a Japanese text is read. A version without a row waits for the worker."""

    __tablename__ = "readings"

    text_version_id: Mapped[int] = mapped_column(ForeignKey("text_versions.id"), primary_key=True)
    pieces: Mapped[list[list[str]]] = mapped_column(JSON)
    """The text in order: pairs of a piece and its reading in hiragana, "" where it needs none."""
    made_with: Mapped[str] = mapped_column(String(64))
    """Names the dictionary and corrections they were made with; with others they are due again."""
    made_at: Mapped[datetime]

    text_version: Mapped[TextVersion] = relationship()


class Correction(Base):
    """A word that the dictionary reads wrongly, and how it is read here."""

    __tablename__ = "reading_corrections"

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(40), unique=True)
    reading: Mapped[str] = mapped_column(String(80))
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
