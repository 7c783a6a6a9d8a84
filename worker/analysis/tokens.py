"""The words of a text: where each stands, what it means, what part it can play in a heading."""

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from sudachipy import Dictionary, Morpheme, SplitMode
from sudachipy.errors import SudachiError

from worker.analysis import stopwords

# Sudachi refuses more than 49,149 bytes; a character takes at most four.
PIECE = 12_000

# Singular words that end like a plural, and things that end like an activity.
_KEEP_S = ("ss", "us", "is", "ous")
_KEEP_ING = frozenset(
    [
        "parking",
        "building",
        "housing",
        "meeting",
        "funding",
        "spending",
        "crossing",
        "lighting",
        "training",
        "morning",
        "evening",
        "string",
        "spring",
        "king",
        "ring",
        "wing",
        "bring",
        "sing",
        "wedding",
        "ceiling",
        "clothing",
        "pudding",
        "feeling",
        "painting",
        "setting",
        "wing",
        "swing",
    ]
)
_IRREGULAR = {"buses": "bus", "children": "child", "men": "man", "women": "woman", "feet": "foot"}
_LATIN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


class Token(NamedTuple):
    """A word at `text[start:end]`; `normal` is "" when it has no content of its own."""

    surface: str
    normal: str
    start: int
    end: int
    noun: bool  # names a thing, so that it can stand in a heading
    part: str  # in a compound such as 路線バス: "word", "prefix", "suffix", or "" for none


def words(text: str, language: str) -> tuple[str, ...]:
    """The content words of `text` in their normal forms, in order, repeats kept.

    In other languages than "ja" and "en" a word is any run of letters. The forms are keys for
    comparing ("libraries" and "library" give one), not words for a reader.
    """
    return tuple(token.normal for token in tokens(text, language) if token.normal)


def tokens(text: str, language: str) -> Iterator[Token]:
    """The tokens of `text`, in order, stop words and signs among them."""
    return _japanese(text) if language == "ja" else _alphabetic(text, language)


def _alphabetic(text: str, language: str) -> Iterator[Token]:
    for match in _LATIN.finditer(text):
        surface = match.group()
        lower = unicodedata.normalize("NFKC", surface).casefold().replace("’", "'")
        stop = len(lower) < 2 or (language == "en" and _is_stop_word(lower))
        normal = "" if stop else _singular(lower) if language == "en" else lower
        noun = not stop and not (language == "en" and _heads_nothing(lower, normal))
        yield Token(surface, normal, match.start(), match.end(), noun, "word" if noun else "")


def _is_stop_word(word: str) -> bool:
    return word in stopwords.ENGLISH or word.removesuffix("'s") in stopwords.ENGLISH


def _heads_nothing(*forms: str) -> bool:
    return not stopwords.NO_ENGLISH_HEADING.isdisjoint(forms) or forms[0].endswith("ly")


def _singular(word: str) -> str:
    """One key for the plural, possessive and -ing forms of an English word."""
    word = word.removesuffix("'s").removesuffix("'")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    if word.endswith("s") and len(word) > 3 and not word.endswith(_KEEP_S):
        return word[:-1]
    return _base(word)


def _base(word: str) -> str:
    """From "plowing", "planning", "driving" to "plow", "plan", "drive"; "parking" is no park."""
    stem = word.removesuffix("ing")
    if stem == word or word in _KEEP_ING or len(stem) < 3 or not re.search("[aeiou]", stem):
        return word
    if stem[-1] == stem[-2] and stem[-1] not in "lsz":
        return stem[:-1]
    if stem[-1] in "vcu" or re.fullmatch("[^aeiou]*[aeiou][^aeiouwxy]", stem):
        return stem + "e"
    return stem


class _Tokenizers(threading.local):
    """One tokenizer per thread: a shared one raises "Already borrowed"."""

    def __init__(self) -> None:
        with _creating:
            self.tokenizer = _dictionary().create(mode=SplitMode.B)


_creating = threading.Lock()


@cache
def _dictionary() -> Dictionary:
    return Dictionary()


@cache
def _tokenizers() -> _Tokenizers:
    return _Tokenizers()


def _japanese(text: str) -> Iterator[Token]:
    """Split in mode B: 待機|児童 shares a word with 児童館, and a heading joins the parts again."""
    for offset, morpheme in _morphemes(text):
        noun, part, content = _roles(morpheme.part_of_speech_id())
        surface = morpheme.surface()
        normal = _content(morpheme.normalized_form()) if content else ""
        if part in {"prefix", "suffix"} and surface in stopwords.JAPANESE_AFFIXES:
            part = ""
        noun = noun and normal != "" and normal not in stopwords.NO_JAPANESE_HEADING
        start, end = offset + morpheme.begin(), offset + morpheme.end()
        yield Token(surface, normal, start, end, noun, part)


def _content(normal: str) -> str:
    """`normal` as a key, or "" for a number, a stop word, a lone kana or a lone letter."""
    key = normal.casefold()
    if key in stopwords.JAPANESE or _EMPTY.fullmatch(key):
        return ""
    # Sudachi tells ごみ and ゴミ apart.
    return key.translate(_KATAKANA) if _HIRAGANA.fullmatch(key) else key


_HIRAGANA = re.compile("[ぁ-ゖー]+")
_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}


# Signs, numbers, and letters that stand alone, such as the ones of a page reference "P４ L20".
_EMPTY = re.compile(r"[\W\d_]*[a-zぁ-ゖァ-ヺー]?[\W\d_]*")


@cache
def _roles(part_of_speech: int) -> tuple[bool, str, bool]:
    """Whether the words of this part of speech are nouns, their part in compounds, any content."""
    major, middle, minor, *_ = _dictionary().pos_of(part_of_speech)
    if major == "名詞":
        named = middle == "普通名詞" or (middle == "固有名詞" and minor != "人名")
        noun = named and minor not in {"副詞可能", "形状詞可能"}
        joins = noun or minor == "形状詞可能"
        return noun, "word" if joins else "", middle != "数詞"
    if major == "接頭辞":
        return False, "prefix", False
    if major == "接尾辞":
        return False, "suffix" if middle == "名詞的" else "", False
    content = major in {"動詞", "形容詞", "形状詞"} and middle == "一般"
    return False, "word" if major == "形状詞" and content else "", content


def _morphemes(text: str) -> Iterator[tuple[int, Morpheme]]:
    """Every morpheme, with the offset to add to its places; a long text is read in pieces."""
    start = 0
    while start < len(text):
        end = _seam(text, start)
        yield from _piece(text[start:end], start)
        start = end


def _seam(text: str, start: int) -> int:
    """Where a piece beginning at `start` ends: after a sentence if one ends inside it."""
    limit = start + PIECE
    if limit >= len(text):
        return len(text)
    return max(text.rfind(mark, start, limit) for mark in "。\n") + 1 or limit


def _piece(piece: str, offset: int) -> Iterator[tuple[int, Morpheme]]:
    try:
        morphemes = _tokenizers().tokenizer.tokenize(piece)
    except SudachiError:
        # Some signs grow when Sudachi normalises them (㍿ becomes four characters), past its limit.
        half = len(piece) // 2
        yield from _piece(piece[:half], offset)
        yield from _piece(piece[half:], offset + half)
    else:
        for morpheme in morphemes:
            yield offset, morpheme
