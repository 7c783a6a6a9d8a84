"""The exact security headers stand on every response, errors too."""

from __future__ import annotations

import pytest
from flask import Flask

from webapp.headers import HEADERS
from webapp.measures.models import Measure

EXACT = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def test_nothing_stands_between_the_words_of_this_test_and_the_site() -> None:
    assert EXACT == HEADERS


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/", 302),
        ("GET", "/healthz", 200),
        ("GET", "/ja/", 200),
        ("GET", "/en/stages/5th/measures/1-1", 200),
        ("GET", "/static/site.css", 200),
        ("GET", "/static/none.css", 404),
        ("GET", "/en/nowhere", 404),
        ("GET", "/fr/", 404),
        ("POST", "/en/about", 405),
        ("GET", "/en/moderation", 302),
        ("POST", "/en/receipts", 400),
    ],
)
def test_every_response_has_them(
    app: Flask, measure: Measure, method: str, address: str, status: int
) -> None:
    client = app.test_client()
    responses = [client.open(address, method=method) for _ in range(2)]  # the second may be kept

    for response in responses:
        assert response.status_code == status
        assert {name: response.headers.get(name) for name in EXACT} == EXACT
    assert response.headers.get_all("Content-Security-Policy") == [EXACT["Content-Security-Policy"]]


def test_a_failure_of_our_own_has_them_and_shows_no_trace(app: Flask, measure: Measure) -> None:
    def fail() -> str:
        raise RuntimeError("the inner workings")

    fail.open_to = frozenset()  # type: ignore[attr-defined]  # what @anyone would write
    app.view_functions["site.about"] = fail
    response = app.test_client().get("/en/about")

    assert response.status_code == 500
    assert {name: response.headers.get(name) for name in EXACT} == EXACT
    assert "the inner workings" not in response.get_data(as_text=True)
    assert "Something went wrong here" in response.get_data(as_text=True)
