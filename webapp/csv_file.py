"""Rows as a CSV file that spreadsheets open as text: no cell can be taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from flask import Response, stream_with_context

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%", "＝", "＋", "－", "＠")
"""What a cell of a formula or a command begins with, as OWASP's "CSV Injection" lists it."""


def csv_response(rows: Iterable[Iterable[object]], filename: str) -> Response:
    """A download in UTF-8 with the mark that spreadsheets know it by."""
    response = Response(stream_with_context(csv_lines(rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The file, piece by piece."""
    yield "\ufeff"
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([inert(cell) for cell in row])
        yield line.getvalue()


def inert(cell: object) -> str:
    """The cell as text; what could be a formula gets an apostrophe before it."""
    said = "" if cell is None else str(cell)
    looks = said.lstrip()
    return f"'{said}" if looks.startswith(_FORMULA) and not isinstance(cell, int | float) else said
