"""A mail server beside the house, and the worker that sends what is owed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests import build, parts
from webapp.db import db
from webapp.mail import mailer_of
from worker import posting


@pytest.fixture
def post(app: Flask) -> Iterator[parts.Post]:
    with parts.post_office() as post:
        app.config["SMTP_URL"] = post.url
        yield post


@pytest.fixture
def send(app: Flask) -> Callable[[], int]:
    """Send all that is due, as the worker does; gives how many went."""

    def send() -> int:
        with app.app_context():
            return posting.send_all(db.session(), mailer_of(app), build.SEALER)

    return send
