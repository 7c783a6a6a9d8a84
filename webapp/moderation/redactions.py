"""Covering words of a text, and reading the text in which they are covered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from webapp.comments.rules import COVER, VISIBLE, Publication
from webapp.moderation.rules import (
    Change,
    Covered,
    NothingCovered,
    NothingLeft,
    Reason,
    Span,
    Verdict,
)

MOST_COVERED = 200
"""Spans in one text; who needs more had better withhold it."""

PERSONAL = frozenset({"phone", "email", "postal-code", "address", "my-number", "person-name"})
"""Rules that point at personal data, marked more strongly than the others."""
NOT_OFFERED = frozenset({"shouting", "nearly-empty", "too-repetitive", "language"})
"""Rules that notice how a text is written; covering what they point at would help nobody."""

_CLUSTER = regex.compile(r"\X")
_WORDS = regex.compile(r"[\p{L}\p{N}]")


def offered_spans(flags: Iterable[Span]) -> list[Covered]:
    """What the machine noticed as spans to cover; a person chooses among them."""
    return [
        Covered(flag.start, flag.end, _reason_for(flag.rule))
        for flag in flags
        if flag.start < flag.end and flag.rule not in NOT_OFFERED
    ]


def _reason_for(rule: str) -> Reason:
    if rule in PERSONAL:
        return Reason.PERSONAL_DATA
    return Reason.ADVERTISING if rule == "link" else Reason.ABUSE


def settled(text: str, spans: Iterable[Covered]) -> tuple[Covered, ...]:
    """The spans in the order of the text: whole characters, inside the text, none over another.

    A span that cuts a user-perceived character is widened to all of it (Unicode Annex 29). Where
    two overlap, the earlier one keeps what both cover.
    """
    ends = [match.end() for match in _CLUSTER.finditer(text)]
    starts = [0, *ends[:-1]]
    found: list[Covered] = []
    for span in sorted(spans):
        inside = [
            (start, end)
            for start, end in zip(starts, ends, strict=False)
            if start < span.end and span.start < end
        ]
        start = max(inside[0][0] if inside else 0, found[-1].end if found else 0)
        if inside and span.start < span.end and start < inside[-1][1]:
            found.append(Covered(start, inside[-1][1], span.reason))
    return tuple(found)


def covered_text(text: str, spans: Sequence[Covered]) -> str:
    """The text with a COVER in place of each span. Raises NothingLeft when no word remains.

    `spans` are settled.
    """
    kept = list(_kept(text, spans))
    if spans and not any(_WORDS.search(part) for part in kept):
        raise NothingLeft
    return COVER.join(kept)


def published_text(text: str, verdict: Verdict) -> str | None:
    """What anyone may read after this verdict; None when it is nothing.

    Raises NothingCovered when it covers no words, and NothingLeft when it covers all of them.
    """
    if verdict.publication is Publication.REDACTED and not verdict.covered:
        raise NothingCovered
    return covered_text(text, verdict.covered) if verdict.publication in VISIBLE else None


def _kept(text: str, spans: Sequence[Covered]) -> Iterator[str]:
    at = 0
    for span in spans:
        yield text[at : span.start]
        at = span.end
    yield text[at:]


@dataclass(frozen=True)
class Part:
    """A run of a published text: words anyone may read, or a COVER with the reason for it."""

    text: str
    reason: Reason | None = None


def parts(published: str, spans: Sequence[Covered]) -> tuple[Part, ...]:
    """A published text in parts, found without its original; joined again it is the text.

    `spans` are those of the original. A COVER that does not stand where it should is left as
    words: its reason would be that of another.
    """
    found: list[Part] = []
    at = shift = 0
    for span in spans:
        start = span.start + shift
        if published[start : start + len(COVER)] != COVER:
            return (Part(published),)
        found += [Part(published[at:start]), Part(COVER, span.reason)]
        at = start + len(COVER)
        shift += len(COVER) - (span.end - span.start)
    return tuple(part for part in (*found, Part(published[at:])) if part.text)


def excerpt(whole: Sequence[Part], words: str) -> tuple[Part, ...]:
    """The parts of a passage, which stands in the whole word for word."""
    start = "".join(part.text for part in whole).find(words)
    end, at = start + len(words), 0
    found: list[Part] = []
    for part in whole:
        cut = part.text[max(0, start - at) : max(0, end - at)]
        at += len(part.text)
        if cut:
            found.append(Part(cut, part.reason))
    return tuple(found) if start >= 0 else (Part(words),)


def occurrences(text: str, words: str) -> list[tuple[int, int]]:
    """Where these words stand in the text, letter for letter, none over another."""
    found, at = [], text.find(words) if words else -1
    while at >= 0:
        found.append((at, at + len(words)))
        at = text.find(words, at + len(words))
    return found


def change_of(
    before: Publication,
    before_text: str | None,
    after: Publication,
    after_text: str | None,
    *,
    is_first: bool,
) -> Change | None:
    """What a decision changes of what anyone may read; None when it is the first, or nothing."""
    was, now = before in VISIBLE, after in VISIBLE
    if is_first or before_text == after_text:
        return None
    if was != now:
        return Change.PUBLISHED if now else Change.WITHHELD
    if after is Publication.PUBLISHED:
        return Change.UNCOVERED
    return Change.COVERED if before is Publication.PUBLISHED else Change.COVERED_OTHERWISE


def spans_for_trail(covered: Sequence[Covered]) -> dict[str, object]:
    """What the trail says of the places a decision covers; nothing where it covers none."""
    spans = [[span.start, span.end, span.reason] for span in covered]
    return {"covered": spans} if spans else {}
