"""The list of reports, and the desk where staff subscribe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.summaries.conftest import (
    WEEK,
    one_by_one,
    page,
)
from webapp.measures.models import Stage
from webapp.summaries.services import compile_week


def test_a_new_report_is_in_the_next_list(
    client: FlaskClient, stage: Stage, compiled: Callable[..., None]
) -> None:
    before = page(client, "/en/stages/5th/reports")
    compiled()

    assert "There is no report yet." in before
    assert "2026-W47" in page(client, "/en/stages/5th/reports")


@pytest.mark.parametrize("week", ["2026-W48", "2026-W99", "2026-W00", "0000-W01", "2025-W53"])
def test_a_week_without_a_report_is_not_found(
    client: FlaskClient, compiled: Callable[..., None], week: str
) -> None:
    compiled()

    assert client.get(f"/en/stages/5th/reports/{week}").status_code == 404
    assert client.get("/en/stages/9th/reports").status_code == 404


def test_the_list_has_every_week_newest_first(
    client: FlaskClient, session: Session, stage: Stage, compiled: Callable[..., None]
) -> None:
    compiled()
    after = WEEK.next()
    compile_week(session, stage.id, after, one_by_one, after.ends_at + timedelta(hours=1))
    html = page(client, "/en/stages/5th/reports")

    assert 0 < html.index("2026-W48") < html.index("2026-W47")
