"""The trail as administrators read it, and as a file."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.services import record
from webapp.citytime import city_day
from webapp.csv_file import inert

Trail = Callable[[int], None]


@pytest.fixture
def administrator(session: Session) -> Staff:
    return build.staff(session, Role.ADMINISTRATOR, name="青葉 みどり")


@pytest.fixture
def desk(
    client: FlaskClient, administrator: Staff, sign_in: Callable[[FlaskClient, Staff], None]
) -> FlaskClient:
    sign_in(client, administrator)
    return client


def rows(desk: FlaskClient, asked: str = "") -> list[dict[str, str]]:
    text = desk.get(f"/en/audit.csv?{asked}").get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_each_entry_says_in_words_who_did_what_to_what(desk: FlaskClient, trail: Trail) -> None:
    trail(1)
    english = desk.get("/en/audit").get_data(as_text=True)
    japanese = desk.get("/ja/audit").get_data(as_text=True)

    assert "Decided on a comment" in english
    assert "Comment No. 0" in english
    assert "意見を審査" in japanese
    assert "青葉 みどり" in japanese
    assert "サインイン" in japanese


def test_the_filters_show_only_what_was_asked_for(
    desk: FlaskClient, administrator: Staff, trail: Trail, now: datetime
) -> None:
    trail(3)
    tomorrow = city_day(now + timedelta(days=1)).isoformat()

    assert {row["Action"] for row in rows(desk, "action=comment.decided")} == {"comment.decided"}
    assert {row["Who"] for row in rows(desk, f"actor=staff:{administrator.id}")} == {"青葉 みどり"}
    assert [r["To what"] for r in rows(desk, "subject_kind=comment&number=2")] == ["comment:2"]
    assert rows(desk, f"first={tomorrow}&action=account.opened") == []
    assert len(rows(desk, f"last={tomorrow}")) == len(rows(desk))
    assert len(rows(desk, "first=nonsense&last=0001-01-01")) == len(rows(desk))


def test_pages_follow_each_other_without_a_gap(
    desk: FlaskClient, session: Session, now: datetime
) -> None:
    for n in range(120):
        record(session, actor="cli", action="programme.loaded", subject=f"stage:{n}", now=now)
    session.commit()
    seen: list[str] = []
    address = "/en/audit?action=programme.loaded"
    for _page in range(3):
        page = desk.get(address).get_data(as_text=True)
        seen += re.findall(r"Stage No\. (\d+)", page)
        older = re.search(r'class="button secondary" href="(/en/audit\?before=[^"]+)"', page)
        address = html.unescape(older[1]) if older else ""

    assert address == ""
    assert seen == [str(n) for n in reversed(range(120))]


def test_the_file_holds_every_entry_and_no_cell_is_a_formula(
    desk: FlaskClient, session: Session, now: datetime
) -> None:
    for n in range(2_100):
        record(session, actor="=1+1", action="+evil", subject=f"@s:{n}", now=now)
    session.commit()
    found = rows(desk, "action=%2Bevil")

    assert len(found) == 2_100
    assert {row["Who"] for row in found} == {"'=1+1"}
    assert all(row["To what"].startswith("'@") for row in found)


@pytest.mark.parametrize("cell", ["=A1", "+1", "-1", "@x", "\t=A1", " =A1", "＝A1", "|x"])
def test_what_could_be_a_formula_is_written_as_text(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


def test_numbers_stay_numbers_and_nothing_stays_empty() -> None:
    assert (inert(-3), inert(None), inert("12 – 3")) == ("-3", "", "12 – 3")
