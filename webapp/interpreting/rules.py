"""What a translation of a comment is, how long a machine is tried, and what it may cost."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from webapp.accounts.rules import Role
from webapp.citytime import city_day
from webapp.edge import characters, clean, has_piled_marks
from webapp.measures.models import Origin
from webapp.refusal import N_, Refusal

MAY_INTERPRET = (Role.TRANSLATOR, Role.MODERATOR, Role.ADMINISTRATOR)
LONGEST_TRANSLATION = 12_000
"""User-perceived characters, three times the longest comment."""
MOST_ATTEMPTS = 5
PAUSES = tuple(timedelta(minutes=m) for m in (1, 10, 60, 360))
"""Between the attempts at one comment: the fifth is the last."""
PROVIDER_PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180))
"""After so many failures in a row of the provider itself; the last one is repeated."""
LONGEST_PAUSE = timedelta(hours=24)
FAILURES_IN_A_ROW = 3
"""Comments that failed one after another: then it is the provider that fails, not they."""


class Purpose(StrEnum):
    """What a machine elsewhere is paid for."""

    TRANSLATING = "translating"
    DRAFTING = "drafting"


class CommentMoved(Refusal):
    status = 409
    title = N_("The comment has changed")
    explanation = N_("People read other words now than you translated. Your words are kept below.")


@dataclass(frozen=True)
class Shown:
    """A translation that holds for what anyone may read of a comment now, its `source`."""

    body: str
    lang: str
    origin: Origin
    source: str

    def is_of(self, text: str) -> bool:
        """Whether it says just these words, and not those of a longer comment around them."""
        return self.source == text


@dataclass(frozen=True)
class Job:
    """A published text that one worker may send away now; `characters` are reserved for it."""

    comment_id: int
    comment_version: int
    text: str
    source: str
    target: str
    month: str
    attempt: int

    @property
    def characters(self) -> int:
        return cost_of(self.text)


def cost_of(text: str) -> int:
    """What providers count: code points of the text that is sent."""
    return len(text)


def source_digest(published: str) -> str:
    """Names the published text that a translation was made from."""
    return hashlib.sha256(published.encode()).hexdigest()


def targets_for(language: str, languages: Collection[str]) -> tuple[str, ...]:
    """The languages that a comment in `language` needs a translation into, as HTML tags."""
    return tuple(dict.fromkeys(lang for lang in languages if lang != language))


def month_of(instant: datetime) -> str:
    """The month in the city, like 2026-11: the one that a character budget is for."""
    return f"{city_day(instant):%Y-%m}"


def pause_before(attempts: int) -> timedelta | None:
    """How long a comment waits after this many attempts; None when it is time to give up."""
    return PAUSES[attempts - 1] if attempts < MOST_ATTEMPTS else None


def provider_pause(failures: int, asked: timedelta | None = None) -> timedelta:
    """How long nothing is sent after so many failures in a row, and never less than `asked`."""
    grown = PROVIDER_PAUSES[min(failures, len(PROVIDER_PAUSES)) - 1]
    return min(max(grown, asked or grown), LONGEST_PAUSE)


def taken_in(answer: object, source: str) -> str | None:
    """What a machine answered, as text that may be stored; None when it cannot be a translation."""
    if not isinstance(answer, str) or len(answer) > LONGEST_TRANSLATION * 4:
        return None
    body = clean(answer)
    longest = min(LONGEST_TRANSLATION, 200 + 8 * characters(source))
    if not body or characters(body) > longest or has_piled_marks(body):
        return None
    return body
