"""A form with absurdly many fields is refused before it is taken apart."""

from __future__ import annotations

import pytest
from flask import request
from flask.testing import FlaskClient

from webapp.measures.models import Measure

WRITE = "stages/5th/measures/1-1/comment"
URLENCODED = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("lang", "address", "said"),
    [
        ("ja", WRITE, "長すぎて送れませんでした"),
        ("en", "receipts/revise", "That was too long"),
        ("en", "sign-in", "What you sent is too large."),
    ],
)
def test_a_form_of_very_many_fields_is_refused_in_the_readers_language(
    client: FlaskClient, measure: Measure, lang: str, address: str, said: str
) -> None:
    body = "step=send&" + "text=%E3%81%82&" * 1000
    answer = client.post(f"/{lang}/{address}", data=body, content_type=URLENCODED)

    assert answer.status_code == 413
    assert said in answer.text


@pytest.mark.parametrize("address", [WRITE, "receipts", "sign-in"])
def test_a_form_of_many_fields_is_taken(
    client: FlaskClient, measure: Measure, address: str
) -> None:
    body = "a=&" * 999
    answer = client.post(f"/en/{address}", data=body, content_type=URLENCODED)

    assert answer.status_code in (200, 400)
    assert "Please look at this again" in answer.text


def test_bytes_that_are_no_text_cost_the_form_nothing_else(
    client: FlaskClient, measure: Measure
) -> None:
    body = (
        b"text=%E3%81%82+%ff%ED%A0%80b%zz&text=2&language=ja&empty=&&step=edit&" + "生=あ".encode()
    )
    page = client.post("/en/stages/5th/measures/1-1/comment", data=body, content_type=URLENCODED)
    with client.application.test_request_context(
        "/", method="POST", data=body, content_type=URLENCODED
    ):
        typed = request.form.to_dict(flat=False)

    assert page.status_code == 200
    assert typed["text"] == ["あ \ufffd\ufffd\ufffd\ufffdb%zz", "2"]
    assert typed["empty"] == [""]
    assert typed["生"] == ["あ"]


def test_a_form_without_files_is_smaller_than_a_file(client: FlaskClient, measure: Measure) -> None:
    address = "/en/stages/5th/measures/1-1/comment"
    long = client.post(address, data={"text": "あ" * 100_000})
    too_long = client.post(address, data={"text": "あ" * 170_000})

    assert long.status_code == 400
    assert "あ" * 100_000 in long.text
    assert too_long.status_code == 413
