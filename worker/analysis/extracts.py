"""The passages of a comment that can be quoted alone."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import regex

from worker.analysis.sentences import Sentence, sentences

WHOLE = 120
"""Characters up to which a comment is quoted whole."""

LONGEST = 200
"""Characters a quote has at most, if any sentence of the comment allows it."""

RUN = 5
"""Sentences of a passage at most."""

_PAUSE = regex.compile(r"[、，,;；\s]+")
_CHARACTER = regex.compile(r"\X")


class Extract(NamedTuple):
    """`text[start:end]`; `whole` when it stands for itself, without what was left out around it."""

    start: int
    end: int
    whole: bool


def extracts(text: str, language: str, whole: int = WHOLE) -> list[Extract]:
    """The passages of `text` fit to be quoted, in order: sentences and short runs of them.

    A run neither begins with "but" or "this" nor ends before a "but", and a passage that the
    comment itself quotes never stands without what is said about it. Only where nothing else is
    left, passages that break these rules are given, not being `whole`. A text of at most `whole`
    characters is one passage; an empty text has none.
    """
    found = sentences(text)
    if not found:
        return []
    start, end = found[0].start, found[-1].end
    if end - start <= whole:
        return [Extract(start, end, whole=True)]
    return (
        [Extract(start, end, whole=True) for start, end in _runs(found)]
        or [Extract(one.start, one.end, whole=False) for one in found if _fits(one)]
        or [_cut(text, found, language)]
    )


def _fits(one: Sentence) -> bool:
    return one.end - one.start <= LONGEST


def _runs(found: Sequence[Sentence]) -> Iterator[tuple[int, int]]:
    for first, begin in enumerate(found):
        if begin.leans:
            continue
        for last in range(first, min(first + RUN, len(found))):
            if found[last].end - begin.start > LONGEST:
                break
            if last + 1 == len(found) or not found[last + 1].needed:
                yield begin.start, found[last].end


def _cut(text: str, found: Sequence[Sentence], language: str) -> Extract:
    """A part of the shortest sentence, all being too long.

    A Japanese sentence says at its end what is wanted, so its beginning is left out.
    """
    one = min(found, key=lambda sentence: sentence.end - sentence.start)
    start, end = one.start, one.end
    if language == "ja":
        pauses = [m.end() for m in _PAUSE.finditer(text, end - LONGEST, end)]
        start = next((place for place in pauses if place < end), _edge(text, start, end - LONGEST))
    else:
        pauses = [m.start() for m in _PAUSE.finditer(text, start + 1, start + LONGEST)]
        end = pauses[-1] if pauses else _edge(text, start, start + LONGEST)
    piece = text[start:end]
    return Extract(end - len(piece.lstrip()), start + len(piece.rstrip()), whole=False)


def _edge(text: str, start: int, place: int) -> int:
    """The first edge of a user-perceived character at `place` or after it."""
    around = max(start, place - LONGEST)
    edges = (int(match.end()) for match in _CHARACTER.finditer(text, around))
    return next((edge for edge in edges if edge >= place), len(text))
