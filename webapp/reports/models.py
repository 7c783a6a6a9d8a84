"""Who gets the weekly report and how, and the figures stored beside each summary."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Staff
from webapp.measures.models import Stage
from webapp.orm import Base
from webapp.reports.rules import Attachment


class Subscription(Base):
    """An official who wants the weekly report of a stage: one letter a week, however much it is of.

    `first_week` is the first ISO week whose report is owed; `weekday` is 1 for Monday;
    `attachments` are names of kinds of files, joined by commas.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("stage_id", "staff_id"),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday_of_a_week"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stages.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    since: Mapped[datetime]
    first_week: Mapped[str] = mapped_column(String(12))
    lang: Mapped[str] = mapped_column(String(12))
    weekday: Mapped[int] = mapped_column(default=1)
    attachments: Mapped[str] = mapped_column(String(24), default="")

    staff: Mapped[Staff] = relationship()
    stage: Mapped[Stage] = relationship()

    @property
    def wanted_files(self) -> tuple[Attachment, ...]:
        return tuple(Attachment(name) for name in self.attachments.split(",") if name)


class SubscriptionEntry(Base):
    """A pillar or measure that a subscription is about; without any, it is about the stage."""

    __tablename__ = "subscription_entries"

    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True
    )
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True)


class ReportFigures(Base):
    """What charts show of a summary's week, as one canonical document; never changed."""

    __tablename__ = "report_figures"

    summary_id: Mapped[int] = mapped_column(ForeignKey("summaries.id"), primary_key=True)
    document: Mapped[str] = mapped_column(Text)
