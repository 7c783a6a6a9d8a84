"""Readings over kanji: marks that travel in plain text, and the <ruby> they become in a page.

A reading in the middle of a sentence must not turn up in a title, an attribute or a text area. So
words with readings travel marked by three noncharacters, and only a finished page is looked at:
in running text the marks become <ruby>, everywhere else they go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape, unescape

WORD, READING, END = "\ufdd0", "\ufdd1", "\ufdd2"
"""Code points that Unicode keeps for such a use inside a program; no text may hold them."""

_MARKED = re.compile(f"{WORD}([^{WORD}{READING}{END}]*){READING}([^{WORD}{READING}{END}]*){END}")
_TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
_NAME = re.compile(r"<(/?)([a-z0-9]+)", re.IGNORECASE)
_CODE = re.compile(r"(?:(?:[0-9]+(?:-[0-9]+)*) )?")
# What stands in these is shown as bare text, or already has its reading.
_BARE = frozenset({"title", "textarea", "option", "script", "style", "ruby", "svg"})

_READ_DAYS = ("げつ", "か", "すい", "もく", "きん", "ど", "にち")
_WEEKDAYS = dict(zip("月火水木金土日", _READ_DAYS, strict=True))
_DATE = re.compile(r"([月火水木金土日])(曜日)|(?<=\()([月火水木金土日])(?=\))|(\d+)([年月日])")
_ODD_DAYS = frozenset(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "14", "20", "24"])
"""Days of the month that are read in one with their number, which gets no reading."""


def marked(pieces: Iterable[tuple[str, str]]) -> str:
    """Pieces of text, each with its reading or "", as one text with marks."""
    return "".join(
        f"{WORD}{text}{READING}{reading}{END}" if reading else text for text, reading in pieces
    )


def marked_date(text: str) -> str:
    """A Japanese date as Babel writes it, like 2026年11月24日火曜日, with marks."""
    return _DATE.sub(_read_date, text)


def bare(text: str) -> str:
    """The text without its readings."""
    return _MARKED.sub(r"\1", text)


def spelled_out(text: str) -> str:
    """Marked text as HTML; what is not marked is HTML already."""
    return _MARKED.sub(_ruby, text)


def _read_date(found: re.Match[str]) -> str:
    weekday, unit_of_week, short, number, unit = found.groups()
    if number is None:
        day = weekday or short
        return marked([(day, _WEEKDAYS[day]), (unit_of_week or "", "ようび" if weekday else "")])
    if unit == "日" and number in _ODD_DAYS:
        return found[0]
    return marked([(number, ""), (unit, {"年": "ねん", "月": "がつ", "日": "にち"}[unit])])


def _ruby(found: re.Match[str]) -> str:
    word, reading = found.groups()
    return f"<ruby>{word}<rp>(</rp><rt>{reading}</rt><rp>)</rp></ruby>"


def with_readings(page: str, known: Mapping[str, str] | Callable[[str], str | None]) -> str:
    """A finished page with <ruby> in its running text and no mark anywhere else.

    `known` gives the marked form of a whole passage, such as a measure or the name of an answer;
    the passage may follow the code of its measure. What is not Japanese is left as it is.
    """
    look_up = known.get if isinstance(known, Mapping) else known
    parts = _TAG.split(page)
    closed_by = ""
    for place, part in enumerate(parts):
        if place % 2:
            parts[place] = bare(part)
            closed_by = _after(part, closed_by)
        elif part.strip():
            parts[place] = bare(part) if closed_by else spelled_out(_known(part, look_up))
    return "".join(parts)


def _after(tag: str, closed_by: str) -> str:
    """The name of the element whose end brings running text back; "" while in running text."""
    name = _NAME.match(tag)
    if name is None:
        return closed_by
    element = name[2].lower()
    if closed_by:
        return "" if name[1] and element == closed_by else closed_by
    return element if not name[1] and element in _BARE else ""


def _known(passage: str, look_up: Callable[[str], str | None]) -> str:
    if WORD in passage:
        return passage
    words = passage.strip()
    code = _CODE.match(words)
    rest = words[code.end() if code else 0 :]
    found = look_up(unescape(rest)) if rest else None
    return passage if found is None else passage.replace(rest, escape(found))
