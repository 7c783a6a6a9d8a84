"""Every view says who may open it, and what it says is what happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests import build
from webapp.access import UndeclaredView, guard, roles_of
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.measures.models import Measure

VALUES = {
    "lang": "en",
    "stage": "5th",
    "code": "1-1",
    "week": "2026-W01",
    "kind": "csv",
    "number": 1,
    "key": "1.letter",
    "token": "no.token",
    "filename": "site.css",
    "comment_id": 999_999,
    "campaign_id": 999_999,
    "delivery_id": 999_999,
    "correction_id": 999_999,
    "period_id": 999_999,
    "summary_id": 999_999,
    "response_id": 999_999,
    "target": "en",
    "text_id": 999_999,
    "term_id": 999_999,
}


def rules(app: Flask) -> list[tuple[str, str, Rule]]:
    """Each address with each of its methods, filled in with values."""
    found = []
    with app.test_request_context("/en/"):
        urls = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            values = {name: VALUES[name] for name in rule.arguments}
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                found.append((method, urls.build(rule.endpoint, values, method=method), rule))
    return found


def test_a_site_with_an_undeclared_view_does_not_start() -> None:
    app = Flask("a site")
    app.add_url_rule("/open-house", "open_house", lambda: "")

    with pytest.raises(UndeclaredView, match="open_house"):
        guard(app)


def test_every_address_is_kebab_case_and_typed(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        fixed = [part for part in rule.rule.split("/") if part and not part.startswith("<")]
        untyped = [
            part for part in rule.rule.split("/") if part.startswith("<") and ":" not in part
        ]

        assert all(part == part.lower() and "_" not in part for part in fixed), rule
        assert not untyped, rule


def test_each_role_opens_what_is_declared_and_nothing_else(
    app: Flask,
    session: Session,
    measure: Measure,
    sign_in: Callable[[FlaskClient, Staff], None],
) -> None:
    people: dict[Role | None, FlaskClient] = {None: app.test_client()}
    for role in Role:
        people[role] = app.test_client()
        sign_in(people[role], build.staff(session, role))
    for method, address, rule in rules(app):
        if rule.endpoint == "accounts.sign_out":
            continue  # it would end the sign-ins that this test lives on
        declared = roles_of(app.view_functions[rule.endpoint])
        for role, client in people.items():
            response = client.open(address, method=method)
            sent_away = response.status_code == 302 and "/sign-in" in response.location
            if not declared or role in declared:
                assert not sent_away, (role, method, address)
                assert response.status_code != 403, (role, method, address)
                assert response.status_code < 500, (role, method, address)
            elif role is None:
                assert sent_away, (method, address)
            else:
                assert response.status_code == 403, (role, method, address)


def test_public_pages_never_look_at_who_is_signed_in(
    app: Flask,
    session: Session,
    measure: Measure,
    moderator: Staff,
    sign_in: Callable[[FlaskClient, Staff], None],
) -> None:
    known, stranger = app.test_client(), app.test_client()
    sign_in(known, moderator)
    for method, address, rule in rules(app):
        if method == "GET" and not roles_of(app.view_functions[rule.endpoint]):
            mine, theirs = known.get(address), stranger.get(address)

            assert "Set-Cookie" not in theirs.headers, address
            if b"form_key" not in mine.data:
                assert mine.data == theirs.data, address


def test_a_sign_in_ends_at_once_when_the_door_is_shut(
    app: Flask,
    session: Session,
    moderator: Staff,
    now: object,
    sign_in: Callable[[FlaskClient, Staff], None],
) -> None:
    client = app.test_client()
    sign_in(client, moderator)
    before = client.get("/en/moderation").status_code
    cookie = client.get_cookie("tomakoe")
    client.post("/en/sign-out")
    assert cookie is not None
    client.set_cookie("tomakoe", cookie.value)
    after = client.get("/en/moderation")

    assert before == 200
    assert after.status_code == 302
    assert "/sign-in" in after.location


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "evil.example"]
)
def test_signing_in_never_leads_to_another_site(app: Flask, moderator: Staff, wanted: str) -> None:
    response = app.test_client().post(
        "/en/sign-in",
        query_string={"next": wanted},
        data={"email": moderator.email, "password": build.PASSWORD},
    )

    assert response.location == "/en/desk"
