"""The passages of a published wording that can be quoted, with the words that each says."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from worker.analysis.corpus import Corpus
from worker.analysis.extracts import WHOLE, Extract, extracts
from worker.analysis.tokens import Token, tokens

HANDLE = 60
"""Characters a reader spends on any quote, however short, before its own length counts."""

BREVITY = 0.75
"""Power of the length that divides the worth: at 0 the longest passages win, at 1 the shortest."""

ASKING = 1.6
"""How much more a passage is worth that says what is wanted."""

TORN = 0.4
"""How much less a passage is worth that leans on what was left out."""

_ASKS = re.compile(
    r"べき|ほしい|欲しい|下さい|ください|願い|願う|求め|要望|提案|反対|賛成|不要|必要|たい[。と]"
    r"|どうか|でしょうか|ませんか|ないか|増や|減ら|やめ|不適切"
    r"|\b(?:should|needs?|must|please|ought|support|oppose|against|urge|want|would like|allow"
    r"|stop|instead|require|let's|more|less)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A verbatim part of the wording at `place`; `words` are its content words, normalised."""

    place: int
    text: str
    words: frozenset[str]
    worth: float  # by length and manner, whatever the words


def passages(corpus: Corpus, place: int, whole: int = WHOLE) -> list[Passage]:
    """Every passage of a wording that can be quoted; none of one that is withheld.

    A text of at most `whole` characters is one passage.
    """
    wording = corpus.wordings[place]
    if not wording.quotable:
        return []
    said = [token for token in tokens(wording.text, corpus.language) if token.normal]
    return [
        _passage(place, wording.text, extract, said)
        for extract in extracts(wording.text, corpus.language, whole)
    ]


def _passage(place: int, text: str, extract: Extract, said: Sequence[Token]) -> Passage:
    """The passage of an extract, where `said` are the content words of the whole text."""
    first, after = (bisect_left(said, at, key=_start) for at in (extract.start, extract.end))
    quoted = text[extract.start : extract.end]
    worth = (HANDLE + len(quoted)) ** -BREVITY
    worth *= ASKING if _ASKS.search(quoted) else 1.0
    worth *= 1.0 if extract.whole else TORN
    return Passage(place, quoted, frozenset(token.normal for token in said[first:after]), worth)


def _start(token: Token) -> int:
    return token.start
