"""What an answer of the site says in words, whatever kind of file it is."""

from __future__ import annotations

import io
import zipfile

from werkzeug.test import TestResponse


def words_of(response: TestResponse) -> str:
    """The text of a page or file; a workbook unpacked. The letters of a PDF cannot be read back:
    it is drawn from the same data as the workbook beside it.
    """
    if response.mimetype == "application/pdf":
        return ""
    if response.data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(response.data)) as book:
            return "\n".join(book.read(name).decode(errors="replace") for name in book.namelist())
    return response.get_data(as_text=True)
