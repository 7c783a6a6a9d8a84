"""How many fields a form may carry: counted before it is taken apart."""

from __future__ import annotations

from io import BytesIO
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from flask import Flask, Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

if TYPE_CHECKING:
    from werkzeug.formparser import t_parse_result

URLENCODED = "application/x-www-form-urlencoded"
LARGEST_FORM = 1_500_000
"""Bytes of a form without files: a text of 100,000 Japanese characters can still be given back."""


class CountingParser(FormDataParser):
    """Holds every form to `MAX_FORM_PARTS`, as Werkzeug does those with files.

    A few megabytes can be more than a million fields, which take seconds to take apart. So can
    bytes that are no UTF-8, when each is looked at by itself; here one stands in for them.
    """

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> t_parse_result:
        """Raises RequestEntityTooLarge."""
        if mimetype != URLENCODED:
            return super().parse(stream, mimetype, content_length, options)
        body = stream.read(LARGEST_FORM + 1)
        parts = body.split(b"&")
        if len(body) > LARGEST_FORM or len(parts) > (self.max_form_parts or len(parts)):
            raise RequestEntityTooLarge
        fields = (part.partition(b"=") for part in parts if part)
        typed = [(_unquoted(name), _unquoted(words)) for name, _, words in fields]
        return BytesIO(), self.cls(typed), self.cls()


def _unquoted(written: bytes) -> str:
    return unquote_to_bytes(written.replace(b"+", b" ")).decode("utf-8", "replace")


class HouseRequest(Request):
    form_data_parser_class = CountingParser


def init_bodies(app: Flask) -> None:
    app.request_class = HouseRequest
