"""What a reader of reports may wish for, and the figures that charts are drawn from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from webapp.citytime import Week, city_day
from webapp.comments.rules import Publication
from webapp.refusal import N_, Refusal
from webapp.summaries.rules import canonical

LETTER_HOUR = 6
"""The hour of the city at which the letters of a day are owed, before anybody is at the desk."""
WEEKDAYS = range(1, 8)
"""Monday to Sunday, as ISO 8601 numbers them."""


class Attachment(StrEnum):
    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"


class NoReportYet(Refusal):
    status = 409
    explanation = N_("There is no report of this stage yet. The first one is made on a Monday.")


@dataclass(frozen=True)
class Wishes:
    """How somebody wants the letter. Without `entries`, it is about the whole stage."""

    lang: str
    weekday: int = 1
    attachments: tuple[Attachment, ...] = ()
    entries: frozenset[int] = frozenset()


def letter_moment(week: Week, weekday: int) -> datetime:
    """When the letter about a week is owed to somebody who chose this day."""
    return week.ends_at + timedelta(days=weekday - 1, hours=LETTER_HOUR)


class Waited(StrEnum):
    """How long a comment waited for its first decision."""

    DAY = "day"
    THREE_DAYS = "three-days"
    WEEK = "week"
    LONGER = "longer"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    """Taken back before anybody decided."""


def waited(received_at: datetime, decided_at: datetime | None, publication: Publication) -> Waited:
    """How long one comment waited. Calendar days do not matter, hours do."""
    if publication is Publication.WAITING:
        return Waited.WAITING
    if decided_at is None:
        return Waited.WITHDRAWN
    days = (decided_at - received_at) / timedelta(days=1)
    if days <= 1:
        return Waited.DAY
    if days <= 3:
        return Waited.THREE_DAYS
    return Waited.WEEK if days <= 7 else Waited.LONGER


@dataclass(frozen=True)
class MeasureFigures:
    """Comments on one measure: received on each day from Monday on, and by how long they waited.

    Both add up to the number received.
    """

    days: tuple[int, ...] = (0,) * 7
    waited: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: MeasureFigures) -> MeasureFigures:
        return MeasureFigures(
            tuple(one + two for one, two in zip(self.days, other.days, strict=True)),
            dict(Counter(self.waited) + Counter(other.waited)),
        )


@dataclass(frozen=True)
class FigureRow:
    """What the figures need to know of one comment."""

    measure_id: int
    received_at: datetime
    publication: Publication
    decided_at: datetime | None


Figures = Mapping[int, MeasureFigures]


def figures_of(week: Week, rows: Iterable[FigureRow]) -> dict[int, MeasureFigures]:
    """The figures of each measure with comments in the week."""
    days: dict[int, list[int]] = {}
    waits: dict[int, Counter[str]] = {}
    for row in rows:
        day = (city_day(row.received_at) - week.monday).days
        days.setdefault(row.measure_id, [0] * 7)[day] += 1
        how_long = waited(row.received_at, row.decided_at, row.publication)
        waits.setdefault(row.measure_id, Counter())[how_long.value] += 1
    return {id: MeasureFigures(tuple(days[id]), dict(waits[id])) for id in days}


def written(figures: Figures) -> str:
    """The figures as the canonical document that is stored."""
    return canonical({str(id): asdict(of_measure) for id, of_measure in figures.items()})


def read(document: str) -> dict[int, MeasureFigures]:
    return {
        int(id): MeasureFigures(tuple(found["days"]), found["waited"])
        for id, found in json.loads(document).items()
    }
