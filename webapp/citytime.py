"""The city's clock: days and ISO weeks as they pass in Japan, whatever zone a server keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


def utc_now() -> datetime:
    return datetime.now(UTC)


def city_day(instant: datetime) -> date:
    return instant.astimezone(TOKYO).date()


def midnight(day: date) -> datetime:
    """The instant at which this day begins in the city."""
    return datetime.combine(day, time(), TOKYO)


def next_midnight(instant: datetime) -> datetime:
    return midnight(city_day(instant) + timedelta(days=1))


def last_day(end: datetime) -> date | None:
    """The last day before an end that falls on a midnight: people say "until the 25th", not
    "until 00:00 of the 26th". None when it falls within a day."""
    day = city_day(end)
    return day - timedelta(days=1) if end == midnight(day) else None


@dataclass(frozen=True, order=True)
class Week:
    """An ISO 8601 week in the city: half-open, from Monday 00:00 to Monday 00:00."""

    year: int
    number: int

    @classmethod
    def of(cls, instant: datetime) -> Week:
        year, number, _ = city_day(instant).isocalendar()
        return cls(year, number)

    @classmethod
    def parse(cls, label: str) -> Week:
        """Read `2026-W47`. Raises ValueError for anything that is no week of the calendar."""
        found = re.fullmatch(r"(\d{4})-W(\d{2})", label)
        if not found:
            raise ValueError(f"{label!r} is not a week like 2026-W47")
        year, number = int(found[1]), int(found[2])
        date.fromisocalendar(year, number, 1)
        return cls(year, number)

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def starts_at(self) -> datetime:
        return midnight(self.monday)

    @property
    def ends_at(self) -> datetime:
        return midnight(self.monday + timedelta(days=7))

    def next(self) -> Week:
        return Week.of(self.ends_at)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"
