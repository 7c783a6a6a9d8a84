"""How a state is boiled down to a digest, and how entries are linked into a chain."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from webapp.edge import LARGEST_ID

GENESIS = "0" * 64
"""The link that the first entry of a chain follows."""

_HEAD = re.compile(r"(\d{1,10}):([0-9a-f]{64})", re.ASCII)


def digest(state: Mapping[str, object]) -> str:
    """SHA-256, in hex, of the state as canonical JSON."""
    canonical = json.dumps(state, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


class Entry(Protocol):
    """What of an entry is linked into the chain."""

    @property
    def id(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def before(self) -> str | None: ...
    @property
    def after(self) -> str | None: ...


class SealedEntry(Entry, Protocol):
    """An entry that has its place in the chain."""

    @property
    def position(self) -> int | None: ...
    @property
    def link(self) -> str | None: ...


@dataclass(frozen=True)
class Head:
    """The last link of a chain and how many entries lead to it. Written like 120:9f86d0…"""

    position: int = 0
    link: str = GENESIS

    @classmethod
    def parse(cls, written: str) -> Head | None:
        """The head this says, or None when it says none."""
        found = _HEAD.fullmatch(written.strip())
        return cls(int(found[1]), found[2]) if found and int(found[1]) <= LARGEST_ID else None

    def __str__(self) -> str:
        return f"{self.position}:{self.link}"

    def followed_by(self, entry: Entry) -> Head:
        """The head after this entry was linked to the chain."""
        position = self.position + 1
        said = [
            self.link,
            position,
            entry.id,
            entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            entry.actor,
            entry.action,
            entry.subject,
            entry.before,
            entry.after,
        ]
        canonical = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        return Head(position, hashlib.sha256(canonical.encode()).hexdigest())


class Fault(StrEnum):
    """What does not hold of a chain."""

    MISSING = "missing"
    BROKEN = "broken"
    SHORT = "short"
    LONG = "long"
    OTHER_HEAD = "other-head"
    OTHER_THAN_NOTED = "other-than-noted"


@dataclass(frozen=True)
class Break:
    """The first place where a chain does not hold. `entry_id` is the row found there, if any."""

    fault: Fault
    position: int
    entry_id: int | None = None


def walk(start: Head, entries: Iterable[SealedEntry]) -> Iterator[Head | Break]:
    """The head after each entry, as far as the chain holds; a Break ends it.

    `entries` stand in the order of their positions, the first behind `start`.
    """
    head = start
    for entry in entries:
        if entry.position != head.position + 1:
            yield Break(Fault.MISSING, head.position + 1, entry.id)
            return
        head = head.followed_by(entry)
        if head.link != entry.link:
            yield Break(Fault.BROKEN, head.position, entry.id)
            return
        yield head


def compared(reached: Head, kept: Head) -> Break | None:
    """What is wrong with the end of a chain, against the head that was kept apart from it."""
    if reached.position < kept.position:
        return Break(Fault.SHORT, reached.position + 1)
    if reached.position > kept.position:
        return Break(Fault.LONG, kept.position + 1)
    return None if reached.link == kept.link else Break(Fault.OTHER_HEAD, reached.position)
