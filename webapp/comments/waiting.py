"""The page of whoever has to wait: what was typed comes back, with a button that sends it again."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

from flask import Response, make_response, render_template, request

from webapp.citytime import utc_now
from webapp.edge import clean
from webapp.errors import TYPED_FIELDS
from webapp.limits import free_again_at
from webapp.steps import asked_step


def please_wait(template: str, fields: Iterable[str]) -> Response:
    """The page for a request that ran into a limit. It hands on only these fields, each once."""
    free_at = free_again_at(utc_now())
    form = request.form
    typed = {name: clean(form[name]) for name in sorted(fields) if name in form}
    text = next((typed[name] for name in TYPED_FIELDS if typed.get(name)), "")
    page = render_template(template, typed=typed, text=text, step=asked_step(), free_at=free_at)
    return later(page, free_at)


def later(page: str, until: datetime) -> Response:
    """A page that says to come back at `until`."""
    response = make_response(page, 429)
    response.headers["Retry-After"] = str(seconds_until(until))
    return response


def seconds_until(instant: datetime, step: int = 5) -> int:
    """Whole seconds, rounded up to fives or to `step`: what a person can be asked to wait."""
    return max(step, step * math.ceil((instant - utc_now()).total_seconds() / step))
