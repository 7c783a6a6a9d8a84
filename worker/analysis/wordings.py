"""Comments of the same or nearly the same text, folded into the wordings they share."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.analysis.duplicates import near_copies
from worker.analysis.folding import fingerprint

# A copy with one of these added, dropped or changed may say the opposite.
_STANDS = re.compile(
    r"賛成|賛同|反対|不要|必要|中止|廃止|存続|継続|増や|減ら|延長|短縮|拡大|縮小|support|oppose|against|favou?r"
    r"|more|less|fewer|increas|reduc|keep|remov|stop|start|\byes\b|\bno\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"な(?:い(?!か|でしょ)|く|かっ|けれ)|ません(?!か|でしょ)|ず(?=[、。に])"
    r"|\bnot\b|n['’]t\b|\bnever\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CountedComment:
    """One opinion that counts; `quotable` is False when its text is withheld from publication."""

    id: int
    text: str
    language: str
    quotable: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """Comments of nearly the same text, by ascending ids, and the one that speaks for all.

    `versions` counts their texts that differ in more than signs and spaces.
    """

    comments: tuple[int, ...]
    speaker: CountedComment
    versions: int

    @property
    def text(self) -> str:
        """The text of the speaker, not always that of the other copies to the letter."""
        return self.speaker.text

    @property
    def quotable(self) -> bool:
        """Whether any copy is published; if so, a published one speaks."""
        return self.speaker.quotable


def fold(comments: Sequence[CountedComment]) -> list[Wording]:
    """The wordings of `comments` in the order of their first ids, whatever the order given."""
    ordered = sorted(comments, key=lambda comment: comment.id)
    copies = near_copies([comment.text for comment in ordered])
    alone = set(range(len(ordered))).difference(*copies)
    groups = [[ordered[place]] for place in alone]
    for places in copies:
        groups.extend(_of_one_mind([ordered[place] for place in places]))
    return sorted(map(_wording, groups), key=lambda wording: wording.comments)


def _of_one_mind(copies: list[CountedComment]) -> Iterator[list[CountedComment]]:
    """Near copies in one language whose words for and against are the same."""
    minds: defaultdict[tuple[str, ...], list[CountedComment]] = defaultdict(list)
    for copy in copies:
        stands = sorted(stand.lower() for stand in _STANDS.findall(copy.text))
        minds[copy.language, str(len(_DENIES.findall(copy.text))), *stands].append(copy)
    yield from minds.values()


def _wording(comments: list[CountedComment]) -> Wording:
    """The first published comment speaks, so that a withheld copy adds no word of its own."""
    speaker = next((comment for comment in comments if comment.quotable), comments[0])
    versions = 1 if len(comments) == 1 else len({fingerprint(one.text) for one in comments})
    return Wording(tuple(comment.id for comment in comments), speaker, versions)
