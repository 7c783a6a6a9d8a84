"""The few passages that together say most of what a group of wordings says."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from worker.analysis.corpus import Corpus, sampled
from worker.analysis.extracts import Extract, extracts
from worker.analysis.tokens import Token, tokens

QUOTES = 3

NOTHING_NEW = 0.2
"""Share of the first quote's gain below which a further quote would repeat what was said."""

HANDLE = 60
"""Characters a reader spends on any quote, however short, before its own length counts."""

BREVITY = 0.75
"""Power of the length that divides the gain: at 0 the longest passages win, at 1 the shortest."""

ASKING = 1.6
"""How much more a passage is worth that says what is wanted."""

TORN = 0.4
"""How much less a passage is worth that leans on what was left out."""

_ASKS = re.compile(
    r"べき|ほしい|欲しい|下さい|ください|願い|願う|求め|要望|提案|反対|賛成|不要|必要|たい[。と]|どうか|でしょうか"
    r"|ませんか|ないか|べし|増や|減ら|やめ|\b(?:should|need|needs|must|please|ought|support|oppose|against"
    r"|urge|want|would like|allow|stop|instead|require|let's|more|less)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim passage of a comment."""

    comment: int
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Passage:
    """An extract of one wording and the words that it says."""

    place: int
    text: str
    words: frozenset[str]
    worth: float  # by its length and manner, its words aside


def passages(corpus: Corpus, place: int) -> list[Passage]:
    """Every passage of a wording that can be quoted; none of one that is withheld."""
    wording = corpus.wordings[place]
    if not wording.quotable:
        return []
    said = [token for token in tokens(wording.text, corpus.language) if token.normal]
    return [
        _passage(place, wording.text, extract, said)
        for extract in extracts(wording.text, corpus.language)
    ]


def _passage(place: int, text: str, extract: Extract, said: Sequence[Token]) -> Passage:
    quoted = text[extract.start : extract.end]
    words = frozenset(t.normal for t in said if extract.start <= t.start < extract.end)
    worth = (HANDLE + len(quoted)) ** -BREVITY
    worth *= ASKING if _ASKS.search(quoted) else 1.0
    worth *= 1.0 if extract.whole else TORN
    return Passage(place, quoted, words, worth)


def telling_passages(
    corpus: Corpus,
    places: Sequence[int],
    limit: int = QUOTES,
    *,
    subject: Set[str] = frozenset(),
    known: Set[str] = frozenset(),
) -> list[Passage]:
    """At most `limit` passages, each of another published wording, the most central first.

    Greedy coverage with costs (Lin and Bilmes 2010): a passage gains the words that none before
    it says, each worth its rarity times the share of the wordings using it, divided by a power of
    the length. From the second on it is the root of the share, so that a view few hold gains as
    soon as the common one has been quoted; copies gain nothing, a wording counts once. Passages
    with a word of the `subject` come first; `known` words, of the measure, tell little.
    """
    published = [place for place in places if corpus.wordings[place].quotable]
    offered = [passages(corpus, place) for place in sampled(published)]
    uses = Counter(word for one in offered for word in {w for p in one for w in p.words})
    told = {word: corpus.rarity(word) * (FAMILIAR if word in known else 1.0) for word in uses}
    shares = {word: count / len(offered) for word, count in uses.items()}
    open_to = [passage for one in offered for passage in one]
    chosen: list[Passage] = []
    while open_to and len(chosen) < limit:
        power = 0.5 if chosen else 1.0
        values = {word: told[word] * shares[word] ** power for word in uses}
        values = dict.fromkeys((word for one in chosen for word in one.words), 0.0) | ...
        open_to = [passage for passage in open_to if passage.place != chosen[-1].place]
    return chosen


def quoted(corpus: Corpus, passage: Passage) -> Quote:
    """The passage under the id of the comment that speaks for its wording."""
    speaker = corpus.wordings[passage.place].speaker
    return Quote(speaker.id, passage.text, speaker.language)
