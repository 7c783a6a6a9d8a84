"""Finding the words of a list in a text, word by word, never inside another word.

Japanese is compared on Sudachi's shortest words in their dictionary forms, so that 走った meets
走る, and グロ is not seen in グローバル. English is compared on whole words without their endings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import regex

from worker.analysis import english, japanese
from worker.analysis.folding import levelled, normalised

_JAPANESE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_LATIN_WORD = regex.compile(r"\p{Latin}+(?:['’]\p{Latin}+)*")


class Word(NamedTuple):
    """A word of a text as it is compared, and where it stands: [start, end)."""

    key: str
    start: int
    end: int


class Match(NamedTuple):
    """The entry with this number stands at [start, end)."""

    entry: int
    start: int
    end: int


class Watch:
    """A list of entries, ready to be looked for. Each is a word, or a few that follow each other.

    An entry with a Japanese letter is looked for as Japanese, any other as words in Latin letters;
    both in every text, whatever language it says it is in.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        self._japanese = _by_first(enumerate(entries), japanese_words, japanese=True)
        self._english = _by_first(enumerate(entries), english_words, japanese=False)

    def matches(self, text: str) -> list[Match]:
        """Every place of an entry, in the order of the text."""
        found: list[Match] = []
        if self._english:
            found += _found(self._english, list(english_words(text)))
        if self._japanese and _JAPANESE.search(text):
            found += _found(self._japanese, list(japanese_words(text)))
        return sorted(found, key=lambda match: match[1:] + match[:1])


def japanese_words(text: str) -> Iterator[Word]:
    """The shortest words of a text in their dictionary forms, without spaces."""
    for offset, morpheme in japanese.morphemes(text):
        for short in japanese.shortest(morpheme):
            key = normalised(short.dictionary_form()).casefold().strip()
            if key:
                yield Word(key, offset + short.begin(), offset + short.end())


def english_words(text: str) -> Iterator[Word]:
    """Runs of Latin letters, without case, width and the endings of plural and -ing."""
    plain = levelled(text)
    for match in _LATIN_WORD.finditer(plain.text):
        word = match.group().casefold().replace("’", "'")
        yield Word(english.key(word), *plain.span(*match.span()))


Entries = dict[str, list[tuple[int, tuple[str, ...]]]]


def _by_first(
    numbered: Iterable[tuple[int, str]], words: Callable[[str], Iterable[Word]], *, japanese: bool
) -> Entries:
    """The entries of one kind as keys, under the first of them."""
    shelf: Entries = defaultdict(list)
    for number, entry in numbered:
        if bool(_JAPANESE.search(entry)) is japanese:
            keys = tuple(word.key for word in words(entry))
            if keys:
                shelf[keys[0]].append((number, keys))
    return dict(shelf)


def _found(entries: Entries, words: Sequence[Word]) -> Iterator[Match]:
    keys = tuple(word.key for word in words)
    for place, word in enumerate(words):
        for number, wanted in entries.get(word.key, ()):
            if keys[place : place + len(wanted)] == wanted:
                yield Match(number, word.start, words[place + len(wanted) - 1].end)
