"""Comments of the same or nearly the same text, folded into the wordings they share."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.analysis.duplicates import near_copies


@dataclass(frozen=True, slots=True)
class CountedComment:
    """One opinion that counts; `quotable` is False when its text is withheld from publication."""

    id: int
    text: str
    language: str
    quotable: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """The comments that share a text, and the one of them that speaks for all."""

    comments: tuple[int, ...]
    text: str
    language: str
    quotable: bool
    speaker: int


def folded_wordings(comments: Sequence[CountedComment]) -> list[Wording]:
    """The wordings of `comments`, in the order of their first ids, whatever the order given."""
    ordered = sorted(comments, key=lambda comment: comment.id)
    groups = near_copies([comment.text for comment in ordered])
    alone = set(range(len(ordered))).difference(*groups)
    members = sorted([*(sorted(group) for group in groups), *([place] for place in alone)])
    return [_wording([ordered[place] for place in places]) for places in members]


def _wording(comments: list[CountedComment]) -> Wording:
    """The first publishable comment speaks, so that a withheld copy adds no word of its own."""
    speaker = next((comment for comment in comments if comment.quotable), comments[0])
    ids = tuple(comment.id for comment in comments)
    return Wording(ids, speaker.text, speaker.language, speaker.quotable, speaker.id)
