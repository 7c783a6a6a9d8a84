"""Stored summaries as lines of a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from webapp.citytime import Week
from webapp.summaries.models import Summary
from webapp.summaries.report import sunday
from webapp.summaries.rules import Counts


@dataclass(frozen=True)
class ListedReport:
    """One line of a list of reports; `id` is that of the newest revision."""

    id: int
    week: str
    monday: date
    sunday: date
    counts: Counts


def listed(summaries: Iterable[Summary]) -> list[ListedReport]:
    return [
        ListedReport(
            summary.id,
            summary.period,
            Week.parse(summary.period).monday,
            sunday(Week.parse(summary.period)),
            Counts.read(summary.totals),
        )
        for summary in summaries
    ]
