"""The programme file, turned from what was typed into what was meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TypeAlias

import yaml
from flask_babel import lazy_gettext as _l

from webapp.edge import characters, clean
from webapp.measures.rules import (
    HOLDS,
    SOURCE_LANGUAGE,
    STAGE_HOLDS,
    Entry,
    EntryKind,
    MalformedProgramme,
    Programme,
    UnknownEntry,
)

LARGEST_FILE = 1_000_000  # bytes
LONGEST_TEXT = 2_000  # user-perceived characters
LONGEST_CODE = 40
DEEPEST = 80  # YAML nodes in one another, two to a level of entries: only an attack gets there

_CODE = re.compile(r"[0-9a-z]+(-[0-9a-z]+)*")
_LOCALE = re.compile(r"[a-z]{2}(-[a-z]{1,9})?")
_LISTS = {f"{kind}s": kind for kind in EntryKind}
# Nothing of the city's text is taken out unasked: what cannot be seen is refused with its line. The
# line and paragraph separators are among it because YAML counts lines by them and editors do not.
_UNSEEN = "[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"

Fields: TypeAlias = dict[str, yaml.Node]


def read_programme(path: Path) -> Programme:
    """Read a stage from YAML, and the languages that files beside it add: 5th.vi.yaml to 5th.yaml.

    Raises MalformedProgramme with the line at fault, and OSError.
    """
    programme = _read(path, SOURCE_LANGUAGE)
    for beside in sorted(path.parent.glob(f"{path.stem}.*{path.suffix}")):
        lang = beside.name[len(path.stem) + 1 : -len(path.suffix)]
        if _LOCALE.fullmatch(lang):
            programme = _with_language(programme, beside, lang)
    return programme


def _with_language(programme: Programme, path: Path, lang: str) -> Programme:
    try:
        added = _read(path, lang)
        return programme.with_language(added, lang)
    except MalformedProgramme as fault:
        reason = _l("In %(file)s: %(reason)s", file=path.name, reason=fault.reason)
        raise MalformedProgramme(fault.line, reason) from fault
    except UnknownEntry as unknown:
        known = {"file": path.name, "code": str(unknown)}
        reason = _l("In %(file)s: the programme has no entry “%(code)s”.", **known)
        raise MalformedProgramme(1, reason) from unknown


def _read(path: Path, lang: str) -> Programme:
    """One file, in which each entry is said in this language at least."""
    stage = _root(_decoded(path))
    fields = _fields(stage, {"slug", "title", "notice", *(f"{kind}s" for kind in STAGE_HOLDS)})
    programme = Programme(
        slug=_code(_needed(stage, fields, "slug")),
        title=_translated(_needed(stage, fields, "title"), lang),
        notice=_translated(_needed(stage, fields, "notice"), lang),
        entries=tuple(_children(fields, {}, lang)),
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
        raise MalformedProgramme(line, _l("Save the file in the UTF-8 encoding.")) from error


class _PlainLoader(yaml.SafeLoader):
    """YAML without anchors, aliases, tags and nesting deep enough to exhaust the stack."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # the stub names no type
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
    try:
        root = loader.get_single_node()
    except (yaml.MarkedYAMLError, ValueError, OverflowError) as error:
        # PyYAML lets the bare two out for an escape beyond Unicode.
        reason = _l("This is not valid YAML. Check the indentation, colons and quotation marks.")
        raise MalformedProgramme(_line_of(error, loader.line), reason) from error
    if root is None:
        raise MalformedProgramme(1, _l("The file is empty."))
    return root


def _line_of(error: Exception, reached: int) -> int:
    """Where a person would look: where a quotation begins, not where its end was missed."""
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, yaml.scanner.ScannerError):
        mark = error.context_mark or mark
    return (mark.line if mark else reached) + 1


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _at(node: yaml.Node, reason: object) -> MalformedProgramme:
    return MalformedProgramme(_line(node), reason)


def _refuse_unseen(text: str, first_line: int) -> None:
    if found := re.search(_UNSEEN, text):
        line = first_line + text.count("\n", 0, found.start())
        name = f"U+{ord(found[0]):04X}"
        raise MalformedProgramme(line, _l("There is an invisible character, %(name)s.", name=name))


def _fields(node: yaml.Node, known: Collection[str], *, texts: bool = False) -> Fields:
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


def _children(fields: Fields, lines: dict[str, int], lang: str) -> Iterator[Entry]:
    """The entries of every list among these fields, in the order of the file."""
    lists = {key: node for key, node in fields.items() if key in _LISTS}
    for key, node in lists.items():
        if not isinstance(node, yaml.SequenceNode):
            raise _at(node, _l("A list is expected here."))
        for item in node.value:
            yield _entry(_LISTS[key], item, lines, lang)


def _entry(kind: EntryKind, node: yaml.Node, lines: dict[str, int], lang: str) -> Entry:
    """An entry and all below it. `lines` remembers where each code of the stage was first used."""
    fields = _fields(node, {"code", *(f"{held}s" for held in HOLDS[kind])}, texts=True)
    code_node = _needed(node, fields, "code")
    code = _code(code_node)
    if code in lines:
        reason = _l("The code “%(code)s” is already on line %(line)s.", code=code, line=lines[code])
        raise _at(code_node, reason)
    lines[code] = _line(code_node)
    return Entry(kind, code, _texts(node, fields, lang), tuple(_children(fields, lines, lang)))


def _translated(node: yaml.Node, lang: str) -> dict[str, str]:
    return _texts(node, _fields(node, (), texts=True), lang)


def _texts(node: yaml.Node, fields: Fields, lang: str) -> dict[str, str]:
    _needed(node, fields, lang)
    return {key: _text(value) for key, value in fields.items() if _LOCALE.fullmatch(key)}


def _text(node: yaml.Node) -> str:
    written = _scalar(node)
    _refuse_unseen(written, first_line=_line(node))
    text = "" if node.tag.endswith(":null") else clean(written)
    if not text:
        raise _at(node, _l("The text is empty."))
    if characters(text) > LONGEST_TEXT:
        raise _at(node, _l("The text is longer than %(limit)s characters.", limit=LONGEST_TEXT))
    return text


def _code(node: yaml.Node) -> str:
    code = _scalar(node)
    if len(code) > LONGEST_CODE:
        raise _at(node, _l("The code is longer than %(limit)s characters.", limit=LONGEST_CODE))
    if not _CODE.fullmatch(code):
        raise _at(node, _l("A code is small letters and digits with single hyphens, like 1-3-2."))
    return code


def _scalar(node: yaml.Node) -> str:
    """A single value as it is written: `no` stays Norwegian and 1_0 no number."""
    if not isinstance(node, yaml.ScalarNode):
        raise _at(node, _l("A single text is expected here."))
    return str(node.value)
