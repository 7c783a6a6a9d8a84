"""Which comments a summary speaks of: those of a week, of a comment period, or all until now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement

from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.measures.models import CommentPeriod, Entry
from webapp.summaries.models import Summary
from webapp.summaries.rules import SummaryKind

ALL = "all"
"""How the period of a summary to date is called."""


@dataclass(frozen=True)
class Scope:
    """A stage and a period of one kind. `until` is where a summary to date ends, half-open."""

    stage_id: int
    kind: SummaryKind
    period: str
    until: datetime | None = None

    @classmethod
    def of_week(cls, stage_id: int, week: Week) -> Scope:
        return cls(stage_id, SummaryKind.WEEKLY, str(week))

    @classmethod
    def of_period(cls, period: CommentPeriod) -> Scope:
        return cls(period.stage_id, SummaryKind.CLOSING, str(period.id))

    @classmethod
    def to_date(cls, stage_id: int, until: datetime | None = None) -> Scope:
        """All comments of a stage; without an `until` it only names the summary."""
        return cls(stage_id, SummaryKind.TO_DATE, ALL, until)

    @classmethod
    def of_summary(cls, summary: Summary) -> Scope:
        return cls(summary.stage_id, summary.kind, summary.period, summary.compiled_at)

    def holds(self) -> list[ColumnElement[bool]]:
        """The conditions for a comment, joined with its measure's entry, to be within."""
        of_stage = Entry.stage_id == self.stage_id
        if self.kind is SummaryKind.CLOSING:
            return [of_stage, Comment.period_id == int(self.period)]
        if self.kind is SummaryKind.WEEKLY:
            week = Week.parse(self.period)
            begun, ended = week.starts_at, week.ends_at
            return [of_stage, Comment.received_at >= begun, Comment.received_at < ended]
        return [of_stage, *([Comment.received_at < self.until] if self.until else [])]

    def names(self) -> list[ColumnElement[bool]]:
        """The conditions for a summary to be one of its revisions."""
        return [
            Summary.stage_id == self.stage_id,
            Summary.kind == self.kind,
            Summary.period == self.period,
        ]

    def __str__(self) -> str:
        names = {
            SummaryKind.WEEKLY: self.period,
            SummaryKind.CLOSING: f"closing {self.period}",
            SummaryKind.TO_DATE: "to date",
        }
        return names[self.kind]
