"""The words of a text: where each stands, what it means, what part it can play in a heading."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from sudachipy import Morpheme

from worker.analysis import english, japanese, stopwords

LONGEST_NAME = 24
"""Characters of a noun; longer runs of letters are no names."""

_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


class Token(NamedTuple):
    """A word at `text[start:end]`; `normal` is "" when it has no content of its own."""

    surface: str
    normal: str
    start: int
    end: int
    noun: bool  # names a thing, so that it can stand in a heading
    part: str  # in a compound such as 路線バス: "word", "prefix", "suffix", or "" for none
    inner: tuple["Token", ...] = ()  # the words inside it, バス in バス停


def words(text: str, language: str) -> tuple[str, ...]:
    """The content words of `text` in their normal forms, in order, repeats kept.

    In other languages than "ja" and "en" a word is any run of letters. The forms are keys for
    comparing ("libraries" and "library" give one), not words for a reader.
    """
    return tuple(token.normal for token in tokens(text, language) if token.normal)


def tokens(text: str, language: str) -> Iterator[Token]:
    """The tokens of `text`, in order, stop words and signs among them."""
    if language == "ja":
        return _japanese(text)
    return _english(text) if language == "en" else _unknown(text)


def _japanese(text: str) -> Iterator[Token]:
    for offset, morpheme in japanese.morphemes(text):
        token = _token(morpheme, offset)
        inner = [_token(one, offset) for one in japanese.inner(morpheme)] if token.normal else []
        # A single character, such as 停, says too little to be compared by.
        yield token._replace(inner=tuple(one for one in inner if len(one.normal) > 1))


def _token(morpheme: Morpheme, offset: int) -> Token:
    noun, part, content = japanese.roles(morpheme.part_of_speech_id())
    surface = morpheme.surface()
    normal = japanese.key(morpheme.normalized_form()) if content else ""
    if part in {"prefix", "suffix"} and surface in stopwords.JAPANESE_AFFIXES:
        part = ""
    noun = noun and _is_name(normal) and normal not in stopwords.NO_JAPANESE_HEADING
    start, end = offset + morpheme.begin(), offset + morpheme.end()
    return Token(surface, normal, start, end, noun, part)


def _english(text: str) -> Iterator[Token]:
    for surface, word, start, end in _letters(text):
        stop = len(word) < 2 or english.is_stop_word(word)
        normal = "" if stop else english.key(word)
        noun = _is_name(normal) and not english.heads_nothing(word)
        yield Token(surface, normal, start, end, noun, "word" if noun else "")


def _is_name(normal: str) -> bool:
    return 0 < len(normal) <= LONGEST_NAME


def _unknown(text: str) -> Iterator[Token]:
    """Without knowing which words are empty no heading can be made of any."""
    for surface, word, start, end in _letters(text):
        yield Token(surface, word, start, end, noun=False, part="")


def _letters(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Runs of letters: as written, in plain small letters, and where they stand."""
    for match in _LETTERS.finditer(text):
        word = unicodedata.normalize("NFKC", match.group()).casefold().replace("’", "'")
        yield match.group(), word, match.start(), match.end()
