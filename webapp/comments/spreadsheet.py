"""Comments in a CSV file, turned into drafts: what came by post, FAX or from another system."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from babel import Locale, UnknownLocaleError
from flask_babel import gettext as _

from webapp.comments.rules import Channel, Draft, Identity, Residency, Stance
from webapp.edge import characters, clean, clean_line
from webapp.measures.rules import SOURCE_LANGUAGE

Code = TypeVar("Code", bound=StrEnum)
Default = TypeVar("Default")

LONGEST_ON_PAPER = 40_000
"""Characters. A letter has no counter beside it, so more is taken than from the form."""
LARGEST_FILE = 50_000_000
COLUMNS = (
    "text",
    "language",
    "action",
    "stance",
    "residency",
    "channel",
    "person",
    "name",
    "address",
    "contact",
)
"""`person` is whatever tells one person of the file from another; rows with the same are theirs."""


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be taken in, by the line it begins on."""

    line: int
    reason: str


@dataclass(frozen=True)
class Sheet:
    """What was read from a file: drafts, and the rows that are none."""

    drafts: Sequence[Draft]
    bad: Sequence[BadRow]


class UnreadableSheet(Exception):
    """The file as a whole cannot be read; the message says why, in the reader's language."""


def read_sheet(path: Path, columns: Mapping[str, str], fixed: Mapping[str, str]) -> Sheet:
    """Read a CSV file in UTF-8 (with or without BOM) or Shift_JIS.

    `columns` maps our names (see COLUMNS) to the file's; `fixed` gives a value for every row where
    there is no such column. Raises UnreadableSheet and OSError.
    """
    raw = _bytes_of(path)
    rows = csv.DictReader(io.StringIO(_decoded(raw), newline=""), strict=True)
    headings = rows.fieldnames or []
    missing = [name for name in columns.values() if name not in headings]
    if missing:
        raise UnreadableSheet(
            _(
                "The file has no column %(name)s. Its columns are: %(columns)s",
                name=", ".join(missing),
                columns=", ".join(headings),
            )
        )
    origin = hashlib.sha256(raw).hexdigest()
    drafts: list[Draft] = []
    bad: list[BadRow] = []
    for line, row in _numbered(rows):
        typed = {**fixed, **{ours: row.get(theirs) or "" for ours, theirs in columns.items()}}
        try:
            drafts.append(_draft(typed, f"import:{origin}:{line}"))
        except ValueError as reason:
            bad.append(BadRow(line, str(reason)))
    return Sheet(drafts, bad)


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        raw = file.read(LARGEST_FILE + 1)
    if len(raw) > LARGEST_FILE:
        raise UnreadableSheet(_("The file is larger than 50 MB. Please split it."))
    return raw


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableSheet(_("The file is neither UTF-8 nor Shift_JIS."))


def _numbered(rows: csv.DictReader[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    line = 2
    try:
        for row in rows:
            yield line, row
            line = rows.line_num + 1
    except csv.Error as error:
        raise UnreadableSheet(
            _("Line %(line)s cannot be read: %(reason)s", line=rows.line_num, reason=error)
        ) from error


def _draft(typed: Mapping[str, str], form_key: str) -> Draft:
    text = clean(typed["text"])
    if not text:
        raise ValueError(_("The text is empty."))
    if characters(text) > LONGEST_ON_PAPER:
        raise ValueError(_("The text has more than %(most)s characters.", most=LONGEST_ON_PAPER))
    return Draft(
        text=text,
        language=_language(typed["language"]),
        form_key=form_key,
        channel=_coded(Channel, typed["channel"], Channel.POST),
        action_code=typed.get("action", "").strip() or None,
        stance=_coded(Stance, typed.get("stance", ""), None),
        residency=_coded(Residency, typed.get("residency", ""), None),
        identity=_identity(typed),
        person=clean_line(typed.get("person", "")),
    )


def _language(typed: str) -> str:
    """The code of a language, as the form stores it; Japanese where nothing is said."""
    code = typed.strip().lower() or SOURCE_LANGUAGE
    try:
        if code != "other":
            Locale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError):
        raise ValueError(
            _("%(value)s is no code of a language, such as ja or en.", value=typed)
        ) from None
    return code


def _identity(typed: Mapping[str, str]) -> Identity | None:
    """Who wrote it, as far as the paper says; it takes a name and an address, or neither."""
    name, address = (clean_line(typed.get(column, "")) for column in ("name", "address"))
    if bool(name) != bool(address):
        raise ValueError(_("A name needs an address, and an address a name."))
    return Identity(name, address, clean_line(typed.get("contact", ""))) if name else None


def _coded(codes: type[Code], typed: str, default: Default) -> Code | Default:
    value = typed.strip().lower()
    if not value:
        return default
    if value not in {code.value for code in codes}:
        raise ValueError(_("%(value)s is none of: %(codes)s", value=typed, codes=", ".join(codes)))
    return codes(value)
