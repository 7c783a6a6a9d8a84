"""Files of reports are made anew for each request, so one address gets only so many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Config
from tests.summaries.conftest import WEEK, one_by_one
from webapp.comments.models import Comment
from webapp.measures.models import Stage
from webapp.summaries.services import compile_week

pytestmark = pytest.mark.usefixtures("fresh_limits")


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, RATELIMIT_ENABLED=True, REPORT_FILES_PER_ADDRESS="2 per 10 minutes")


@pytest.mark.parametrize("report", ["reports/2026-W47", "results/1"])
def test_files_that_are_fetched_count_and_their_pages_do_not(
    client: FlaskClient,
    session: Session,
    stage: Stage,
    make_comment: Callable[..., Comment],
    report: str,
) -> None:
    make_comment(received_at=WEEK.starts_at)
    compile_week(session, stage.id, WEEK, one_by_one, WEEK.ends_at)
    address = f"/en/stages/5th/{report}"
    with time_machine.travel(WEEK.starts_at + timedelta(days=31)):
        fetched = [
            client.get(f"{address}.csv").status_code,
            client.head(f"{address}.csv").status_code,
        ]
        refused = client.get(f"{address}.csv")
        page = client.get(address)
        elsewhere = client.get(f"{address}.csv", environ_base={"REMOTE_ADDR": "192.0.2.9"})

    assert fetched == [200, 200]
    assert refused.status_code == 429
    assert "Please wait a moment" in refused.text
    assert page.status_code == elsewhere.status_code == 200
