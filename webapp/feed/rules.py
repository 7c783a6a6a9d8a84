"""What counts as news of a stage, in which order, and how much of it a feed holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MOST_COMMENTS = 30
MOST_OTHERS = 30
"""Of answers, summaries and periods together: many comments never push these out."""


class Kind(StrEnum):
    OPENED = "opened"
    CLOSED = "closed"
    COMMENT = "comment"
    ANSWER = "answer"
    REPORT = "report"
    SUMMARY = "summary"


@dataclass(frozen=True)
class News:
    """One thing that is new. `key` names it among its kind for ever.

    `published` is when anyone first could read it, where that is known; `updated` when its words
    last changed. `facts` are what its words are made of.
    """

    kind: Kind
    key: str
    updated: datetime
    published: datetime | None
    facts: Mapping[str, object]


def newest_first(news: Iterable[News]) -> list[News]:
    """The newest first; what is equally new, in the order of kind and key."""
    return sorted(news, key=lambda one: (-one.updated.timestamp(), one.kind, one.key))
