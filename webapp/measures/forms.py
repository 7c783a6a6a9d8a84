"""The programme file, turned from what was typed into what was meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TypeAlias

import yaml
from flask_babel import lazy_gettext as _l
from yaml.scanner import ScannerError

from webapp.edge import characters, clean
from webapp.measures.rules import (
    HOLDS,
    SOURCE_LANGUAGE,
    STAGE_HOLDS,
    Entry,
    EntryKind,
    MalformedProgramme,
    Programme,
)

LARGEST_FILE = 1_000_000
"""Bytes; a programme of a thousand entries in five languages is smaller."""
LONGEST_TEXT = 2_000
LONGEST_CODE = 40
DEEPEST = 80
"""YAML nodes inside one another, two for each level of entries: a limit only to an attack."""

Fields: TypeAlias = dict[str, yaml.Node]

_CODE = re.compile(r"[0-9a-z]+(-[0-9a-z]+)*")
_LOCALE = re.compile(r"[a-z]{2}(-[a-z]{1,9})?")
_NOTHING = "tag:yaml.org,2002:null"
_LISTS = {f"{kind}s": kind for kind in EntryKind}
# Nothing of the city's text is taken out unasked: what cannot be seen is refused with its line. The
# line and paragraph separators are among it because YAML counts lines by them and editors do not.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def read_programme(path: Path) -> Programme:
    """Read a stage from its YAML file.

    Raises MalformedProgramme, which names the line at fault, and OSError when the file cannot be
    opened.
    """
    stage = _root(_decoded(path))
    fields = _fields(stage, {"slug", "title", "notice", *_list_keys(STAGE_HOLDS)})
    programme = Programme(
        slug=_code(_needed(stage, fields, "slug")),
        title=_translated(_needed(stage, fields, "title")),
        notice=_translated(_needed(stage, fields, "notice")),
        entries=tuple(_children(fields, {})),
    )
    if not any(entry.kind is EntryKind.MEASURE for entry in programme.all_entries()):
        raise _at(stage, _l("The programme has no measures."))
    return programme


def _decoded(path: Path) -> str:
    """The text of the file. Some editors put a byte order mark first, so one may stand there."""
    with path.open("rb") as file:
        raw = file.read(LARGEST_FILE + 1)
    if len(raw) > LARGEST_FILE:
        raise MalformedProgramme(1, _l("The file is larger than 1 MB."))
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        reason = _l("This is not UTF-8 text. Save the file in the UTF-8 encoding.")
        raise MalformedProgramme(line, reason) from error


class _PlainLoader(yaml.SafeLoader):
    """YAML without anchors, aliases, tags and nesting deep enough to exhaust the stack."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call] -- its stub names no types
        line = event.start_mark.line + 1
        if event.anchor is not None or getattr(event, "tag", None) is not None:
            raise MalformedProgramme(line, _l("A text that begins with &, * or ! needs quotes."))
        if self.depth == DEEPEST:
            raise MalformedProgramme(line, _l("The entries are nested too deeply."))
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _root(text: str) -> yaml.Node:
    """The top of the file's tree of nodes, each of which knows its line."""
    _refuse_unseen(text, first_line=1)
    loader = _PlainLoader(text)
    reason = _l("This is not valid YAML. Check the indentation, colons and quotation marks.")
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise MalformedProgramme(_line_of(error), reason) from error
    except (ValueError, OverflowError) as error:  # PyYAML lets an escape beyond Unicode by
        raise MalformedProgramme(loader.line + 1, reason) from error
    if root is None:
        raise MalformedProgramme(1, _l("The file is empty."))
    return root


def _line_of(error: yaml.MarkedYAMLError) -> int:
    """Where a person would look: at the start of an unclosed quotation, not where it was noticed."""
    marks = [error.problem_mark, error.context_mark]
    if isinstance(error, ScannerError):
        marks.reverse()
    return next((mark.line + 1 for mark in marks if mark), 1)


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _at(node: yaml.Node, reason: object) -> MalformedProgramme:
    return MalformedProgramme(_line(node), reason)


