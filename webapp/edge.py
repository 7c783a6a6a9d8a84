"""What was typed, made safe to store: one normaliser for every text that enters the house."""

from __future__ import annotations

import unicodedata

import regex

# Embeddings, overrides and isolates can make a text read otherwise than it is stored
# (Unicode Technical Report 36, "Bidirectional Text Spoofing").
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_CONTROLS = dict.fromkeys(c for c in [*range(0x20), *range(0x7F, 0xA0)] if c not in (0x09, 0x0A))
# Unicode keeps these for use inside a program; ours marks readings with them (`webapp.furigana`).
_NONCHARACTERS = dict.fromkeys(range(0xFDD0, 0xFDF0))
_SURROGATES = regex.compile(r"[\ud800-\udfff]")
# Normalising sorts the marks on a letter, in quadratic time: a pile is cut first. What is left of
# it is still too much for `has_piled_marks`.
_PILE = regex.compile(r"(\p{M}{30})\p{M}+")
_PILED_MARKS = regex.compile(r"\p{M}{21,}")
_CLUSTER = regex.compile(r"\X")


def clean(text: str) -> str:
    """NFC, newlines as \\n, no control or direction-changing characters, no spaces at the ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    text = _SURROGATES.sub("\ufffd", text).translate(_BIDI | _CONTROLS | _NONCHARACTERS)
    text = _PILE.sub(r"\1", text)
    return unicodedata.normalize("NFC", text).strip()


def clean_line(text: str) -> str:
    """The same for a field of one line: any white space becomes one space."""
    return " ".join(clean(text).split())


def characters(text: str) -> int:
    """Length as a person counts: user-perceived characters (Unicode Annex 29, clusters)."""
    return sum(1 for _ in _CLUSTER.finditer(text))


def has_piled_marks(text: str) -> bool:
    """True when more than 20 marks stand on one letter, which no script needs."""
    return _PILED_MARKS.search(text) is not None
