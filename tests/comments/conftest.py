"""The comment form as tests send it: opened a while ago, from an address of their choice."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from webapp.comments.forms import FormKeys

ADDRESS = "/{lang}/stages/5th/measures/{code}/comment"
TEXT = "歩道の除雪を朝七時までに終えてほしい。"


def opened_form_key(app: Flask, ago: timedelta = timedelta(minutes=5)) -> str:
    """The key of a form that was opened a while ago."""
    with time_machine.travel(datetime.now(UTC) - ago):
        return FormKeys(app.config["SECRET_KEY"]).new(secrets.token_urlsafe(12))


@pytest.fixture
def send(app: Flask) -> Callable[..., TestResponse]:
    """Send a form: send(by="192.0.2.1", code="1-1", lang="ja", text=…, any other field)."""

    def send(
        by: str = "192.0.2.1", code: str = "1-1", lang: str = "ja", **typed: str
    ) -> TestResponse:
        fields = {"text": TEXT, "language": "ja", "stance": "suggest", "step": "send", **typed}
        fields.setdefault("form_key", opened_form_key(app))
        return app.test_client().post(
            ADDRESS.format(lang=lang, code=code), data=fields, environ_base={"REMOTE_ADDR": by}
        )

    return send
