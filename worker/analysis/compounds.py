"""Names of things made of several words: 再生可能エネルギー, "food stamps"."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from worker.analysis.tokens import Token

LONGEST = 14


class Compound(NamedTuple):
    """A name of two words or more; `parts` are the normal forms of those with a content."""

    surface: str
    normal: str
    parts: frozenset[str]


def compounds(text: str, tokens: Iterable[Token], language: str) -> Iterator[Compound]:
    """The compounds of `text`: in Japanese unbroken runs of nouns, elsewhere pairs of neighbours."""
    if language == "ja":
        for run in _runs(text, tokens, ("",)):
            yield from _compound(text, _trimmed(run), "")
    else:
        for run in _runs(text, tokens, (" ", "-")):
            for pair in zip(run, run[1:], strict=False):
                yield from _compound(text, list(pair), " ")


def _runs(text: str, tokens: Iterable[Token], gaps: tuple[str, ...]) -> Iterator[list[Token]]:
    run: list[Token] = []
    for token in tokens:
        if run and (not token.part or text[run[-1].end : token.start] not in gaps):
            yield run
            run = []
        if token.part:
            run.append(token)
    yield run


def _trimmed(run: list[Token]) -> list[Token]:
    """Without what cannot begin or end a name: 除雪|対応 is 除雪, 再生|可能 is no thing."""
    while run and (run[0].part == "suffix" or _is_empty(run[0])):
        run = run[1:]
    while run and (run[-1].part == "prefix" or _is_empty(run[-1])):
        run = run[:-1]
    return run


def _is_empty(token: Token) -> bool:
    return token.part == "word" and not token.normal


def _compound(text: str, run: list[Token], glue: str) -> Iterator[Compound]:
    parts = frozenset(token.normal for token in run if token.normal)
    if len(run) < 2 or not any(token.noun for token in run):
        return
    surface = text[run[0].start : run[-1].end]
    if glue or len(surface) <= LONGEST:
        yield Compound(surface, glue.join(token.normal or token.surface for token in run), parts)
