"""Two weeks side by side: what came in on each measure, and how much more or less."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.measures.queries import Line
from webapp.reports.report import Report


@dataclass(frozen=True)
class Compared:
    """Comments received on one measure, or of one kind, in the first week and in the second."""

    line: Line | None
    first: int
    second: int

    @property
    def difference(self) -> str:
        """How many more, with a sign that is no hyphen."""
        return f"{self.second - self.first:+}".replace("-", "−") if self.changed else "0"

    @property
    def changed(self) -> bool:
        return self.first != self.second


def compared(first: Report, second: Report) -> list[Compared]:
    """Every measure with comments in one of the weeks, in the programme's order, then all."""
    one = {part.line.id: part.counts.received for part in first.measures}
    two = {part.line.id: part.counts.received for part in second.measures}
    rows = [
        Compared(line, one.get(line.id, 0), two.get(line.id, 0))
        for line in second.stage.measures
        if line.id in one or line.id in two
    ]
    return [*rows, Compared(None, first.counts.received, second.counts.received)]