def _refuse_unseen(text: str, first_line: int) -> None:
    found = _UNSEEN.search(text)
    if found:
        line = first_line + text.count("\n", 0, found.start())
        name = f"U+{ord(found[0]):04X}"
        raise MalformedProgramme(line, _l("There is a control character (%(name)s).", name=name))


def _fields(
    node: yaml.Node, known: Collection[str], *, texts: bool = False
) -> dict[str, yaml.Node]:
    """A mapping's values by key, in their order; with `texts`, languages are keys too."""
    if not isinstance(node, yaml.MappingNode):
        raise _at(node, _l("Keys with values are expected here."))
    fields: Fields = {}
    for key_node, value in node.value:
        key = _scalar(key_node)
        if key not in known and not (texts and _LOCALE.fullmatch(key)):
            raise _at(key_node, _l("The key “%(key)s” is not known here.", key=key[:LONGEST_CODE]))
        if key in fields:
            raise _at(key_node, _l("The key “%(key)s” stands here twice.", key=key))
        fields[key] = value
    return fields


def _needed(node: yaml.Node, fields: Fields, key: str) -> yaml.Node:
    if key not in fields:
        raise _at(node, _l("The key “%(key)s” is missing.", key=key))
    return fields[key]


def _list_keys(kinds: Collection[EntryKind]) -> set[str]:
    return {key for key, kind in _LISTS.items() if kind in kinds}


def _children(fields: Fields, lines: dict[str, int]) -> Iterator[Entry]:
    """The entries of every list among these fields, in the order of the file."""
    for key, node in fields.items():
        if key not in _LISTS:
            continue
        if not isinstance(node, yaml.SequenceNode):
            raise _at(node, _l("A list is expected here."))
        for item in node.value:
            yield _entry(_LISTS[key], item, lines)


def _entry(kind: EntryKind, node: yaml.Node, lines: dict[str, int]) -> Entry:
    """An entry and all below it. `lines` remembers where each code of the stage was first used."""
    fields = _fields(node, {"code", *_list_keys(HOLDS[kind])}, texts=True)
    code_node = _needed(node, fields, "code")
    code = _code(code_node)
    if code in lines:
        reason = _l("The code “%(code)s” is already on line %(line)s.", code=code, line=lines[code])
        raise _at(code_node, reason)
    lines[code] = _line(code_node)
    return Entry(kind, code, _texts(node, fields), tuple(_children(fields, lines)))


def _translated(node: yaml.Node) -> dict[str, str]:
    return _texts(node, _fields(node, (), texts=True))


def _texts(node: yaml.Node, fields: Fields) -> dict[str, str]:
    _needed(node, fields, SOURCE_LANGUAGE)
    return {key: _text(value) for key, value in fields.items() if _LOCALE.fullmatch(key)}


def _text(node: yaml.Node) -> str:
    written = _scalar(node)
    _refuse_unseen(written, first_line=_line(node))
    text = "" if node.tag == _NOTHING else clean(written)
    if not text:
        raise _at(node, _l("The text is empty."))
    if characters(text) > LONGEST_TEXT:
        reason = _l("The text is longer than %(longest)s characters.", longest=LONGEST_TEXT)
        raise _at(node, reason)
    return text


def _code(node: yaml.Node) -> str:
    code = _scalar(node)
    if len(code) > LONGEST_CODE or not _CODE.fullmatch(code):
        reason = _l(
            "“%(code)s” cannot be used here. Use small letters, digits and single hyphens,"
            " at most %(longest)s characters.",
            code=code[:LONGEST_CODE],
            longest=LONGEST_CODE,
        )
        raise _at(node, reason)
    return code


def _scalar(node: yaml.Node) -> str:
    """A single value as it is written: `no` stays Norwegian and 1_0 no number."""
    if not isinstance(node, yaml.ScalarNode):
        raise _at(node, _l("A single text is expected here."))
    return str(node.value)
