"""How many fields a form may carry: counted before it is taken apart."""

from __future__ import annotations

from io import BytesIO
from typing import IO, TYPE_CHECKING

from flask import Flask, Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

if TYPE_CHECKING:
    from werkzeug.formparser import t_parse_result

URLENCODED = "application/x-www-form-urlencoded"


class CountingParser(FormDataParser):
    """Holds every form to `MAX_FORM_PARTS`, as Werkzeug does those with files.

    A few megabytes can be more than a million fields, which take seconds to take apart.
    """

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> t_parse_result:
        """Raises RequestEntityTooLarge."""
        if mimetype == URLENCODED:
            body = stream.read()  # never more than MAX_CONTENT_LENGTH
            if self.max_form_parts is not None and body.count(b"&") >= self.max_form_parts:
                raise RequestEntityTooLarge
            stream = BytesIO(body)
        return super().parse(stream, mimetype, content_length, options)


class HouseRequest(Request):
    form_data_parser_class = CountingParser


def init_bodies(app: Flask) -> None:
    app.request_class = HouseRequest
