"""Translations of comments, the attempts at them, and what they cost."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Staff
from webapp.comments.models import Comment
from webapp.interpreting.rules import Purpose
from webapp.measures.models import Origin
from webapp.orm import Base, one_of


class CommentTranslation(Base):
    """What a comment says in one other language: made from its published text, and from no other.

    It holds while `source_digest` is that of the published text. One that no longer holds is
    deleted, because it may say what is covered now. `version` grows with each wording: who
    corrects one names the version that was read.
    """

    __tablename__ = "comment_translations"
    __table_args__ = (
        CheckConstraint("(origin = 'machine') = (staff_id IS NULL)", name="person_is_named"),
        CheckConstraint("origin = 'person' OR provider IS NOT NULL", name="machine_is_named"),
    )

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True)
    lang: Mapped[str] = mapped_column(String(12), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    comment_version: Mapped[int]
    source_digest: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    origin: Mapped[Origin] = mapped_column(one_of(Origin))
    provider: Mapped[str | None] = mapped_column(String(24))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]

    comment: Mapped[Comment] = relationship()
    staff: Mapped[Staff | None] = relationship()


class TranslationTry(Base):
    """A comment that a machine has been asked to translate and has not yet translated.

    `reserved` characters of the budget of `month` are held for the attempt under way.
    """

    __tablename__ = "translation_tries"
    __table_args__ = (
        Index(
            "ix_translation_tries_dead",
            "comment_id",
            sqlite_where=text("dead_at IS NOT NULL"),
            postgresql_where=text("dead_at IS NOT NULL"),
        ),
    )

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True)
    lang: Mapped[str] = mapped_column(String(12), primary_key=True)
    comment_version: Mapped[int]
    attempts: Mapped[int]
    due_at: Mapped[datetime]
    lease_ends_at: Mapped[datetime | None]
    month: Mapped[str] = mapped_column(String(7))
    reserved: Mapped[int]
    last_error: Mapped[str | None] = mapped_column(String(200))
    dead_at: Mapped[datetime | None]


class MachineMonth(Base):
    """What a machine has cost in one month: characters sent, and held for what is sent just now.

    Each `purpose`, translating or drafting, has a budget of its own.
    """

    __tablename__ = "machine_months"
    __table_args__ = (CheckConstraint("reserved >= 0 AND used >= 0", name="not_below_nothing"),)

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(one_of(Purpose), primary_key=True)
    reserved: Mapped[int]
    used: Mapped[int]


class TranslationProvider(Base):
    """How a provider has done lately: failures in a row, and until when it is left in peace."""

    __tablename__ = "translation_providers"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    failures: Mapped[int]
    paused_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))
    failed_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
