"""What an author changed between two versions of a text, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

import regex

from webapp.comments.models import Comment, CommentVersion

# Japanese has no spaces: where the script changes, a word mostly does too.
_WORD = regex.compile(
    r"\p{Han}+|\p{Hiragana}+|[\p{Katakana}ー]+|[\p{L}\p{M}\p{N}]+|\n|[^\S\n]+|.", regex.DOTALL
)


@dataclass(frozen=True)
class Change:
    """A run of text that was kept, taken out or put in: "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Rewriting:
    """One step from a version of a comment to the next. `other` is true when answers changed."""

    at: datetime
    changes: tuple[Change, ...]
    other: bool


def changes(before: str, after: str) -> tuple[Change, ...]:
    """The steps from one text to the other. Without the new it is the old, and the reverse."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    found: list[Change] = []
    for _, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
        if old[i:j] == new[k:m]:
            found.append(Change("same", "".join(old[i:j])))
            continue
        gone, put_in = Change("gone", "".join(old[i:j])), Change("new", "".join(new[k:m]))
        found += [change for change in (gone, put_in) if change.text]
    return tuple(found)


def rewritings(comment: Comment, earlier: Sequence[CommentVersion]) -> list[Rewriting]:
    """Every rewriting of a comment, the newest first."""
    followers: list[Comment | CommentVersion] = [*earlier[1:], comment]
    return [
        Rewriting(old.replaced_at, changes(old.text, new.text), _answers_differ(old, new))
        for old, new in zip(earlier, followers, strict=False)
    ][::-1]


def _answers_differ(before: CommentVersion, after: Comment | CommentVersion) -> bool:
    names = ("language", "action_id", "stance", "residency")
    return any(getattr(before, name) != getattr(after, name) for name in names)
