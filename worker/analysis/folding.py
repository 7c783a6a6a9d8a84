"""The forms of a text on which it is compared and searched.

A text is shown as it was written. It is compared on `folded`, and rules that point at a span read
`levelled`, which remembers where each of its characters stood in the original.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import regex

MARKS_IN_A_ROW = 30
"""Combining marks kept on one character: the Stream-Safe Text Format of UAX #15, section 13.

No living script stacks more. Without a limit, normalising a run of n marks takes n² steps."""

_MARK = r"[\p{M}\uff9e\uff9f]"  # half-width voicing signs become marks
_MARKS_BEYOND_LIMIT = regex.compile(rf"({_MARK}{{{MARKS_IN_A_ROW}}}){_MARK}+")
_NOT_COMPARED = regex.compile(r"[\p{P}\p{S}\p{Z}\p{Cc}\p{Cf}\p{Variation_Selector}]+")
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\ufe58\ufe63\uff0d", "-")
_DASH_BETWEEN_DIGITS = regex.compile(r"(?<=[0-9])[ー一](?=[0-9])")


def normalised(text: str) -> str:
    """The NFKC form, in time that grows with the length, whatever was sent."""
    return unicodedata.normalize("NFKC", _MARKS_BEYOND_LIMIT.sub(r"\1", text))


def folded(text: str) -> str:
    """The text without case, width, punctuation, symbols, spaces and invisible characters."""
    letters = _NOT_COMPARED.sub("", normalised(normalised(text).casefold()))
    return normalised(letters)


def fingerprint(text: str) -> str:
    """64 hex digits, equal for texts that differ only in what `folded` removes.

    A text of symbols alone ("👍", "!!") is told apart by its NFKC form instead.
    """
    compared = folded(text) or normalised(text).strip()
    return hashlib.sha256(compared.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Levelled:
    """A text of half-width digits, letters and hyphens, without invisible characters."""

    text: str
    original: str
    _origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original, in code points, behind a span of `text`."""
        if start >= end:
            return 0, 0
        return self._origins[start], self._origins[end - 1] + 1


def levelled(text: str) -> Levelled:
    """Fold character by character, so that a pattern sees `０９０－１２` and `090‐12` alike.

    Circled and other ornamental figures stay: in `①2-3` the first is no digit of the number.
    """
    kept = [(plain, place) for place, raw in enumerate(text) if (plain := _plain(raw))]
    joined = "".join(plain for plain, _ in kept)
    return Levelled(_DASH_BETWEEN_DIGITS.sub("-", joined), text, tuple(place for _, place in kept))


@lru_cache(maxsize=16_384)
def _plain(raw: str) -> str:
    """One plain character, or nothing for one that cannot be seen."""
    if raw in _DASHES:
        return _DASHES[raw]
    if _is_invisible(raw):
        return ""
    compatible = unicodedata.normalize("NFKC", raw)
    is_ornamental = unicodedata.category(raw) in {"No", "So"}
    return raw if is_ornamental or len(compatible) != 1 else compatible


def _is_invisible(raw: str) -> bool:
    return unicodedata.category(raw) in {"Cf", "Mn"} and raw not in "\u3099\u309a"
