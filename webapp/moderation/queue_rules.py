"""Places in the queue of comments to read, and the parts of it that may be wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from webapp.edge import LARGEST_ID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEY = re.compile(r"(\d{1,16})-(\d{1,10})", re.ASCII)


@dataclass(frozen=True, order=True)
class QueueKey:
    """A place in the queue, which is ordered by the time of receipt. Written like 1795…-12."""

    received_at: datetime
    id: int

    @classmethod
    def parse(cls, written: str) -> QueueKey | None:
        """The place this says, or None when it says none."""
        found = _KEY.fullmatch(written)
        if not found or int(found[2]) > LARGEST_ID:
            return None
        return cls(_EPOCH + timedelta(microseconds=int(found[1])), int(found[2]))

    def __str__(self) -> str:
        return f"{(self.received_at - _EPOCH) // timedelta(microseconds=1)}-{self.id}"


@dataclass(frozen=True)
class QueueFilter:
    """Which part of the queue is wanted: a stage's slug, a pillar's or measure's code, and so on.

    `age` is for how many days it has waited at least, `words` what its text holds, all of them.
    """

    stage: str = ""
    pillar: str = ""
    measure: str = ""
    language: str = ""
    channel: str = ""
    flag: str = ""
    age: str = ""
    words: str = ""

    @property
    def days(self) -> int:
        """`age` as a number, 0 for any; what is no number asks for nothing."""
        return int(self.age) if re.fullmatch(r"\d{1,4}", self.age, re.ASCII) else 0

    @property
    def is_about_texts(self) -> bool:
        """Whether comments have to be looked at one by one to know which are wanted."""
        return bool(self.language or self.channel or self.flag or self.words.split())
