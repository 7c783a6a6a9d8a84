"""Files for an outside translator, as CSV and as XLIFF 1.2, and what comes back in them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from flask_babel import gettext as _

from webapp.csv_file import inert
from webapp.edge import characters, clean
from webapp.measures.rules import SOURCE_LANGUAGE
from webapp.translating.queries import Work
from webapp.translating.rules import LONGEST_TEXT, Wording

COLUMNS = ("id", "place", "ja", "translation")
XLIFF = "urn:oasis:names:tc:xliff:document:1.2"
"""OASIS XLIFF 1.2: one <trans-unit> for each text."""
_KEY = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)


class BadFile(Exception):
    """The file does not match; `reasons` say where and why, in the reader's language."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


def as_csv(work: Sequence[Work]) -> bytes:
    """The texts and what there is of their translations. No cell starts a formula."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for one in work:
        target = one.target.body if one.target else ""
        rows.writerow([one.key, one.place, inert(one.source.body), inert(target)])
    return file.getvalue().encode("utf-8-sig")


def as_xliff(work: Sequence[Work], *, stage: str, lang: str) -> bytes:
    """The same as XLIFF 1.2; `state` says what is new, stale, or to be checked."""
    ElementTree.register_namespace("", XLIFF)
    root = ElementTree.Element(f"{{{XLIFF}}}xliff", {"version": "1.2"})
    about = {
        "original": stage,
        "source-language": SOURCE_LANGUAGE,
        "target-language": lang,
        "datatype": "plaintext",
    }
    file = ElementTree.SubElement(root, f"{{{XLIFF}}}file", about)
    body = ElementTree.SubElement(file, f"{{{XLIFF}}}body")
    for one in work:
        unit = ElementTree.SubElement(
            body, f"{{{XLIFF}}}trans-unit", {"id": one.key, "resname": one.place}
        )
        ElementTree.SubElement(unit, f"{{{XLIFF}}}source").text = one.source.body
        target = ElementTree.SubElement(unit, f"{{{XLIFF}}}target", {"state": _STATES[one.state]})
        target.text = one.target.body if one.target else ""
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


_STATES = {
    "missing": "needs-translation",
    "stale": "needs-adaptation",
    "machine": "needs-review-translation",
    "done": "final",
}


def read_back(raw: bytes, work: Sequence[Work], *, lang: str) -> Sequence[Wording]:
    """The translations in a file that was made from this work; empty ones are left out.

    Raises BadFile with every reason why it does not match: nothing of it is taken then.
    """
    is_xliff = raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
    units = list(_xliff_units(raw, lang) if is_xliff else _csv_units(raw))
    known = {one.key: one for one in work}
    reasons: list[str] = []
    found: dict[str, Wording] = {}
    for place, key, source, target in units:
        trouble = _trouble(key, source, target, known, found)
        if trouble:
            reasons.append(f"{place}: {trouble}")
        elif target:
            match = _KEY.fullmatch(key)
            if match:
                found[key] = Wording(int(match[1]), int(match[2]), target)
    if not units:
        reasons.append(_("The file holds no texts."))
    if reasons:
        raise BadFile(reasons)
    return list(found.values())


def _trouble(
    key: str, source: str, target: str, known: dict[str, Work], found: dict[str, Wording]
) -> str:
    """Why one text of a file cannot be taken; empty when it can."""
    if key not in known:
        text_id = key.rpartition("-")[0]
        if any(other.rpartition("-")[0] == text_id for other in known):
            return str(_("The Japanese of this text has changed since the file was made."))
        return str(_("There is no text %(key)s in this programme.", key=key or "–"))
    if key in found:
        return str(_("The text %(key)s stands in the file twice.", key=key))
    if clean(source) != clean(known[key].source.body):
        return str(_("The Japanese was changed in the file."))
    if characters(target) > LONGEST_TEXT:
        return str(_("The text has more than %(most)s characters.", most=LONGEST_TEXT))
    return ""


def _csv_units(raw: bytes) -> Iterator[tuple[str, str, str, str]]:
    rows = csv.DictReader(io.StringIO(_decoded(raw), newline=""), strict=True)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise BadFile([_("The file has no column %(name)s.", name=", ".join(missing))])
    try:
        for row in rows:
            line = str(_("Line %(line)s", line=rows.line_num))
            cells = (row[name] or "" for name in ("id", "ja", "translation"))
            key, source, target = (clean(_spoken(cell)) for cell in cells)
            yield line, key, source, target
    except csv.Error as error:
        raise BadFile(
            [_("Line %(line)s cannot be read: %(reason)s", line=rows.line_num, reason=error)]
        ) from error


def _xliff_units(raw: bytes, lang: str) -> Iterator[tuple[str, str, str, str]]:
    try:
        root = fromstring(raw, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise BadFile([_("The file is no XLIFF that can be read.")]) from error
    for file in root.iter(f"{{{XLIFF}}}file"):
        if file.get("target-language") != lang:
            raise BadFile([_("The file is for another language.")])
        for unit in file.iter(f"{{{XLIFF}}}trans-unit"):
            key = unit.get("id", "")
            source, target = (_text(unit.find(f"{{{XLIFF}}}{tag}")) for tag in ("source", "target"))
            yield str(_("Text %(key)s", key=key)), key, source, target


def _text(element: ElementTree.Element | None) -> str:
    return clean("".join(element.itertext())) if element is not None else ""


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile([_("The file is neither UTF-8 nor Shift_JIS.")])


def _spoken(cell: str) -> str:
    """A cell as it was before it was made inert."""
    return cell[1:] if cell.startswith("'") and inert(cell[1:]) == cell else cell
