"""A comment whose secret is known, and the two hands that read it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.moderation.conftest import desk, fold, screen, screened, settle  # noqa: F401 -- fixtures
from webapp.comments.models import Comment
from webapp.comments.queries import receipt_of
from webapp.comments.rules import secret_digest

SECRET = "ABCDE-FGHJK-MNPQR-STVWX-YZ012-3"
STEPS = ("another", "withdraw", "revise", "second-look", "letters", "erase", "data", "sheet")


@pytest.fixture
def holding(session: Session) -> Callable[[Comment], dict[str, str]]:
    """Number and secret of a comment, and its version as its author sees it."""

    def holding(comment: Comment) -> dict[str, str]:
        session.refresh(comment)
        receipt = receipt_of(session, comment.id)
        assert receipt is not None
        receipt.secret_digest = secret_digest(SECRET)
        typed = {
            "number": receipt.number,
            "secret": SECRET,
            "comment": str(comment.id),
            "version": str(comment.version),
        }
        session.commit()
        return typed

    return holding


@pytest.fixture
def take(
    client: FlaskClient, holding: Callable[[Comment], dict[str, str]]
) -> Callable[..., TestResponse]:
    """Take a step behind the receipt: take(comment, "withdraw", step="send", lang="en")."""

    def take(comment: Comment, what: str = "", *, lang: str = "en", **typed: str) -> TestResponse:
        address = f"/{lang}/receipts/{what}" if what else f"/{lang}/receipts"
        return client.post(address, data={**holding(comment), **typed})

    return take
