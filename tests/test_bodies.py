"""A form with absurdly many fields is refused before it is taken apart."""

from __future__ import annotations

import pytest
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
