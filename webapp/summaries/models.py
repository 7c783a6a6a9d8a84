"""Stored summaries, section by section."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Staff
from webapp.measures.models import Measure, Stage
from webapp.orm import Base, one_of
from webapp.summaries.drafts import Dropped
from webapp.summaries.rules import SummaryKind

__all__ = [
    "PointDraft",
    "Summary",
    "SummaryEdit",
    "SummaryKind",
    "SummarySection",
    "SummarySignoff",
]


class Summary(Base):
    """The summary of one stage and one period. A later finding makes a new revision.

    `period` is an ISO week like 2026-W47, the id of a comment period for the summary at its close,
    or "all" for the one to date. `totals` is a canonical JSON document of counts; `inputs` is the
    digest of the comments it was compiled from.
    """

    __tablename__ = "summaries"
    __table_args__ = (UniqueConstraint("stage_id", "period", "kind", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stages.id"))
    kind: Mapped[SummaryKind] = mapped_column(one_of(SummaryKind))
    period: Mapped[str] = mapped_column(String(12))
    revision: Mapped[int]
    compiled_at: Mapped[datetime]
    inputs: Mapped[str] = mapped_column(String(64))
    totals: Mapped[str] = mapped_column(Text)

    stage: Mapped[Stage] = relationship()


class SummarySection(Base):
    """What a summary says about one measure: counts, points and other opinions, as one document.

    A revision has only the sections that changed; the others stand as an earlier revision has
    them. `inputs` is the digest of the comments, `mark` a short sum of them that the database can
    make by itself (`queries.marks_of`): when the two marks differ, something has changed. `front`
    is what the page of the measure needs of the document (`front.front_of`).
    """

    __tablename__ = "summary_sections"
    __table_args__ = (Index("ix_summary_sections_measure_id", "measure_id"),)

    summary_id: Mapped[int] = mapped_column(ForeignKey("summaries.id"), primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    inputs: Mapped[str] = mapped_column(String(64), default="")
    mark: Mapped[str] = mapped_column(String(64), default="")
    front: Mapped[str] = mapped_column(Text, default="")

    measure: Mapped[Measure] = relationship()


class SummaryEdit(Base):
    """What staff wrote over a section, or before a whole summary (`measure_id` is None then).

    Rows are added, never changed; the newest holds. `document` is canonical JSON
    (`edits.Edit`); the machine's sections stay as they are.
    """

    __tablename__ = "summary_edits"
    __table_args__ = (Index("ix_summary_edits_stage_id_period", "stage_id", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stages.id"))
    kind: Mapped[SummaryKind] = mapped_column(one_of(SummaryKind))
    period: Mapped[str] = mapped_column(String(12))
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    document: Mapped[str] = mapped_column(Text)
    editor_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    edited_at: Mapped[datetime]

    editor: Mapped[Staff] = relationship()


class SummarySignoff(Base):
    """A person of the city stands for this revision of a summary at closing."""

    __tablename__ = "summary_signoffs"

    summary_id: Mapped[int] = mapped_column(ForeignKey("summaries.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    signed_at: Mapped[datetime]

    staff: Mapped[Staff] = relationship()


class PointDraft(Base):
    """What a machine was asked to propose for one point of a revision, and what came of it.

    It is owed while it has a `due_at`. `reserved` characters of the budget of `month` are held for
    the attempt under way. `comments` are the ids, as JSON, of the comments that bear the words
    out, and `source` names their published texts (`drafts.sources_digest`). What is dropped leaves
    its reason and no words.
    """

    __tablename__ = "point_drafts"
    __table_args__ = (
        UniqueConstraint("summary_id", "measure_id", "point_key"),
        CheckConstraint(
            "dropped IS NULL OR (heading = '' AND sentence = '')", name="dropped_words_are_not_kept"
        ),
        CheckConstraint(
            "due_at IS NULL OR (made_at IS NULL AND dropped IS NULL)", name="owed_until_made"
        ),
        Index(
            "ix_point_drafts_due_at",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    summary_id: Mapped[int] = mapped_column(ForeignKey("summaries.id"))
    measure_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    point_key: Mapped[str] = mapped_column(String(32))
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    lease_ends_at: Mapped[datetime | None]
    month: Mapped[str] = mapped_column(String(7), default="")
    reserved: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(200))
    prompt: Mapped[str] = mapped_column(Text, default="")
    model: Mapped[str] = mapped_column(String(120), default="")
    made_at: Mapped[datetime | None]
    heading: Mapped[str] = mapped_column(Text, default="")
    sentence: Mapped[str] = mapped_column(Text, default="")
    comments: Mapped[str] = mapped_column(Text, default="[]")
    source: Mapped[str] = mapped_column(String(64), default="")
    dropped: Mapped[Dropped | None] = mapped_column(one_of(Dropped))

    summary: Mapped[Summary] = relationship()
    asker: Mapped[Staff] = relationship()

    @property
    def cited(self) -> list[int]:
        """Ids of the comments that bear the words out."""
        return [int(id) for id in json.loads(self.comments)]
