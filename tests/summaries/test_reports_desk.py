"""The list of reports, and the desk where staff subscribe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build
from tests.summaries.conftest import (
    WEEK,
    one_by_one,
    page,
)
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.models import AuditEntry
from webapp.measures.models import Stage
from webapp.summaries.models import Subscription
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


@pytest.mark.parametrize("role", list(Role))
def test_every_member_of_staff_can_subscribe_and_stop(
    client: FlaskClient,
    session: Session,
    stage: Stage,
    sign_in: Callable[[FlaskClient, Staff], None],
    compiled: Callable[..., None],
    role: Role,
) -> None:
    compiled()
    person = build.staff(session, role)
    sign_in(client, person)
    for _ in range(2):
        client.post("/en/stages/5th/subscription", data={"wanted": "yes"})
    subscribed = page(client, "/en/reports")
    found = session.scalars(select(Subscription.staff_id)).all()
    client.post("/en/stages/5th/subscription", data={"wanted": "no"})
    session.rollback()

    assert found == [person.id]
    assert "Stop the letters" in subscribed
    assert "Get them by e-mail" in page(client, "/en/reports")
    assert session.scalars(select(Subscription.id)).all() == []
    trail = select(AuditEntry.action).where(AuditEntry.actor == f"staff:{person.id}")
    assert session.scalars(trail.order_by(AuditEntry.id)).all()[-2:] == [
        "summary.subscribed",
        "summary.unsubscribed",
    ]


def test_a_stranger_neither_sees_the_desk_nor_subscribes(
    client: FlaskClient, session: Session, stage: Stage
) -> None:
    assert client.get("/en/reports").status_code == 302
    assert client.post("/en/stages/5th/subscription", data={"wanted": "yes"}).status_code == 302
    assert session.scalars(select(Subscription.id)).all() == []


def test_a_form_that_says_neither_is_refused(
    client: FlaskClient, stage: Stage, official: Staff, sign_in: Callable[..., None]
) -> None:
    sign_in(client, official)

    assert client.post("/en/stages/5th/subscription", data={}).status_code == 400
    assert client.post("/en/stages/9th/subscription", data={"wanted": "no"}).status_code == 404
