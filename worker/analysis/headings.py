"""What a point is called, in words taken from the published comments behind it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from worker.analysis.compounds import compounds
from worker.analysis.corpus import Corpus
from worker.analysis.groups import Group
from worker.analysis.passages import Passage
from worker.analysis.quotes import telling_passages
from worker.analysis.tokens import tokens

NAMES = 3
"""Names in the heading of a single opinion."""

SHORT = 60
LATIN_SHORT = 120
"""Characters up to which a key sentence serves as the heading of a single opinion."""

ASKED = 20
"""Wordings that are asked how they write a term."""

FULLER = 1.5
"""How much more a compound tells than a word."""


def group_heading(corpus: Corpus, group: Group) -> str:
    """The terms of a group as its members write them: 「歩道・除雪」, "Parking, campus".

    Empty when no published member uses the leading term.
    """
    names = [_written(corpus, group, _fullest(corpus, group, term)) for term in group.terms]
    return _joined(corpus, names) if names[0] else ""


def own_heading(corpus: Corpus, place: int) -> str:
    """The key sentence of one published wording if it is short, otherwise the names in it.

    A long sentence is not cut: its end may turn its meaning. Empty for an empty wording.
    """
    key = next(iter(telling_passages(corpus, [place], 1, whole=0)), None)
    if key is None:
        return ""
    sentence = " ".join(key.text.split())
    if len(sentence) <= (SHORT if corpus.language == "ja" else LATIN_SHORT):
        return sentence
    return _joined(corpus, _main_names(corpus, place, key)) or sentence[:SHORT] + "…"


def _main_names(corpus: Corpus, place: int, key: Passage) -> list[str]:
    """The names in the key sentence that the wording says most, the ones of the measure last."""
    named = list(_names(corpus, place))
    uses = Counter(normal for normal, _ in named)
    sentence = " ".join(key.text.split())
    inside = dict.fromkeys(name for name in named if name[1] in sentence)

    def rank(name: tuple[str, str]) -> tuple[bool, float, int]:
        normal, surface = name
        fuller = FULLER if corpus.numbers[normal] in corpus.parts else 1.0
        return corpus.is_known(normal), -uses[normal] * fuller, sentence.index(surface)

    chosen: list[str] = []
    said: set[int] = set()
    for normal, surface in sorted(inside, key=rank):
        family = corpus.family(corpus.numbers[normal])
        if said.isdisjoint(family):
            chosen.append(surface)
            said |= family
    return chosen[:NAMES]


def _fullest(corpus: Corpus, group: Group, term: int) -> int:
    """The longest compound that every member using `term` uses: 温暖化 becomes 地球温暖化."""
    users = [corpus.terms[place] for place in group.members if term in corpus.terms[place]]
    shared = set(users[0]).intersection(*users[1:]) if users else set()
    wholes = [t for t in shared if t in corpus.parts and corpus.family(term) <= corpus.family(t)]
    return max(wholes, key=lambda t: (len(corpus.names[t]), -t), default=term)


def _written(corpus: Corpus, group: Group, term: int) -> str:
    """The way the published members write a term most often, the first among equals.

    Of "Snow" and "snow" the small one, unless it is rare enough to be a slip in a proper name.
    """
    users = [
        place
        for place in group.members
        if term in corpus.terms[place] and corpus.wordings[place].quotable
    ]
    surfaces = Counter(
        surface
        for place in users[:ASKED]
        for normal, surface in _names(corpus, place)
        if normal == corpus.names[term]
    )
    if not surfaces:
        return ""
    best, _ = surfaces.most_common(1)[0]
    return best.lower() if 2 * surfaces[best.lower()] >= surfaces[best] else best


def _names(corpus: Corpus, place: int) -> Iterator[tuple[str, str]]:
    """The nouns and compounds of a wording: their normal form and the way they are written."""
    text = corpus.wordings[place].text
    read = list(tokens(text, corpus.language))
    for token in read:
        yield from ((one.normal, one.surface) for one in (token, *token.inner) if one.noun)
    for compound in compounds(text, read, corpus.language):
        yield compound.normal, " ".join(compound.surface.split())


def _joined(corpus: Corpus, names: Sequence[str]) -> str:
    """The names in a row, without one that another already holds."""
    kept: list[str] = []
    for name in names:
        if name and not any(name in other or other in name for other in kept):
            kept.append(name)
    if corpus.language == "ja":
        return "・".join(kept)
    heading = ", ".join(kept)
    return heading[:1].upper() + heading[1:]
