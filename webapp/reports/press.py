"""A report made ready for letters: once for all who read the same, not once for each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from webapp.letters.rules import File, Picture
from webapp.measures.queries import edition_number
from webapp.reports.charts import Chart, charts_of
from webapp.reports.files import file_of
from webapp.reports.report import Report, read_report
from webapp.reports.rules import Attachment, Wishes
from webapp.summaries.models import Summary

Painter = Callable[[Chart], bytes]
"""Draws a chart as PNG. The worker hands it in, for no web process may load what draws."""
MOST_PRINTS = 16
CHARTED = 5
"""Charts of fewer comments than this would say less than the lines above them."""


@dataclass
class Print:
    """A report with what goes along: charts, their pictures, and the files made so far."""

    report: Report
    charts: list[Chart]
    pictures: tuple[Picture, ...]
    files: dict[Attachment, File] = field(default_factory=dict)

    def enclosed(self, wanted: tuple[Attachment, ...]) -> tuple[File, ...]:
        """The files somebody wants, each made when it is first asked for."""
        for kind in wanted:
            if kind not in self.files:
                self.files[kind] = file_of(self.report, kind)
        return tuple(self.files[kind] for kind in sorted(wanted))


class Press:
    """Keeps the last few prints.

    A print is good as long as nothing that anyone can see has changed: the edition says so. What
    was withheld a moment ago is in no later letter.
    """

    def __init__(self, paint: Painter) -> None:
        self._paint = paint
        self._prints: OrderedDict[object, Print] = OrderedDict()

    def print(self, session: Session, summary: Summary, wishes: Wishes) -> Print:
        """The report as somebody wished for it. Speaks the language of the moment."""
        key = (summary.id, wishes.lang, wishes.entries, edition_number(session))
        if key not in self._prints:
            self._prints[key] = self._made(session, summary, wishes)
            while len(self._prints) > MOST_PRINTS:
                self._prints.popitem(last=False)
        return self._prints[key]

    def _made(self, session: Session, summary: Summary, wishes: Wishes) -> Print:
        report = read_report(session, summary, wishes.lang, wishes.entries)
        charts = charts_of(report) if report.counts.received >= CHARTED else []
        pictures = tuple(Picture(c.name, self._paint(c), c.in_words) for c in charts)
        return Print(report, charts, pictures)
