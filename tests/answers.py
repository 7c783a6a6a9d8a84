"""What an answer of the site says in words, whatever kind of file it is."""

from __future__ import annotations

import io
import re
import zipfile

from pypdf import PdfReader
from werkzeug.test import TestResponse


def words_of(response: TestResponse) -> str:
    """The text of a page or file."""
    return file_words(response.data)


def codes_of(response: TestResponse) -> list[str]:
    """Number and secret as a receipt shows them, each in its groups."""
    shown = re.findall(r'class="secret">(.*?)</(?:dd|p)>', response.get_data(as_text=True))
    return [re.sub("<[^>]*>", "", code) for code in shown]


def bare(html: str) -> str:
    """What a piece of a page says, without tags and readings."""
    return re.sub("<[^>]*>", "", re.sub("<r[pt]>.*?</r[pt]>", "", html)).strip()


def unread(html: str) -> str:
    """The kanji of a piece of a page that have no reading."""
    return "".join(re.findall("[一-鿿]", re.sub("<ruby>.*?</ruby>|<[^>]*>", "", html)))


def gaps_in(page: str) -> list[str]:
    """Where a Japanese sentence follows another on the same line with a space between."""
    main = page[page.find("<main") :]
    lines = re.sub(r"</?(?:a|b|rp|rt|ruby|span|strong)\b(?![^>]* hidden)[^>]*>", "", main)
    return re.findall(r"[^<>\n]{0,20}。[ \n]+[^\s<(][^<\n]{0,20}", lines)


def file_words(content: bytes) -> str:
    """The text of a file: a PDF's as it is drawn, without its line breaks; a workbook unpacked."""
    if content.startswith(b"%PDF"):
        pages = PdfReader(io.BytesIO(content)).pages
        return "".join("".join(page.extract_text().split("\n")) for page in pages)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "\n".join(book.read(name).decode(errors="replace") for name in book.namelist())
    return content.decode(errors="replace")
