"""A report as rows for spreadsheets: one row for each measure, and one for each point."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask_babel import gettext as _

from webapp.interpreting.forms import beside
from webapp.reports.charts import CHANNELS, LANGUAGES, STANCES, WAITS
from webapp.reports.report import Report
from webapp.reports.rules import MeasureFigures
from webapp.reports.said import drafted
from webapp.summaries.rules import Counts

Cell = str | int
STANDING = (
    "published",
    "withheld",
    "waiting",
    "withdrawn",
    "counted",
    "out_of_scope",
    "not_an_opinion",
)


def measure_rows(report: Report) -> Iterator[list[Cell]]:
    """Headings, then the numbers of each measure with comments.

    All of them count comments, but for one column of people, who must not be added: one person may
    write on two measures.
    """
    has_people = report.counts.people is not None
    days = [(report.monday + timedelta(days=day)).isoformat() for day in range(7)]
    figures = [*days, *map(str, WAITS.values())] if report.figures else []
    yield [
        _("Week"),
        _("Code"),
        _("Measure"),
        _("Received"),
        *([_("People")] if has_people else []),
        _("Published"),
        _("Withheld"),
        _("Waiting"),
        _("Withdrawn"),
        _("Count as opinions"),
        _("Out of scope"),
        _("Not an opinion, left out"),
        *map(str, STANCES.values()),
        *map(str, LANGUAGES.values()),
        *map(str, CHANNELS.values()),
        *figures,
    ]
    for part in report.measures:
        of_measure = report.by_measure.get(part.line.id, MeasureFigures())
        counts = part.counts
        more = [*of_measure.days, *(of_measure.waited.get(code, 0) for code in WAITS)]
        yield [
            report.week,
            part.line.code,
            part.line.words.body,
            counts.received,
            *([counts.people or 0] if has_people else []),
            *(getattr(counts, name) for name in STANDING),
            *(counts.by_stance.get(code, 0) for code in STANCES),
            *(counts.by_language.get(code, 0) for code in LANGUAGES),
            *(counts.by_channel.get(code, 0) for code in CHANNELS),
            *(more if report.figures else []),
        ]


def point_rows(report: Report) -> Iterator[list[Cell]]:
    """Headings, then each quote of each point that may be read now; a point without any, too."""
    yield [
        _("Code"),
        _("Point"),
        _("Comments"),
        _("People"),
        _("Wordings"),
        _("Comment No."),
        _("Language"),
        _("Quotation"),
        _("Translation"),
        _("How it was translated"),
    ]
    for part in report.measures:
        assert part.section is not None
        for point in part.section.points:
            heading = f"{point.heading} ({drafted(point)})" if drafted(point) else point.heading
            sizes = (point.comments, point.people, point.wordings)
            about: list[Cell] = [part.line.code, heading, *sizes]
            for quote in point.quotes:
                label, words = beside(report.translations, quote.comment, quote.text)
                yield [*about, quote.comment, quote.language, quote.text, words, label]
            if not point.quotes:
                yield [*about, "", "", "", "", ""]
        if part.section.others:
            yield [part.line.code, _("Other opinions"), part.section.others, *[""] * 7]


def total_rows(counts: Counts) -> Iterator[list[Cell]]:
    """Headings, then people and comments in all, each number with what it counts."""
    yield [_("Number of what"), _("Kind"), _("Count")]
    if counts.people is not None:
        yield [_("People"), _("All"), counts.people]
    yield [_("Comments"), _("Received"), counts.received]
    yield [_("Comments"), _("Count as opinions"), counts.counted]
    yield [_("Comments"), _("Out of scope"), counts.out_of_scope]
    yield [_("Comments"), _("Not an opinion, left out"), counts.not_an_opinion]
    yield [_("Comments"), _("Withdrawn by their authors"), counts.withdrawn]
    yield [_("Comments"), _("Not yet decided"), counts.waiting]
