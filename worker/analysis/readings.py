"""How the kanji of a Japanese text are read: its pieces, each with a reading or none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from worker.analysis import japanese

NAMES = Path(__file__).with_name("names.txt")
KANJI = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〆ヶ"
LONGEST = 40
"""Characters of a word that a correction may be about."""

_HAS_KANJI = re.compile(f"[{KANJI}]")
_RUNS = re.compile(f"[{KANJI}]+|[^{KANJI}]+")
_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ"))}
# A counter whose reading depends on the number before it, and the numbers it is regular after. The
# number itself is never read, so 五日 as 5日 would be read かい by halves.
_COUNTERS = {
    "日": frozenset(str(day) for day in range(11, 32)) - {"14", "20", "24"},
    "人": frozenset(str(number) for number in range(3, 1000)),
    "分": frozenset(["2", "5", "7", "9", "15", "25", "35", "45", "55"]),
}
_REGULAR = {"日": "にち", "人": "にん", "分": "ふん", "月": "がつ"}
_NUMBER = re.compile(r"([0-9０-９]+|%\(\w+\)s)$")


class Piece(NamedTuple):
    """A part of a text; `reading` is hiragana, and "" where none is needed."""

    text: str
    reading: str = ""


class _Word(NamedTuple):
    text: str
    reading: str
    start: int
    end: int


def pieces(text: str, corrections: Mapping[str, str] | None = None) -> tuple[Piece, ...]:
    """The text in pieces, joined again equal to it: every kanji has a reading, no digit has one.

    `corrections` map words to readings in hiragana and go before the names of the house, and
    those before the dictionary. A correction applies where its word begins and ends a word; one
    of a single character only where that is a word by itself, so that 訳 leaves 言い訳 alone.
    """
    known = {**names(), **(corrections or {})}
    found: list[Piece] = []
    for word in _words(text, known):
        for piece in _pieces_of(word, text):
            if found and not piece.reading and not found[-1].reading:
                found[-1] = Piece(found[-1].text + piece.text)
            else:
                found.append(piece)
    return tuple(found)


@cache
def names() -> Mapping[str, str]:
    """The readings that the house ships: places of the city, and what Sudachi reads wrongly."""
    lines = NAMES.read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if line.strip() and not line.startswith("#"))
    return {pair[0]: pair[1] for pair in pairs}


def _words(text: str, known: Mapping[str, str]) -> Iterator[_Word]:
    """The words of the text in order, those that are known by heart in their place."""
    words = list(japanese.longest_words(text))
    ends = {0, len(text)} | {place for word in words for place in word.seams}
    alone = {word.start for word in words if len(word.text) == 1}
    hits = list(_hits(text, known, ends, alone))
    place = 0
    for start, end in hits:
        yield from _between(words, place, start)
        yield _Word(text[start:end], known[text[start:end]], start, end)
        place = end
    yield from _between(words, place, len(text))


def _hits(
    text: str, known: Mapping[str, str], ends: set[int], alone: set[int]
) -> Iterator[tuple[int, int]]:
    """Where known words stand, the longest first at each place, none inside another."""
    place = 0
    while place < len(text):
        longest = (
            place + length
            for length in range(min(LONGEST, len(text) - place), 0, -1)
            if text[place : place + length] in known
            and place + length in ends
            and (length > 1 or place in alone)
        )
        end = next(longest, None) if place in ends else None
        if end is not None:
            yield place, end
        place = end or place + 1


def _between(words: Iterable[japanese.Word], start: int, end: int) -> Iterator[_Word]:
    """The words from `start` to `end`; one that reaches beyond is taken in its short parts."""
    for word in words:
        if start <= word.start and word.end <= end:
            yield _Word(word.text, word.reading, word.start, word.end)
        elif word.start < end and start < word.end:
            yield from (
                _Word(part.text, part.reading, part.start, part.end)
                for part in word.parts
                if start <= part.start and part.end <= end
            )


def _pieces_of(word: _Word, text: str) -> Iterator[Piece]:
    if not _HAS_KANJI.search(word.text):
        yield Piece(word.text)
        return
    number = _NUMBER.search(text[max(0, word.start - 24) : word.start])
    if number and word.text in _REGULAR:
        regular = _COUNTERS.get(word.text)
        is_read = regular is None or number[1] in regular
        yield Piece(word.text, _REGULAR[word.text] if is_read else "")
        return
    yield from _beside_kana(word.text, word.reading.translate(_HIRAGANA))


def _beside_kana(word: str, reading: str) -> Iterator[Piece]:
    """食べる, たべる: た over 食, nothing over べる. A word that does not fit is not read."""
    runs = _RUNS.findall(word)
    pattern = "".join(
        "(.+?)" if _HAS_KANJI.match(run) else re.escape(run.translate(_HIRAGANA)) for run in runs
    )
    fitting = re.fullmatch(pattern, reading)
    if fitting is None:
        yield Piece(word)
        return
    readings = iter(fitting.groups())
    for run in runs:
        yield Piece(run, next(readings)) if _HAS_KANJI.match(run) else Piece(run)


def kanji_count(text: str) -> int:
    """How many kanji stand in a text."""
    return len(_HAS_KANJI.findall(text))
