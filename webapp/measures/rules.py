"""What a programme is, before any database knows of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from webapp.citytime import city_day, midnight
from webapp.refusal import N_, Refusal

SOURCE_LANGUAGE = "ja"
"""The language the city wrote the programme in; every other one is a translation of it."""


class EntryKind(StrEnum):
    PILLAR = "pillar"
    MEASURE = "measure"
    ACTION = "action"


STAGE_HOLDS = (EntryKind.PILLAR, EntryKind.MEASURE)
"""The kinds of entry that may stand directly in a stage."""

HOLDS: Mapping[EntryKind, tuple[EntryKind, ...]] = {
    EntryKind.PILLAR: (EntryKind.PILLAR, EntryKind.MEASURE),
    EntryKind.MEASURE: (EntryKind.ACTION,),
    EntryKind.ACTION: (EntryKind.ACTION,),
}
"""The kinds of entry that may stand directly under each kind."""


@dataclass(frozen=True)
class Entry:
    """A line of a programme. `texts` has a wording per language and always the Japanese one."""

    kind: EntryKind
    code: str
    texts: Mapping[str, str]
    children: tuple[Entry, ...] = ()

    def walk(self) -> Iterator[Entry]:
        """This entry and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def with_words(self, words: Mapping[str, str], lang: str) -> Entry:
        """This entry and all below it, said in `lang` too where `words` has their code."""
        texts = {**self.texts, lang: words[self.code]} if self.code in words else self.texts
        children = tuple(child.with_words(words, lang) for child in self.children)
        return replace(self, texts=texts, children=children)


@dataclass(frozen=True)
class Programme:
    """A stage as its file states it; `title` and `notice` map languages to wordings."""

    slug: str
    title: Mapping[str, str]
    notice: Mapping[str, str]
    entries: tuple[Entry, ...]

    def all_entries(self) -> Iterator[Entry]:
        """Every pillar, measure and action, in document order."""
        for entry in self.entries:
            yield from entry.walk()

    def with_language(self, other: Programme, lang: str) -> Programme:
        """This programme, said in `lang` too with the words of `other`, which meet it by code.

        Raises UnknownEntry with the first code that this programme does not have.
        """
        words = {entry.code: entry.texts[lang] for entry in other.all_entries()}
        for code in words.keys() - {entry.code for entry in self.all_entries()}:
            raise UnknownEntry(code)
        return Programme(
            slug=self.slug,
            title={**self.title, lang: other.title[lang]},
            notice={**self.notice, lang: other.notice[lang]},
            entries=tuple(entry.with_words(words, lang) for entry in self.entries),
        )


class UnknownEntry(Exception):
    """A translation has a code that its programme does not have."""


class MalformedProgramme(Refusal):
    """A programme file cannot be read as one.

    `line` counts from 1. `reason` is a sentence; it may be a lazy one, which is worded when it is
    shown, in the language of whoever reads it.
    """

    title = N_("The programme file cannot be read")
    explanation = N_("Line %(line)s of the programme file: %(reason)s")

    def __init__(self, line: int, reason: object) -> None:
        self.line = line
        self.reason = reason
        super().__init__(line=line, reason=reason)

    def __str__(self) -> str:
        return str(self.reason)


class Phase(StrEnum):
    """Where a stage stands with its comments: derived from dates and answers, never set by hand."""

    ANNOUNCED = "announced"
    OPEN = "open"
    UNDER_REVIEW = "under-review"
    ANSWERED = "answered"


FULL_PERIOD = timedelta(days=30)
"""行政手続法 (Administrative Procedure Act) article 39(3): 30 days or more from publication."""


class EntryMoved(Refusal):
    status = 409
    explanation = N_("The code %(code)s already stands for another kind of entry in this stage.")


class PeriodNeedsReason(Refusal):
    explanation = N_("A comment period shorter than 30 days needs a published reason.")


class IdentityNeedsPurpose(Refusal):
    explanation = N_(
        "A period that asks for names and addresses needs its purpose in Japanese and in English."
    )


class PurgeBeforeClosing(Refusal):
    explanation = N_(
        "Names and addresses can be deleted at the earliest on the day after the period closes."
    )


class IdentityAskedAlready(Refusal):
    status = 409
    explanation = N_(
        "This comment period asks for names and addresses already. What people were told when "
        "they wrote cannot be changed."
    )


@dataclass(frozen=True)
class IdentityRequest:
    """What a period asks for names and addresses: the purpose by language, and until when."""

    purpose: Mapping[str, str]
    purge_on: date

    def check(self, closes_at: datetime) -> None:
        """Raises IdentityNeedsPurpose and PurgeBeforeClosing."""
        if not all(self.purpose.get(lang) for lang in ("ja", "en")):
            raise IdentityNeedsPurpose
        if midnight(self.purge_on) < closes_at:
            raise PurgeBeforeClosing


@dataclass(frozen=True)
class AskedIdentity:
    """The same as one reader gets it: the purpose, the language it is in, the day of deletion."""

    body: str
    lang: str
    purge_on: date


class Span(Protocol):
    """Anything that opens and closes."""

    @property
    def opens_at(self) -> datetime: ...

    @property
    def closes_at(self) -> datetime: ...


AnySpan = TypeVar("AnySpan", bound=Span)


@dataclass(frozen=True)
class Period:
    """A comment period: half-open, [opens_at, closes_at)."""

    opens_at: datetime
    closes_at: datetime
    why_shorter: str | None = None
    identity: AskedIdentity | None = None
    answered: bool = False


def current(periods: Sequence[AnySpan], now: datetime) -> AnySpan | None:
    """Of periods in order: the one that is open; else the next to open; else the last."""
    unfinished = [period for period in periods if now < period.closes_at]
    return unfinished[0] if unfinished else (periods[-1] if periods else None)


def phase(
    opens_at: datetime, closes_at: datetime, now: datetime, *, answered: bool = False
) -> Phase:
    """The phase at `now` of a period that is half-open, [opens_at, closes_at)."""
    if now < opens_at:
        return Phase.ANNOUNCED
    if now < closes_at:
        return Phase.OPEN
    return Phase.ANSWERED if answered else Phase.UNDER_REVIEW


def days_left(closes_at: datetime, now: datetime) -> int:
    """Days in the city until the last day to comment; 0 on that day itself and afterwards."""
    last_day = city_day(closes_at - timedelta(microseconds=1))
    return max(0, (last_day - city_day(now)).days)


def is_full_length(opens_at: datetime, closes_at: datetime) -> bool:
    return closes_at - opens_at >= FULL_PERIOD
