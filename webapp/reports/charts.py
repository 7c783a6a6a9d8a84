"""What the charts of a report show: rows of a name and a number, the same for every way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.comments.rules import Channel, Stance
from webapp.reports.report import Report
from webapp.reports.rules import Waited
from webapp.summaries.rules import UNSTATED, Counts

STANCES: Mapping[str, object] = {
    Stance.SUPPORT: _l("In favour"),
    Stance.OPPOSE: _l("Against"),
    Stance.SUGGEST: _l("Suggestion"),
    Stance.ASK: _l("Question"),
    UNSTATED: _l("Not stated"),
}
LANGUAGES: Mapping[str, object] = {
    "ja": _l("Japanese"),
    "en": _l("English"),
    "other": _l("Another language"),
}
CHANNELS: Mapping[str, object] = {
    Channel.WEB: _l("This site"),
    Channel.POST: _l("By post"),
    Channel.FAX: _l("By fax"),
    Channel.COUNTER: _l("At the counter"),
    Channel.EMAIL: _l("By e-mail"),
}
WAITS: Mapping[str, object] = {
    Waited.DAY: _l("Up to a day"),
    Waited.THREE_DAYS: _l("1 to 3 days"),
    Waited.WEEK: _l("3 to 7 days"),
    Waited.LONGER: _l("More than 7 days"),
    Waited.WAITING: _l("Not yet decided"),
    Waited.WITHDRAWN: _l("Withdrawn before a decision"),
}
MOST_BARS = 15
"""More measures than this, and the smaller ones share the last bar."""


@dataclass(frozen=True)
class Chart:
    """A chart of comments: bars from nothing on, each with its name and its number.

    `name` is good for an id or a file name.
    """

    name: str
    title: str
    rows: tuple[tuple[str, int], ...]

    @property
    def most(self) -> int:
        return max((number for _name, number in self.rows), default=0)

    def share(self, number: int) -> float:
        """How long a bar is, of the longest; from 0 to 1."""
        return number / self.most if self.most else 0.0

    @property
    def in_words(self) -> str:
        """All that the picture shows, for who cannot see it."""
        colon = str(_(": "))
        said = _(", ").join(f"{name}:\u00a0{number}" for name, number in self.rows)
        return f"{self.title}{colon}{said}"


def charts_of(report: Report) -> list[Chart]:
    """The charts of a report in the language of the moment; none when nothing was received."""
    counts = report.counts
    if not counts.received:
        return []
    figures = report.figures
    return [
        *([Chart("days", _("Comments received on each day"), _days(report))] if figures else []),
        Chart("measures", _("Comments received on each measure"), _measures(report)),
        Chart("stance", _("Comments by stance"), named(counts.by_stance, STANCES)),
        Chart("language", _("Comments by language"), named(counts.by_language, LANGUAGES)),
        *(
            [Chart("waiting", _("Time until the first decision"), named(figures.waited, WAITS))]
            if figures
            else []
        ),
    ]


def channels_of(counts: Counts) -> Chart:
    """How the comments were sent in: a line of words in letters, of which no picture is drawn."""
    rows = named(counts.by_channel, CHANNELS)
    return Chart("channels", _("Comments, by way of sending"), rows)


def named(numbers: Mapping[str, int], names: Mapping[str, object]) -> tuple[tuple[str, int], ...]:
    """The parts that are not empty, in the order of their names; unknown codes come last."""
    codes = [*names, *sorted(set(numbers) - set(names))]
    return tuple((str(names.get(code, code)), numbers[code]) for code in codes if numbers.get(code))


def _days(report: Report) -> tuple[tuple[str, int], ...]:
    assert report.figures is not None
    pattern = "M/d(EEE)" if get_locale().language == "ja" else "EEE d MMM"
    return tuple(
        (str(format_date(report.monday + timedelta(days=day), pattern)), number)
        for day, number in enumerate(report.figures.days)
    )


def _measures(report: Report) -> tuple[tuple[str, int], ...]:
    rows = [(part.line.code, part.counts.received) for part in report.measures]
    if len(rows) <= MOST_BARS:
        return tuple(rows)
    largest = sorted(rows, key=lambda row: -row[1])[: MOST_BARS - 1]
    rest = len(rows) - len(largest)
    others = ngettext("%(num)s other measure", "%(num)s other measures", rest)
    number = sum(number for _code, number in rows) - sum(number for _code, number in largest)
    return (*[row for row in rows if row in largest], (others, number))
