"""The morphemes of a Japanese text, from Sudachi."""

import re
import threading
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from sudachipy import Dictionary, Morpheme, SplitMode
from sudachipy.errors import SudachiError

from worker.analysis import stopwords

PIECE = 12_000
"""Characters read at once: Sudachi refuses 49,150 bytes, and a character takes at most four."""

SHORT = 2
"""Characters of a word too short to hold another of two."""

_NO_HEADS = frozenset({"副詞可能", "形状詞可能", "人名", "地名"})
_HIRAGANA = re.compile("[ぁ-ゖー]+")
_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}

# Signs, numbers, and letters that stand alone, such as the ones of a page reference "P４ L20".
_EMPTY = re.compile(r"[\W\d_]*[a-zぁ-ゖァ-ヺー]?[\W\d_]*")


def morphemes(text: str) -> Iterator[tuple[int, Morpheme]]:
    """Every morpheme in order, with the offset to add to its places.

    Split in mode B: 待機|児童 shares a word with 児童館, and a heading joins the parts again.
    """
    start = 0
    while start < len(text):
        end = _seam(text, start)
        yield from _piece(text[start:end], start)
        start = end


class Word(NamedTuple):
    """A word as long as Sudachi knows it, with its reading in katakana and its shortest parts."""

    text: str
    reading: str
    start: int
    end: int
    parts: tuple["Word", ...] = ()

    @property
    def seams(self) -> tuple[int, ...]:
        """Where the word or a part of it begins or ends."""
        return tuple({self.start, self.end, *(p.start for p in self.parts)})


def longest_words(text: str) -> Iterator[Word]:
    """Every word in order, each as long as the dictionary has it: that knows readings best."""
    start = 0
    while start < len(text):
        end = _seam(text, start)
        for offset, morpheme in _piece(text[start:end], start, SplitMode.C):
            parts = morpheme.split(SplitMode.A)
            yield _word(morpheme, offset, tuple(_word(part, offset) for part in parts))
        start = end


def _word(morpheme: Morpheme, offset: int, parts: tuple[Word, ...] = ()) -> Word:
    begin, end = offset + morpheme.begin(), offset + morpheme.end()
    return Word(morpheme.surface(), morpheme.reading_form(), begin, end, parts)


def inner(morpheme: Morpheme) -> Iterable[Morpheme]:
    """The shorter words that a word is made of, as バス and 停 in バス停; often none."""
    if len(morpheme.surface()) <= SHORT:
        return ()
    found = morpheme.split(SplitMode.A)
    return found if len(found) > 1 else ()


def shortest(morpheme: Morpheme) -> Iterable[Morpheme]:
    """The shortest words that a word is made of; a word that cannot be split, itself."""
    found: Iterable[Morpheme] = morpheme.split(SplitMode.A, add_single=True)
    return found


def key(normalised: str) -> str:
    """A normalised form as a key, or "" for a number, a stop word, a lone kana or letter."""
    word = normalised.casefold()
    if word in stopwords.JAPANESE or _EMPTY.fullmatch(word):
        return ""
    # Sudachi tells ごみ and ゴミ apart.
    return word.translate(_KATAKANA) if _HIRAGANA.fullmatch(word) else word


@cache
def roles(part_of_speech: int) -> tuple[bool, str, bool]:
    """Whether words of this part of speech can head, their part in compounds, any content.

    A place heads nothing, because many only say where they live; a person must not.
    """
    major, middle, minor, *_ = _dictionary().pos_of(part_of_speech)
    if major == "名詞":
        heads = middle in {"普通名詞", "固有名詞"} and minor not in _NO_HEADS
        joins = heads or minor in {"形状詞可能", "地名"}
        return heads, "word" if joins else "", middle != "数詞"
    if major == "接頭辞":
        return False, "prefix", False
    if major == "接尾辞":
        return False, "suffix" if middle == "名詞的" else "", False
    content = major in {"動詞", "形容詞", "形状詞"} and middle == "一般"
    return False, "word" if major == "形状詞" and content else "", content


def _seam(text: str, start: int) -> int:
    """Where a piece beginning at `start` ends: after a sentence if one ends inside it."""
    limit = start + PIECE
    if limit >= len(text):
        return len(text)
    return max(text.rfind(mark, start, limit) for mark in "。\n") + 1 or limit


def _piece(
    piece: str, offset: int, mode: SplitMode = SplitMode.B
) -> Iterator[tuple[int, Morpheme]]:
    try:
        found = _tokenizers().tokenizer.tokenize(piece, mode)
    except SudachiError:
        # Some signs grow when Sudachi normalises them (㍿ becomes four characters), past its limit.
        half = len(piece) // 2
        yield from _piece(piece[:half], offset, mode)
        yield from _piece(piece[half:], offset + half, mode)
    else:
        for morpheme in found:
            yield offset, morpheme


class _Tokenizers(threading.local):
    """One tokenizer per thread: a shared one raises "Already borrowed"."""

    def __init__(self) -> None:
        with _creating:
            self.tokenizer = _dictionary().create(mode=SplitMode.B)


_creating = threading.Lock()


@cache
def _tokenizers() -> _Tokenizers:
    return _Tokenizers()


@cache
def _dictionary() -> Dictionary:
    return Dictionary()
