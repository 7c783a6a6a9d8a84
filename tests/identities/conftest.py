"""A stage whose period asks who the author is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests import build
from webapp.citytime import city_day
from webapp.comments.models import Comment
from webapp.comments.rules import Identity
from webapp.measures.models import Measure, Stage
from webapp.measures.rules import IdentityRequest

PURPOSE = {"ja": "市内にかかわりのある方か確かめるためです。", "en": "To see your tie to the city."}
WHO = Identity("苫小牧 カナリア", "旭町4丁目5番6号カナリア荘", "0144-99-0099")


@pytest.fixture
def purge_on(now: datetime) -> date:
    return city_day(now + timedelta(days=60))


@pytest.fixture
def stage(session: Session, now: datetime, purge_on: date) -> Stage:
    asks = IdentityRequest(PURPOSE, purge_on)
    return build.stage(session, opens_at=now - timedelta(days=1), identity=asks)


@pytest.fixture
def identified(
    session: Session, measure: Measure, now: datetime, app: object
) -> Callable[..., Comment]:
    """Take in a comment with an identity, and an e-mail address unless told otherwise."""

    def identified(who: Identity = WHO, **facts: object) -> Comment:
        facts = {"text": "除雪を早く。", "email": "author@example.jp", "now": now, **facts}
        return build.comment(session, measure, identity=who, **facts)  # type: ignore[arg-type]

    return identified
