"""The passages of a comment that can be quoted alone."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import regex

from worker.analysis.sentences import Sentence, sentences

WHOLE = 120
"""Characters up to which a comment is quoted whole."""

LONGEST = 200
"""Characters of several sentences, or of a part of one, at most."""

SENTENCE = 300
"""Characters up to which a sentence is left whole."""

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
    """The passages of `text` fit to be quoted: sentences and short runs of them.

    A run neither begins with "but" or "this" nor ends before a "but", and a passage that the
    comment itself quotes never stands without what is said about it. Passages that break these
    rules, or are a part of a sentence too long, are not `whole`. A text of at most `whole`
    characters is one passage; an empty text has none.
    """
    found = sentences(text)
    if not found:
        return []
    start, end = found[0].start, found[-1].end
    if end - start <= whole:
        return [Extract(start, end, whole=True)]
    runs = [Extract(*run, whole=True) for run in _runs(found)]
    loose = () if runs else (one for one in found if one.end - one.start <= SENTENCE)
    long = (one for one in found if one.end - one.start > SENTENCE)
    return [
        *runs,
        *(Extract(one.start, one.end, whole=False) for one in loose),
        *(_part(text, one, language) for one in long),
    ]


def _runs(found: Sequence[Sentence]) -> Iterator[tuple[int, int]]:
    for first, begin in enumerate(found):
        if begin.leans:
            continue
        for last in range(first, min(first + RUN, len(found))):
            if found[last].end - begin.start > (SENTENCE if last == first else LONGEST):
                break
            if last + 1 == len(found) or not found[last + 1].needed:
                yield begin.start, found[last].end


def _part(text: str, one: Sentence, language: str) -> Extract:
    """A part of a sentence too long, from or to a pause.

    A Japanese sentence says at its end what is wanted, so its beginning is left out.
    """
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
