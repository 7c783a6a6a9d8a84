"""What was typed, made safe to store: one normaliser for every text that enters the house."""

from __future__ import annotations

import unicodedata

import regex

# Embeddings, overrides and isolates can make a text read otherwise than it is stored
# (Unicode Technical Report 36, "Bidirectional Text Spoofing").
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_CONTROLS = dict.fromkeys(c for c in [*range(0x20), *range(0x7F, 0xA0)] if c not in (0x09, 0x0A))
# Unicode keeps these for use inside a program; ours marks readings with some (`webapp.furigana`).
_NONCHARACTERS = dict.fromkeys(
    [
        *range(0xFDD0, 0xFDF0),
        *(0x10000 * plane + end for plane in range(17) for end in (0xFFFE, 0xFFFF)),
    ]
)
_SURROGATES = regex.compile(r"[\ud800-\udfff]")
# All that NFC or NFKC sorts when it follows a letter: marks, and the two half-width voicing signs,
# which NFKC turns into marks.
_MARK = r"[\p{M}\uff9e\uff9f]"
# Normalising sorts the marks on a letter, in quadratic time: a pile is cut first. What is left of
# it is still too much for `has_piled_marks`.
_PILE = regex.compile(rf"({_MARK}{{30}}){_MARK}+")
_PILED_MARKS = regex.compile(rf"{_MARK}{{21,}}")
_VISIBLE = regex.compile(r"[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]")
_CLUSTER = regex.compile(r"\X")
# Two of these make a flag. Finding out in a long row of them where one begins takes `\X` quadratic
# time; taken in pairs from the first on, it does not.
_FLAG = regex.compile(r"[\U0001f1e6-\U0001f1ff]{2}")
LARGEST_CLUSTER = 16
"""Code points in one character. The largest that people write, a family of four, has eleven."""

LARGEST_ID = 2**31 - 1
"""The largest number that a row can have."""


def row_id(typed: str) -> int:
    """The number of a row, or of a version, as an address or a form has it.

    Raises ValueError for what is no number, and for one that no row can have.
    """
    number = int(typed)
    if not 0 <= number <= LARGEST_ID:
        raise ValueError(typed)
    return number


def clean(text: str) -> str:
    """NFC, newlines as \\n, no control or direction-changing characters, no spaces at the ends.

    A text in which there is nothing to see is no text.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    text = _SURROGATES.sub("\ufffd", text).translate(_BIDI | _CONTROLS | _NONCHARACTERS)
    text = _PILE.sub(r"\1", text)
    text = unicodedata.normalize("NFC", text).strip()
    return text if _VISIBLE.search(text) else ""


def clean_line(text: str) -> str:
    """The same for a field of one line: any white space becomes one space."""
    return " ".join(clean(text).split())


def characters(text: str) -> int:
    """Length as a person counts: user-perceived characters (Unicode Annex 29, clusters).

    Joiners and fillers can make one of them of a million code points; so what is larger than
    LARGEST_CLUSTER counts as several, and a limit on this length limits what is stored too.
    """
    sizes = (len(cluster[0]) for cluster in _CLUSTER.finditer(_FLAG.sub("\u2691", text)))
    return sum(1 + (size - 1) // LARGEST_CLUSTER for size in sizes)


def has_piled_marks(text: str) -> bool:
    """True when more than 20 marks stand on one letter, which no script needs."""
    return _PILED_MARKS.search(text) is not None
