"""Words that stand only under a cover: whoever writes over a summary may not say them either."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import regex

_RUNS = regex.compile(
    r"[\p{Han}々〆ヶ]+|[\p{Katakana}ー]+|\p{Hiragana}+|[\p{Latin}\p{M}'’]+|[\p{L}--[\p{Han}\p{Katakana}"
    r"\p{Hiragana}\p{Latin}]]+|\p{N}+",
    regex.VERSION1,
)
"""Runs of one script: the nearest thing to words that needs no dictionary."""

_LATIN = regex.compile(r"[\p{Latin}\p{M}'’]+")
_HIRAGANA = regex.compile(r"\p{Hiragana}+")
_TITLE = (
    r"(?:さん|さま|様|氏|君|くん|ちゃん|殿|先生|課長|部長|係長|会長|社長|店長|市長|町長|議員"
    r"|教授|医師)"
)
_ONE_KANJI_NAMED = regex.compile(rf"(?<!\p{{Han}})(\p{{Han}})(?={_TITLE})")
"""A name of one kanji, known by what people are called after it: 林 in 林さん, not in 小林さん."""
_ONE_KANJI = regex.compile(r"\p{Han}")
SHORTEST, SHORTEST_KANA, SHORTEST_LATIN = 2, 3, 3
"""Characters from which a run says something of its own: 佐藤, さくら, Ann."""

_EMPTY = frozenset(
    {
        "the",
        "and",
        "for",
        "with",
        "from",
        "that",
        "this",
        "who",
        "you",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "not",
        "his",
        "her",
        "our",
        "your",
        "its",
        "all",
        "any",
        "but",
        "can",
        "did",
        "does",
        "into",
        "near",
        "one",
        "their",
        "them",
        "then",
        "there",
        "they",
        "what",
        "when",
    }
)


def hidden_word(words: str, covered: Iterable[str], readable: Iterable[str]) -> str | None:
    """The first word of a covered span that `words` say; None when they say none.

    A word that `readable` texts use themselves is no secret. Kanji and katakana are also found
    inside a longer run (佐藤 in 佐藤課長), unless that run as a whole can be read somewhere. A name
    of one kanji is found by itself and before a title (林さん), not inside other words (林道).
    """
    spans = list(covered)
    if not spans:
        return None
    texts = [_plain(text) for text in readable]
    return _name_of_one_kanji(words, spans, texts) or _longer_word(words, spans, texts)


def _name_of_one_kanji(words: str, covered: Sequence[str], texts: Sequence[str]) -> str | None:
    """Where a span is such a name, or holds one before a title; else a kanji may be any word."""
    spans = [_plain(span).strip() for span in covered]
    secret = {span for span in spans if _ONE_KANJI.fullmatch(span)}
    secret |= {name for span in spans for name in _ONE_KANJI_NAMED.findall(span)}
    if not secret:
        return None
    plain = _plain(words)
    called = secret.intersection(_ONE_KANJI_NAMED.findall(plain))
    called -= {name for text in texts for name in _ONE_KANJI_NAMED.findall(text)}
    alone = secret.intersection(_RUNS.findall(plain))
    alone -= {run for text in texts for run in _RUNS.findall(text)}
    return min(called | alone, default=None)


def _longer_word(words: str, covered: Sequence[str], texts: Sequence[str]) -> str | None:
    secret = {run for span in covered for run in _telling(span)}
    said = [run for run in _runs(words) if any(_says(run, word) for word in secret)]
    if not said:
        return None
    known = {run for text in texts for run in _RUNS.findall(text)}
    for run in said:
        if run in known or (_HIRAGANA.fullmatch(run) and any(run in text for text in texts)):
            continue
        for word in sorted(secret - known):
            if _says(run, word):
                return word
    return None


def _says(run: str, word: str) -> bool:
    """Latin words are whole runs; Japanese ones may stand in a longer one."""
    return run == word if _LATIN.fullmatch(word) or word.isnumeric() else word in run


def _telling(text: str) -> Iterator[str]:
    for run in _runs(text):
        if _LATIN.fullmatch(run):
            if len(run) >= SHORTEST_LATIN and run not in _EMPTY:
                yield run
        elif len(run) >= (SHORTEST_KANA if _HIRAGANA.fullmatch(run) else SHORTEST):
            yield run


def _runs(text: str) -> list[str]:
    found: list[str] = _RUNS.findall(_plain(text))
    return found


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
