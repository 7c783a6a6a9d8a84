"""The receipt as a PDF to keep: made in memory from data, stored nowhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import typst
from flask_babel import gettext as _

from webapp.catalogues import tag
from webapp.i18n import chosen_language, city_datetime
from webapp.receipts.status import AuthorStatus

TEMPLATE = Path(__file__).with_name("sheet.typ")
PREFERRED = ("Noto Sans CJK JP", "Noto Sans JP", "BIZ UDPGothic", "IPAexGothic", "IPAGothic")
SAMPLE = """
#set document(title: "A")
#set text(font: sys.inputs.font, fallback: false)
A あ ア 梅
"""
READABLE: Literal["ua-1"] = "ua-1"
"""PDF/UA-1: tagged, titled, and every letter has a shape. The last cannot always be had."""


class NoJapaneseFont(RuntimeError):
    """This machine has no font for Japanese, and a sheet of empty boxes helps nobody."""


class BadSheet(RuntimeError):
    """The template said something unexpected, such as that a font is missing."""


@cache
def fonts() -> typst.Fonts:
    """The fonts of this machine, looked for once."""
    return typst.Fonts()


@cache
def japanese_font() -> str:
    """A family that can write Japanese. Raises NoJapaneseFont: typst itself would only warn."""
    known = fonts().families()
    wanted = [family for family in PREFERRED if family in known]
    for family in [*wanted, *sorted(set(known) - set(wanted))]:
        try:
            _compile(SAMPLE.encode(), {"font": family}, readable=True)
        except (typst.TypstError, BadSheet):
            continue
        return family
    raise NoJapaneseFont(", ".join(known))


def receipt_sheet(statuses: Sequence[AuthorStatus], secret: str, address: str) -> bytes:
    """Number, secret, where to look, and all that was written, in the language of the page.

    Raises NoJapaneseFont and BadSheet.
    """
    return written(_data(statuses, secret, address))


def written(data: Mapping[str, object], template: Path = TEMPLATE) -> bytes:
    """The sheet itself. A letter that no font has is left out, and the sheet says so."""
    data = {**data, "font": japanese_font()}
    source = template.read_bytes()
    try:
        return _compile(source, {"data": json.dumps({**data, "incomplete": ""})}, readable=True)
    except typst.TypstError as trouble:
        if "could not be displayed" not in trouble.message:
            raise
    return _compile(source, {"data": json.dumps(data)}, readable=False)


def _data(statuses: Sequence[AuthorStatus], secret: str, address: str) -> Mapping[str, object]:
    lang, number = tag(chosen_language()), statuses[0].number
    return {
        "lang": lang,
        "region": {"ja": "jp", "en": "gb"}.get(lang),
        "site": _("Tomakomai public comments"),
        "title": _("Receipt for a public comment"),
        "number": number,
        "codes": [(_("Number"), number), (_("Secret code"), secret)],
        "address_label": _("See where it stands"),
        "address": address,
        "keep_title": _("Please keep this receipt"),
        "keep": _(
            "With the number and the secret code you can see where your comment stands, change it "
            "while it waits, and take it back. Whoever has both can do the same: keep them to "
            "yourself. We cannot tell you the secret code again."
        ),
        "text_title": _("What you wrote"),
        "comments": [_comment(status) for status in statuses],
        "incomplete": _("This sheet cannot show a few of the characters in your text."),
        "foot": _("Tomakoe: what Tomakomai means to do, and what people say about it"),
    }


def _comment(status: AuthorStatus) -> Mapping[str, object]:
    measure = f"{status.measure.code} {status.measure.words}" if status.measure else ""
    moments = [
        (_("Received on"), status.received_at),
        (_("Changed on"), status.rewritten_at),
        (_("Withdrawn on"), status.withdrawn_at),
    ]
    return {
        "facts": [
            *((what, city_datetime(moment)) for what, moment in moments if moment),
            (_("Measure"), measure),
        ],
        "text": status.text,
        "lang": typst_tag(status.language),
    }


def typst_tag(language: str) -> str:
    """The language as typst takes it: two or three letters, and "und" for one that has no code."""
    primary = language.split("-")[0].lower()
    return primary if re.fullmatch("[a-z]{2,3}", primary) else "und"


def _compile(source: bytes, inputs: dict[str, str], *, readable: bool) -> bytes:
    compiler = typst.Compiler(source, font_paths=fonts())
    try:
        pdf, warnings = compiler.compile_with_warnings(
            format="pdf", sys_inputs=inputs, pdf_standards=[READABLE] if readable else []
        )
    except BaseException as trouble:  # a panic of typst is no Exception, and would end the request
        if type(trouble).__name__ != "PanicException":
            raise
        raise BadSheet(str(trouble)) from trouble
    if warnings or not isinstance(pdf, bytes):
        raise BadSheet("; ".join(warning.message for warning in warnings))
    return pdf
