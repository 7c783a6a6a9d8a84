"""Finding comments that are the same, nearly the same, or copied in part.

Texts that were rewritten in other words are not found, and cannot be by any method of this kind.
"""

import struct
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b, shake_128

import numpy

from worker.analysis.folding import fingerprint, folded

NEAR = 0.7
"""Jaccard similarity from which two texts are near copies; measured on real copied comments."""

LED = 0.6
"""Similarity to one leading text from which texts are shown to a person as a campaign.

Lower than `NEAR`, because two near copies of a third need not be that near to each other; unrelated
comments have at most 0.45 in common on the same data."""

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

MOST_COMPARED = 50
"""Wordings that one is compared with at most, those with the most bands in common first."""

ON_A_SHELF = 8
"""Wordings that speak for all those with the same band."""

_HASH_BYTES = BANDS * ROWS * 4
_SIGNED_64 = struct.Struct("<q")
_AT_ONCE = 512


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


def _minima(parts: Sequence[str]) -> list[int]:
    """The smallest hash of any shingle, for each of `BANDS * ROWS` hash functions."""
    if not parts:
        return []
    smallest = [
        numpy.frombuffer(b"".join(map(_hashes, parts[start : start + _AT_ONCE])), dtype="<u4")
        .reshape(-1, BANDS * ROWS)
        .min(axis=0)
        for start in range(0, len(parts), _AT_ONCE)
    ]
    minima: list[int] = numpy.min(smallest, axis=0).tolist()
    return minima


@lru_cache(maxsize=1 << 15)
def _hashes(shingle: str) -> bytes:
    """One long hash, to be cut into as many short ones as there are hash functions."""
    return shake_128(shingle.encode("utf-8", "surrogatepass")).digest(_HASH_BYTES)


def near_copies(texts: Sequence[str]) -> list[list[int]]:
    """The groups of two or more texts linked by near copies, as ascending positions.

    Two texts are linked when they fold to the same text, or when one was compared with the other
    and is at least `NEAR` alike. Each is compared with a few that share a band, so the time grows
    with the number of texts, however alike they are. Links join: in a chain the ends may be less
    alike. The order of the texts decides nothing but the numbering.
    """
    same = _by_fingerprint(texts)
    groups, shelves = _Groups(len(same)), _Shelves()
    for number, positions in enumerate(same):
        parts = shingles(texts[positions[0]])
        for other in shelves.near(number, parts, groups):
            groups.join(number, other)
        shelves.put(number, parts, groups)
    joined = [sorted(i for number in group for i in same[number]) for group in groups.all()]
    return sorted(group for group in joined if len(group) > 1)


def _by_fingerprint(texts: Sequence[str]) -> list[list[int]]:
    """The positions of each wording, in an order that depends on the wordings alone."""
    positions = defaultdict(list)
    for position, text in enumerate(texts):
        positions[fingerprint(text)].append(position)
    return [positions[wording] for wording in sorted(positions)]


class _Shelves:
    """Wordings seen so far, where the like of them will look: a few for each band."""

    def __init__(self) -> None:
        self._standing: defaultdict[int, list[int]] = defaultdict(list)
        self._parts: dict[int, array[int]] = {}
        self._words: dict[str, int] = {}
        self._bands: list[int] = []

    def near(self, number: int, parts: frozenset[str], groups: "_Groups") -> Iterator[int]:
        """Wordings at least `NEAR` alike, none of a group that `number` has joined meanwhile."""
        self._bands = list(_band_values(parts))
        on_them = Counter(o for band in self._bands for o in self._standing.get(band, ()))
        known = {self._words[part] for part in parts if part in self._words}
        compared = 0
        for other, _ in sorted(on_them.items(), key=lambda found: (-found[1], found[0])):
            if groups.find(number) == groups.find(other):
                continue
            if compared == MOST_COMPARED:
                return
            compared += 1
            if _are_alike(len(parts), known, self._parts[other], NEAR):
                yield other

    def put(self, number: int, parts: frozenset[str], groups: "_Groups") -> None:
        """Let the wording that was just looked for speak where its group has no word yet."""
        stands = False
        for band in self._bands:
            standing = self._standing[band]
            if len(standing) < ON_A_SHELF and not self._is_spoken_for(number, standing, groups):
                standing.append(number)
                stands = True
        if stands:
            words = self._words
            self._parts[number] = array("I", [words.setdefault(p, len(words)) for p in parts])

    @staticmethod
    def _is_spoken_for(number: int, standing: Sequence[int], groups: "_Groups") -> bool:
        """Two of its group are enough: those who are like a third are mostly like one of them."""
        mine = groups.find(number)
        return sum(groups.find(other) == mine for other in standing) >= 2


def _are_alike(size: int, known: set[int], other: Sequence[int], least: float) -> bool:
    """Whether the two are at least `least` alike; sizes alone rule most pairs out.

    `size` counts the shingles of one, `known` are those of them that any other has.
    """
    if min(size, len(other)) < least * max(size, len(other)):
        return False
    shared = len(known.intersection(other))
    return shared > 0 and shared >= least * (size + len(other) - shared)


class Comparing:
    """Compares texts by name, at least `LED` alike or not, and remembers those it was shown."""

    def __init__(self) -> None:
        self._parts: dict[str, array[int]] = {}
        self._words: dict[str, int] = {}
        self._last: tuple[str, set[int]] = ("", set())

    def knows(self, name: str) -> bool:
        return name in self._parts

    def learn(self, name: str, text: str) -> None:
        words = self._words
        self._parts[name] = array("I", [words.setdefault(p, len(words)) for p in shingles(text)])

    def are_alike(self, one: str, other: str) -> bool:
        """False for what it was never shown: nothing is joined unseen."""
        if one not in self._parts or other not in self._parts:
            return False
        if self._last[0] != one:
            self._last = one, set(self._parts[one])
        return _are_alike(len(self._parts[one]), self._last[1], self._parts[other], LED)


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
