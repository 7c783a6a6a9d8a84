"""Stored summaries, section by section."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.measures.models import Measure, Stage
from webapp.orm import Base, one_of


class SummaryKind(StrEnum):
    WEEKLY = "weekly"


class Summary(Base):
    """The summary of one stage and one period. A later finding makes a new revision.

    `period` is an ISO week like 2026-W47; `totals` is a canonical JSON document of counts;
    `inputs` is the digest of the comments it was compiled from.
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
    """What a summary says about one measure: counts, points and other opinions, as one document."""

    __tablename__ = "summary_sections"
    __table_args__ = (Index("ix_summary_sections_measure_id", "measure_id"),)

    summary_id: Mapped[int] = mapped_column(ForeignKey("summaries.id"), primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)
    document: Mapped[str] = mapped_column(Text)

    measure: Mapped[Measure] = relationship()
