"""What staff may write over a summary, and the contract that their words have to keep, too."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from webapp.refusal import N_, Refusal
from webapp.summaries.covered import hidden_word
from webapp.summaries.origins import Drafted
from webapp.summaries.rules import Counts, Point, SectionDocument, canonical, total

LONGEST_HEADING = 120
LONGEST_SENTENCE = 200
LONGEST_INTRODUCTION = 2_000
"""User-perceived characters."""
BORROWED = 12
"""Characters in a row, spaces apart, that prove words to be taken from a text."""

_COUNTERS = (
    r"(?:件|種類|通り|人|名|通|票"
    r"|comments?\b|people\b|persons?\b|opinions?\b|wordings?\b|voices?\b)"
)
_PEOPLE = re.compile(r"[人名]|people|person", re.IGNORECASE)
_WORDINGS = re.compile(r"wordings?|種類|通り", re.IGNORECASE)
_NUMBER = re.compile(rf"(\d[\d,]*(?:\.\d+)?)\s*({_COUNTERS}|[%％])?", re.IGNORECASE)
_SPELT = re.compile(
    rf"[一二三四五六七八九十百千万]+\s*(?:件|人|名|通|票)|過半数|[一二三四五六七八九]割|半数"
    rf"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?"
    rf"|thousands?|half|majority|most)\b(?:\s+of)?(?:\s+the)?\s+{_COUNTERS}|\bmajority\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"\d+(?:-\d+)+")
_QUOTED = re.compile(r"「([^「」]+)」|『([^『』]+)』|“([^“”]+)”|\"([^\"]+)\"")


class NumberNotInSummary(Refusal):
    explanation = N_(
        "“%(number)s” is not in this summary. A number of comments has to be one that the summary "
        "counts, and any other number has to stand in a quotation, a code or a date of it."
    )


class NumberInWords(Refusal):
    explanation = N_(
        "“%(words)s”: please write numbers of comments in digits, so that they can be checked. "
        "Shares such as a majority are not counted here: opinions are no votes."
    )


class NotVerbatim(Refusal):
    explanation = N_(
        "“%(words)s” stands in quotation marks, but no published comment says it in these words."
    )


class UnpublishedWords(Refusal):
    explanation = N_("“%(words)s” is taken from a comment that is not published.")


class OtherPoints(Refusal):
    status = 409
    explanation = N_("The points are not those of this summary any more. Please edit it anew.")


class SummaryMovedOn(Refusal):
    status = 409
    explanation = N_(
        "A newer revision of this summary was made while you were writing. "
        "What you wrote is kept below; please look at the new points first."
    )


class SignedOff(Refusal):
    status = 409
    explanation = N_("This revision is signed off. Its words can no longer be edited.")


@dataclass(frozen=True)
class Source:
    """Words in quotation marks, and the comment that they are from."""

    comment: int
    words: str


@dataclass(frozen=True)
class PointEdit:
    """One point, known by the comments behind it; an empty heading keeps the machine's.

    `heading_by` and `sentence_by` are None for words that staff wrote themselves.
    """

    key: str
    heading: str
    sources: tuple[Source, ...] = ()
    sentence: str = ""
    heading_by: Drafted | None = None
    sentence_by: Drafted | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.heading or self.sentence)


@dataclass(frozen=True)
class Edit:
    """What staff wrote. `introductions` are by language; `ordered` when the order is theirs too."""

    introductions: Mapping[str, str]
    points: tuple[PointEdit, ...] = ()
    ordered: bool = False
    sources: tuple[Source, ...] = ()

    @classmethod
    def read(cls, document: str) -> Edit:
        found = json.loads(document)
        points = tuple(map(_point, found["points"]))
        return cls(found["introductions"], points, found["ordered"], _sources(found["sources"]))

    def written(self) -> str:
        return canonical(asdict(self))

    def words(self) -> Iterator[str]:
        yield from self.introductions.values()
        for point in self.points:
            yield from (words for words in (point.heading, point.sentence) if words)

    @property
    def is_empty(self) -> bool:
        return not (self.introductions or self.ordered or not all(p.is_empty for p in self.points))


def _point(found: Mapping[str, Any]) -> PointEdit:
    """A point of an edit; those from before there were sentences have none."""
    return PointEdit(
        found["key"],
        found["heading"],
        _sources(found["sources"]),
        found.get("sentence", ""),
        _drafted(found.get("heading_by")),
        _drafted(found.get("sentence_by")),
    )


def _drafted(found: Mapping[str, str] | None) -> Drafted | None:
    return Drafted(**found) if found else None


def _sources(found: Iterable[Mapping[str, object]]) -> tuple[Source, ...]:
    return tuple(Source(int(str(s["comment"])), str(s["words"])) for s in found)


def key_of(point: Point) -> str:
    """A point is the same while the same comments are behind it."""
    return hashlib.sha256(canonical(sorted(point.comments)).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Material:
    """What the words of an edit are held against.

    `published` are the texts of the comments behind the summary by id; `closed` those that nobody
    may read, and `covered` the parts of published ones that are covered; `programme` what the city
    itself wrote; `dates` the numbers of the period's days.
    """

    documents: Sequence[SectionDocument]
    published: Mapping[int, str]
    closed: Sequence[str]
    covered: Sequence[str]
    programme: Sequence[str]
    codes: frozenset[str]
    dates: frozenset[str]


def checked(words: str, material: Material) -> tuple[Source, ...]:
    """The sources of the words, if they keep the contract.

    Raises NumberNotInSummary, NumberInWords, NotVerbatim, UnpublishedWords.
    """
    check_numbers(words, material.documents, material.codes, material.dates)
    _check_borrowed(words, material)
    check_covered(words, material)
    return tuple(_found_sources(words, material))


def check_numbers(
    words: str,
    documents: Sequence[SectionDocument],
    codes: frozenset[str],
    dates: frozenset[str],
) -> None:
    """Raises NumberNotInSummary and NumberInWords."""
    plain = unicodedata.normalize("NFKC", words)
    spelt = _SPELT.search(plain)
    if spelt:
        raise NumberInWords(words=spelt.group())
    plain = _CODE.sub(lambda m: "" if m.group() in codes else m.group(), plain)
    quoted = _numbers_quoted(documents)
    comments, people, wordings = map(_written, _amounts(documents))
    others = _written({len(documents), *(len(document.points) for document in documents)})
    anything = comments | people | wordings | others | dates | codes | quoted
    for match in _NUMBER.finditer(plain):
        number, unit = match[1].replace(",", "").rstrip("."), match[2]
        if not unit:
            true = anything
        elif unit in "%％":
            true = quoted
        elif _PEOPLE.match(unit):
            true = people
        else:
            true = wordings if _WORDINGS.match(unit) else comments
        if number not in true:
            raise NumberNotInSummary(number=match.group().strip())


def _written(numbers: Iterable[int]) -> frozenset[str]:
    return frozenset(map(str, numbers))


def _amounts(documents: Sequence[SectionDocument]) -> tuple[set[int], set[int], set[int]]:
    """The numbers of comments, of people and of wordings, of each document and over all."""
    points = [point for document in documents for point in document.points]
    sums = [document.counts for document in documents] + [_sum(documents)]
    return (
        {len(point.comments) for point in points}
        | {len(document.others) for document in documents}
        | {number for counts in sums for number in _numbers_of(counts)},
        {point.people for point in points} | {c.people for c in sums if c.people is not None},
        {point.wordings for point in points},
    )


def _numbers_of(counts: Counts) -> Iterator[int]:
    for each in fields(counts):
        value = getattr(counts, each.name)
        if isinstance(value, Mapping):
            yield from value.values()
        elif isinstance(value, int):
            yield value


def _sum(documents: Sequence[SectionDocument]) -> Counts:
    return total(document.counts for document in documents)


def _numbers_quoted(documents: Sequence[SectionDocument]) -> frozenset[str]:
    quotes = (q.text for d in documents for p in d.points for q in p.quotes)
    return frozenset(
        number.replace(",", "")
        for text in quotes
        for number in re.findall(r"\d[\d,]*(?:\.\d+)?", unicodedata.normalize("NFKC", text))
    )


def _check_borrowed(words: str, material: Material) -> None:
    """Nothing that only an unpublished text says may come in word for word."""
    open_to_all = _bare("\n".join([*material.published.values(), *material.programme]))
    closed = [_bare(text) for text in material.closed]
    plain = _bare(words)
    for start in range(len(plain) - BORROWED + 1):
        window = plain[start : start + BORROWED]
        if window not in open_to_all and any(window in text for text in closed):
            raise UnpublishedWords(words=window)


def check_covered(words: str, material: Material) -> None:
    """Raises UnpublishedWords for a word, however short, that can only be read under a cover."""
    readable = [*material.published.values(), *material.programme]
    hidden = hidden_word(words, material.covered, readable)
    if hidden is not None:
        raise UnpublishedWords(words=hidden)


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _found_sources(words: str, material: Material) -> Iterator[Source]:
    programme = "\n".join(material.programme)
    for match in _QUOTED.finditer(words):
        said = next(group for group in match.groups() if group)
        if said in programme:
            continue
        found = next((id for id, text in material.published.items() if said in text), None)
        if found is None:
            raise NotVerbatim(words=said)
        yield Source(found, said)
