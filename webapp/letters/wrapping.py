"""Lines of plain text, wrapped as Japanese and English are: a mail program shows them as they are.

Between Japanese letters a line may break anywhere, except where the rules of line breaking (kinsoku
shori, as in JIS X 4051) forbid it: no line begins with a closing mark, a small kana or a mark of
prolonged sound, none ends with an opening mark. Words and addresses of other scripts stay whole.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import regex

WIDTH = 76
"""Columns of a line; a Japanese letter takes two. RFC 5322 asks for at most 78."""
NOT_FIRST = frozenset(
    "、。，．・：；？！‼⁇ー～〜…‥゛゜ヽヾゝゞ々〻’”）〕］｝〉》」』】｠〙〗»"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ%％‰℃°)]},.:;?!"
)
NOT_LAST = frozenset("‘“（〔［｛〈《「『【｟〘〖«([{￥＄£¥$№#＃")
_PIECES = regex.compile(r"[ \t]+|\X")  # a no-break space holds together what it stands between
_OPENING = regex.compile(r"\s*(?:[>*] )?\s*")


def wrapped(text: str, width: int = WIDTH) -> str:
    """The text with every line at most `width` columns wide, where the rules let it break."""
    return "\n".join(part for line in text.split("\n") for part in _broken(line, width))


def shortened(text: str, most: int) -> str:
    """The text cut to so many columns at the most, with a mark that something is missing.

    It is cut where a line may break, or within a word that is longer than all the room.
    """
    if columns(text) <= most:
        return text
    room = most - 2
    kept = _fitting(_unbreakable(text), room) or _fitting(regex.findall(r"\X", text), room)
    return kept.rstrip() + "…"


def _fitting(pieces: Iterable[str], room: int) -> str:
    """As many of the pieces, from the first on, as stand in so many columns."""
    kept = ""
    for piece in pieces:
        if columns((kept + piece).rstrip()) > room:
            break
        kept += piece
    return kept


def columns(text: str) -> int:
    """How wide a text stands in letters of equal width."""
    return sum(map(_columns, text))


@lru_cache(maxsize=8_192)
def _columns(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WFA" else 1


def _broken(line: str, width: int) -> list[str]:
    if columns(line) <= width:
        return [line]
    opening = _OPENING.match(line)
    first = opening[0] if opening else ""
    following = first.replace("*", " ")
    lines, so_far, wide = [], first, columns(first)
    for piece in _unbreakable(line[len(first) :]):
        if so_far not in (first, following) and wide + columns(piece.rstrip()) > width:
            lines.append(so_far.rstrip())
            so_far, wide = following, columns(following)
        so_far += piece
        wide += columns(piece)
    return [*lines, so_far.rstrip()]


def _unbreakable(line: str) -> list[str]:
    """The parts between which the line may break; spaces stand at the end of a part."""
    parts: list[str] = []
    for piece in _PIECES.findall(line):
        if parts and _holds_together(parts[-1], piece):
            parts[-1] += piece
        else:
            parts.append(piece)
    return parts


def _holds_together(before: str, piece: str) -> bool:
    if piece.isspace() or before[-1] == "\u00a0" or piece[0] in NOT_FIRST or before[-1] in NOT_LAST:
        return True
    return not before[-1].isspace() and not _is_japanese(before[-1]) and not _is_japanese(piece[0])


def _is_japanese(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"
