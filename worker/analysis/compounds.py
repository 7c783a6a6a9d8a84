"""Names of things made of several words: 再生可能エネルギー, "food stamps"."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from worker.analysis.tokens import Token

LONGEST_RUN = 6
"""Words of a Japanese run that are read; longer ones are tables or titles, not names."""


LONGEST_NAME = 40
"""Characters of a compound."""


class Compound(NamedTuple):
    """A name of two words or more; `parts` are the normal forms of those with a content."""

    surface: str
    normal: str
    parts: frozenset[str]


def compounds(text: str, tokens: Iterable[Token], language: str) -> Iterator[Compound]:
    """The compounds of `text`, repeats kept: the parts, two words or longer, of a run of nouns.

    Japanese nouns run without a space; elsewhere only pairs of neighbours count.
    """
    glue, longest = ("", LONGEST_RUN) if language == "ja" else (" ", 2)
    gaps = ("",) if language == "ja" else (" ", "-")
    for run in _runs(text, tokens, gaps):
        for start, end in combinations(range(min(len(run), 50) + 1), 2):
            if 2 <= end - start <= longest and _is_name(run[start:end]):
                yield _compound(text, run[start:end], glue)


def _runs(text: str, tokens: Iterable[Token], gaps: tuple[str, ...]) -> Iterator[list[Token]]:
    """Neighbouring tokens that can be parts of one name."""
    run: list[Token] = []
    for token in tokens:
        if run and (not token.part or text[run[-1].end : token.start] not in gaps):
            yield run
            run = []
        if token.part:
            run.append(token)
    yield run


def _is_name(run: list[Token]) -> bool:
    """Whether `run` begins and ends like a name: not 除雪|対応, 再生|可能 or 場|整備."""
    first, last = run[0], run[-1]
    return (
        last.end - first.start <= LONGEST_NAME
        and first.part != "suffix"
        and last.part != "prefix"
        and (first.normal != "" or first.part == "prefix")
        and (last.noun or last.part == "suffix")
        and (last.part == "suffix" or any(token.noun for token in run))
    )


def _compound(text: str, run: list[Token], glue: str) -> Compound:
    normal = glue.join(token.normal or token.surface for token in run)
    parts = frozenset(token.normal for token in run if token.normal)
    return Compound(text[run[0].start : run[-1].end], normal, parts)
