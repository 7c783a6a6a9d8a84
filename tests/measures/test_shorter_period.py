"""A period shorter than thirty days says why, where people read and choose."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import build


@pytest.mark.parametrize("url", ["/ja/stages/5th", "/en/stages/5th/measures/1-1"])
def test_the_reason_stands_on_the_pages_of_stage_and_measure(
    client: FlaskClient, session: Session, now: datetime, url: str
) -> None:
    build.stage(session, opens_at=now - timedelta(days=1), days=14)

    assert '<span lang="ja">A test.</span>' in client.get(url).text


def test_a_period_of_thirty_days_says_nothing(
    client: FlaskClient, session: Session, now: datetime
) -> None:
    build.stage(session, opens_at=now - timedelta(days=1))

    assert "30 days" not in client.get("/en/stages/5th").text
