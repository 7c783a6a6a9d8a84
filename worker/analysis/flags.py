"""What the machine notices in a comment for a person to look at; it never decides."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import regex

from worker.analysis.folding import folded, levelled
from worker.analysis.language import UNCLEAR, guess_language
from worker.analysis.personal_data import (
    Span,
    addresses,
    emails,
    my_numbers,
    person_names,
    phones,
    postal_codes,
)

LANGUAGES = frozenset({"ja", "en"})
"""The languages moderators read without a translator."""

NEARLY_EMPTY_BELOW = 4
"""Folded characters under which a comment can hardly be an opinion."""

_NOTHING_SAID = """
なし 無し 特になし 特に無し とくになし ありません 特にありません 特にない ない 意見なし
意見はありません 特に意見なし 特に意見はありません 同上 以上 テスト テスト投稿 テストです test
testing nocomment nocomments none noopinion nothing nothingtosay notapplicable asdf asdfgh qwerty
"""
NOTHING_SAID = frozenset(_NOTHING_SAID.split())
"""Whole comments, folded, that say nothing."""

CAPITALS_FROM = 20
"""Latin capitals in a row, in at least `WORDS_FROM` words, that count as shouting."""
WORDS_FROM = 5

REPETITION_FROM = 40
REPETITION_READS = 200
REPETITION_BELOW = 0.25
"""A text of at least 40 folded characters repeats itself when, in its first 200, fewer than this
share of the pairs of neighbours differ; prose has 0.6 and more."""

_CAPITALS = regex.compile(
    rf"(?<![A-Za-z])(?:[A-Z]++(?![a-z])[\d\s'\",.!?&:;/()-]*+){{{WORDS_FROM},}}+"
)
_EXCLAMATIONS = regex.compile(r"!{4,}+")
_LINK = regex.compile(
    r"(?:https?://|www\.)[\w\-.~:/?#\[\]@!$&'()*+,;=%]++"
    r"|(?<![\w@.+-])(?:[a-z\d-]{1,63}+\.){1,4}(?:com|net|org|info|biz|jp|io|xyz)\b(?:/[!-~]*+)?",
    regex.ASCII,
)
_AFTER_A_LINK = ".,;:!?)]'"


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing noticed. The span is half-open, in code points of the text; 0, 0 is all of it.

    `detail` never repeats the text, so that no personal data is stored twice.
    """

    rule: str
    start: int
    end: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Screening:
    """The language the text seems to be in, and the flags in the order of their spans."""

    language: str
    flags: tuple[Flag, ...]


def screen(text: str, declared_language: str) -> Screening:
    """Everything noticed in a text whose author said it is in `declared_language` (ISO 639-1).

    Raises nothing, whatever was sent, and takes time in proportion to the length.
    """
    plain = levelled(text)
    language = guess_language(text)
    flags = [
        Flag(rule, *plain.span(*span))
        for rule, find in SPAN_RULES.items()
        for span in _merged(find(plain.text))
    ]
    flags += [Flag(rule, 0, 0) for rule, holds in WHOLE_TEXT_RULES.items() if holds(folded(text))]
    if language != UNCLEAR and (language not in LANGUAGES or language != declared_language):
        flags.append(Flag("language", 0, 0, language))
    return Screening(language, tuple(sorted(flags, key=lambda f: (f.start, f.end, f.rule))))


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap as one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def links(text: str) -> Iterator[Span]:
    """Web addresses, with or without a scheme, without the full stop that follows them."""
    for match in _LINK.finditer(text):
        yield match.start(), match.start() + len(match.group().rstrip(_AFTER_A_LINK))


def exclamations(text: str) -> Iterator[Span]:
    """Four exclamation marks in a row, or more."""
    return (match.span() for match in _EXCLAMATIONS.finditer(text))


def shouts(text: str) -> Iterator[Span]:
    """Sentences in capitals."""
    for match in _CAPITALS.finditer(text):
        run = match.group().rstrip()
        if sum(map(str.isupper, run)) >= CAPITALS_FROM:
            yield match.start(), match.start() + len(run)


def is_nearly_empty(letters: str) -> bool:
    """Whether folded text says nothing, or is too short to say much."""
    return len(letters) < NEARLY_EMPTY_BELOW or letters in NOTHING_SAID


def is_repetitive(letters: str) -> bool:
    """Whether folded text says the same few characters again and again."""
    head = letters[:REPETITION_READS]
    pairs = list(pairwise(head))
    return len(head) >= REPETITION_FROM and len(set(pairs)) < REPETITION_BELOW * len(pairs)


SPAN_RULES: Mapping[str, Callable[[str], Iterable[Span]]] = {
    "phone": phones,
    "email": emails,
    "postal-code": postal_codes,
    "address": addresses,
    "my-number": my_numbers,
    "person-name": person_names,
    "link": links,
    "shouting": shouts,
    "exclamation": exclamations,
}
"""Rules that point at a place in the levelled text."""

WHOLE_TEXT_RULES: Mapping[str, Callable[[str], bool]] = {
    "nearly-empty": is_nearly_empty,
    "too-repetitive": is_repetitive,
}
"""Rules that judge the folded text as a whole."""

RULES = (*SPAN_RULES, *WHOLE_TEXT_RULES, "language")
"""The names of all rules."""
