"""The programme as rows: a stage, the tree under it, its texts with their versions, its periods."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Staff
from webapp.measures.rules import EntryKind
from webapp.orm import Base, one_of


class Origin(StrEnum):
    """Who made a text."""

    PERSON = "person"
    MACHINE = "machine"
    CHECKED = "checked"


class ProgrammeText(Base):
    """A place in the programme where words stand, in any number of languages and versions."""

    __tablename__ = "texts"

    id: Mapped[int] = mapped_column(primary_key=True)


class TextVersion(Base):
    """One wording of a text in one language; the highest version is the current one.

    `source_version` is the Japanese version that a translation was made from (None for the
    Japanese itself). When the Japanese has moved on since, the translation is stale.
    """

    __tablename__ = "text_versions"
    __table_args__ = (UniqueConstraint("text_id", "lang", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text_id: Mapped[int] = mapped_column(ForeignKey("texts.id"))
    lang: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    source_version: Mapped[int | None]
    origin: Mapped[Origin] = mapped_column(one_of(Origin))
    made_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who published it at the translators' desk; None when it came with a programme file."""

    staff: Mapped[Staff | None] = relationship()


class Stage(Base):
    """One edition of the policy programme."""

    __tablename__ = "stages"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("texts.id"))
    notice_id: Mapped[int] = mapped_column(ForeignKey("texts.id"))


class Entry(Base):
    """A line of the programme: a pillar, a measure or an action, anywhere in the tree."""

    __tablename__ = "entries"
    __table_args__ = (UniqueConstraint("stage_id", "code"),)
    __mapper_args__ = {"polymorphic_on": "kind"}  # noqa: RUF012 -- SQLAlchemy reads it as it stands

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stages.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    kind: Mapped[EntryKind] = mapped_column(one_of(EntryKind))
    code: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    text_id: Mapped[int] = mapped_column(ForeignKey("texts.id"))
    withdrawn_at: Mapped[datetime | None]
    """Set when a later programme file no longer holds this line; comments keep pointing at it."""

    stage: Mapped[Stage] = relationship()


class Pillar(Entry):
    __mapper_args__ = {"polymorphic_identity": EntryKind.PILLAR}  # noqa: RUF012 -- as above


class Measure(Entry):
    __mapper_args__ = {"polymorphic_identity": EntryKind.MEASURE}  # noqa: RUF012 -- as above


class Action(Entry):
    __mapper_args__ = {"polymorphic_identity": EntryKind.ACTION}  # noqa: RUF012 -- as above


class CommentPeriod(Base):
    """When a stage takes comments: half-open [opens_at, closes_at)."""

    __tablename__ = "comment_periods"
    __table_args__ = (CheckConstraint("closes_at > opens_at", name="closes_after_it_opens"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stages.id"), index=True)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    why_shorter: Mapped[str | None] = mapped_column(Text)
    """The published reason, which a period shorter than 30 days must have."""
    identity_purpose: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    """Why this period asks for names and addresses, by language; None when it does not ask."""
    purge_identity_at: Mapped[date | None]
    """The day in the city on which names and addresses of this period are deleted."""
    answered_at: Mapped[datetime | None]
    """When the last of its opinions was answered: noted by the answers, never set by hand."""

    @property
    def asks_identity(self) -> bool:
        return self.identity_purpose is not None


class Edition(Base):
    """One row: a number that grows whenever something anyone can see has changed.

    Finished pages are kept with the number they were made at, and dropped when it has grown.
    """

    __tablename__ = "edition"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
