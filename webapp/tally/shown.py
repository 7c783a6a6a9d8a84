"""A tally as a reader sees it: tables with words, in which small numbers are hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import format_timedelta
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.comments.rules import Channel
from webapp.measures.queries import StageOutline, Words
from webapp.moderation.forms import PUBLICATIONS, REASONS, TREATMENTS, language_name
from webapp.tally.rules import Tally, protected

CHANNELS = {
    Channel.WEB: _l("This site"),
    Channel.POST: _l("By post"),
    Channel.FAX: _l("By fax"),
    Channel.COUNTER: _l("At the counter"),
    Channel.EMAIL: _l("By e-mail"),
}


@dataclass(frozen=True)
class Row:
    """A line of a table; `comments` is None where the number is hidden.

    `words` instead of a name are of the programme, in the language they are there in.
    """

    code: str
    name: str
    comments: int | None
    words: Words | None = None


@dataclass(frozen=True)
class Table:
    """One way to look at the comments. Without rows, too few came to be told apart."""

    id: str
    title: str
    heading: str
    rows: tuple[Row, ...]

    @property
    def hides(self) -> bool:
        return any(row.comments is None for row in self.rows)


def fates(tally: Tally) -> tuple[Table, ...]:
    """What became of the comments. These numbers are exact, however small: the city answers for
    them, and they say nothing about who wrote.
    """
    states = tally.publications
    return (
        _exact("publication", _("Can people read it?"), _("State"), states, PUBLICATIONS),
        _exact("reason", _("Why not published"), _("Reason"), tally.reasons, REASONS),
        _exact("treatment", _("Does it count?"), _("Treatment"), tally.treatments, TREATMENTS),
    )


def breakdowns(tally: Tally, stage: StageOutline) -> tuple[Table, ...]:
    """By language, channel and measure: that could point at a person, so it is guarded."""
    languages = {code: language_name(code) for code in sorted(tally.languages)}
    channels = {code.value: str(name) for code, name in CHANNELS.items()}
    return (
        _guarded("language", _("By language"), _("Language"), tally.languages, languages),
        _guarded("channel", _("By way of sending"), _("Sent in"), tally.channels, channels),
        _by_measure(tally, stage),
    )


def duration(seconds: int | None) -> str:
    """A time in words, as exact as its length deserves."""
    if seconds is None:
        return ""
    return str(format_timedelta(timedelta(seconds=max(60, seconds)), threshold=1.5))


def _exact(
    id: str, title: str, heading: str, counts: Mapping[str, int], names: Mapping[Any, object]
) -> Table:
    rows = [Row(code, str(name), counts.get(code, 0)) for code, name in names.items()]
    return Table(id, title, heading, tuple(row for row in rows if row.comments or id != "reason"))


def _guarded(
    id: str, title: str, heading: str, counts: Mapping[str, int], names: Mapping[str, str]
) -> Table:
    shown = protected({code: counts.get(code, 0) for code in names})
    rows = [Row(code, names[code], number) for code, number in (shown or {}).items()]
    return Table(id, title, heading, tuple(rows))


def _by_measure(tally: Tally, stage: StageOutline) -> Table:
    codes = [line.code for line in stage.measures]
    gone = sorted(set(tally.measures) - set(codes))
    shown = protected({code: tally.measures.get(code, 0) for code in [*codes, *gone]})
    return Table(
        "measure",
        _("By measure"),
        _("Measure"),
        tuple(_measure_rows((shown or {}).items(), stage)),
    )


def _measure_rows(numbers: Iterable[tuple[str, int | None]], stage: StageOutline) -> Iterable[Row]:
    for code, number in numbers:
        line = stage.line(code)
        name = str(line.words) if line else _("No longer in the programme")
        yield Row(code, name, number, line.words if line else None)
