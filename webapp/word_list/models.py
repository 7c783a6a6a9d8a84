"""Watched words, and how far the waiting comments were looked through for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Staff
from webapp.orm import Base, one_of
from webapp.word_list.rules import WordState


class WatchedWord(Base):
    """A word, or a few in a row. `found` is in how many waiting comments, as of the last sweep.

    `examples` are ids of the first of them. One that was removed stays, and may be added anew.
    """

    __tablename__ = "watched_words"
    __table_args__ = (
        Index(
            "uq_watched_words_words",
            "words",
            unique=True,
            sqlite_where=text("state <> 'removed'"),
            postgresql_where=text("state <> 'removed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(String(100))
    state: Mapped[WordState] = mapped_column(one_of(WordState))
    reason: Mapped[str] = mapped_column(String(200))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    added_at: Mapped[datetime]
    found: Mapped[int] = mapped_column(default=0)
    examples: Mapped[list[int]] = mapped_column(JSON, default=list)

    added_by: Mapped[Staff] = relationship()


class WordList(Base):
    """One row. `version` grows with every change; then the sweep begins anew at comment 0.

    `swept_to` is the last comment that was looked at; `swept_at` is when the sweep was through.
    """

    __tablename__ = "word_list"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(default=0)
    swept_to: Mapped[int] = mapped_column(default=0)
    swept_at: Mapped[datetime | None]
