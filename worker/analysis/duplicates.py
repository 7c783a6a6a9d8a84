"""Finding comments that are the same, nearly the same, or copied in part.

Texts that were rewritten in other words are not found, and cannot be by any method of this kind.
"""

import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b, shake_128

from worker.analysis.folding import fingerprint, folded

NEAR = 0.7
"""Jaccard similarity from which two texts are near copies; measured on real copied comments."""

PARTIAL = 0.8
"""Share of the shorter text that the longer one must hold."""

PARTIAL_MINIMUM = 10
"""Shingles a text needs before being contained in another means anything."""

LATIN_WIDTH = 5
"""Characters of a shingle of Latin letters. There are so few pairs of them that any two long
English texts hold the same ones."""

BANDS = 24
ROWS = 5
"""A pair of similarity s shares a band with probability 1 − (1 − s^ROWS)^BANDS: 0.988 at 0.7,
0.9998 at 0.8, and 0.0002 at the 0.1 of unrelated comments."""

_HASHES = struct.Struct(f"<{BANDS * ROWS}I")
_SIGNED_64 = struct.Struct("<q")
_AT_ONCE = 512
_WORDINGS_AT_HAND = 4096


def shingles(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of the folded text; a lone character stands alone.

    A pair of Latin letters is widened to `LATIN_WIDTH` characters.
    """
    letters = folded(text)
    if len(letters) == 1:
        return frozenset(letters)
    pairs = map(str.__add__, letters, letters[1:])
    return frozenset(
        letters[i : i + LATIN_WIDTH] if pair.isascii() and pair.isalpha() else pair
        for i, pair in enumerate(pairs)
    )


def similarity(a: str, b: str) -> float:
    """The Jaccard similarity of the shingles, 0 to 1; 0 when neither text has any."""
    return _jaccard(shingles(a), shingles(b))


def containment(a: str, b: str) -> float:
    """The share of the smaller set of shingles that lies in the larger, 0 to 1."""
    return _containment(shingles(a), shingles(b))


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if shared else 0.0


def _containment(a: frozenset[str], b: frozenset[str]) -> float:
    shared = len(a & b)
    return shared / min(len(a), len(b)) if shared else 0.0


def bands(text: str) -> tuple[int, ...]:
    """`BANDS` signed 64-bit integers; near copies very likely share one. Empty without letters.

    MinHash with locality-sensitive hashing. The band's number is part of the value, so one column
    of values can be searched. The same on every machine: nothing depends on `hash()`.
    """
    return tuple(_band_values(shingles(text)))


def _band_values(parts: frozenset[str]) -> Iterator[int]:
    minima = _minima(sorted(parts))
    for band in range(BANDS if minima else 0):
        rows = minima[band * ROWS : (band + 1) * ROWS]
        packed = struct.pack(f"<H{ROWS}I", band, *rows)
        yield _SIGNED_64.unpack(blake2b(packed, digest_size=8).digest())[0]


def _minima(parts: Sequence[str]) -> tuple[int, ...]:
    """The smallest hash of any shingle, for each of `BANDS * ROWS` hash functions."""
    minima: tuple[int, ...] = ()
    for start in range(0, len(parts), _AT_ONCE):
        rows = [_hashes(part) for part in parts[start : start + _AT_ONCE]]
        if minima:
            rows.append(minima)
        minima = tuple(map(min, *rows)) if len(rows) > 1 else rows[0]
    return minima


def _hashes(shingle: str) -> tuple[int, ...]:
    """One long hash cut into as many short ones as there are hash functions."""
    encoded = shingle.encode("utf-8", "surrogatepass")
    return _HASHES.unpack(shake_128(encoded).digest(_HASHES.size))


def near_copies(texts: Sequence[str]) -> list[list[int]]:
    """The groups of two or more texts linked by near copies, as ascending positions.

    Two texts are linked when they fold to the same text, or share a band and are at least `NEAR`
    alike. Links join: in a chain the ends may be less alike. The order of the texts decides
    nothing but the numbering.
    """
    same = _by_fingerprint(texts)
    wording = lru_cache(_WORDINGS_AT_HAND)(lambda number: shingles(texts[same[number][0]]))
    groups = _Groups(len(same))
    for bucket in _buckets(map(wording, range(len(same)))):
        _join_the_near(bucket, wording, groups)
    joined = [sorted(i for number in group for i in same[number]) for group in groups.all()]
    return sorted(group for group in joined if len(group) > 1)


def _by_fingerprint(texts: Sequence[str]) -> list[list[int]]:
    positions = defaultdict(list)
    for position, text in enumerate(texts):
        positions[fingerprint(text)].append(position)
    return list(positions.values())


def _buckets(wordings: Iterable[frozenset[str]]) -> list[list[int]]:
    """The numbers of the wordings that share a band, as candidates to be compared."""
    buckets = defaultdict(list)
    for number, parts in enumerate(wordings):
        for value in _band_values(parts):
            buckets[value].append(number)
    return [bucket for bucket in buckets.values() if len(bucket) > 1]


def _join_the_near(
    bucket: Sequence[int], wording: Callable[[int], frozenset[str]], groups: "_Groups"
) -> None:
    """Join the verified pairs of a bucket, comparing none that already stand together."""
    clusters: list[list[int]] = []
    for one in bucket:
        linked, apart = [one], []
        for members in clusters:
            if groups.find(one) == groups.find(members[0]) or any(
                _is_near(wording(one), wording(other)) for other in members
            ):
                groups.join(one, members[0])
                linked += members
            else:
                apart.append(members)
        clusters = [*apart, linked]


def _is_near(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether the two are at least `NEAR` alike; sizes alone rule most pairs out."""
    small, large = sorted((len(a), len(b)))
    return small >= NEAR * large and _jaccard(a, b) >= NEAR


class _Groups:
    """Disjoint sets of the numbers below `size`, with path halving."""

    def __init__(self, size: int) -> None:
        self._above = list(range(size))

    def find(self, one: int) -> int:
        while self._above[one] != one:
            self._above[one] = self._above[self._above[one]]
            one = self._above[one]
        return one

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.find(one), self.find(other)))
        self._above[high] = low

    def all(self) -> list[list[int]]:
        groups = defaultdict(list)
        for one in range(len(self._above)):
            groups[self.find(one)].append(one)
        return list(groups.values())


def partial_copies(whole: str, texts: Iterable[str]) -> list[int]:
    """The positions of the texts copied in part from `whole`, or that hold all of it.

    One comparison for each text. Texts under `PARTIAL_MINIMUM` shingles are left out: two common
    words lie in every long comment.
    """
    model = shingles(whole)
    return [
        position
        for position, text in enumerate(texts)
        if min(len(model), len(parts := shingles(text))) >= PARTIAL_MINIMUM
        and _containment(model, parts) >= PARTIAL
    ]
