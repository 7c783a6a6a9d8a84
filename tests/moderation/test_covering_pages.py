from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.comments.models import Comment
from webapp.comments.rules import COVER, Publication
from webapp.moderation.models import Decision, Redaction
from webapp.moderation.published import covered_in
from webapp.moderation.rules import Covered, FoundFlag, Reason

TEXT = "連絡は0144-11-2222の山田まで。山田は毎日いる。"
PHONE = "3-15-personal-data"
REDACT = {"version": "1", "publication": "redacted", "treatment": "counts"}


@pytest.fixture
def flagged(make_comment: Callable[..., Comment], screen: Callable[..., None]) -> Comment:
    comment = make_comment(TEXT)
    screen(comment, FoundFlag("phone", 3, 15), FoundFlag("shouting", 0, 2))
    return comment


def post(desk: FlaskClient, comment: Comment, **typed: object) -> tuple[int, str]:
    answer = desk.post(f"/en/moderation/comments/{comment.id}", data={**REDACT, **typed})
    return answer.status_code, answer.get_data(as_text=True)


def chosen(page: str) -> set[str]:
    boxes = re.findall(r'name="cover" value="([^"]+)"( checked)?', page)
    return {value for value, checked in boxes if checked}


def remembered(page: str) -> str:
    found = re.search(r'name="previewed" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_what_the_machine_noticed_is_offered_and_not_chosen(
    desk: FlaskClient, flagged: Comment
) -> None:
    page = desk.get(f"/en/moderation/comments/{flagged.id}").get_data(as_text=True)

    assert re.findall(r'name="cover" value="([^"]+)"', page) == [PHONE]
    assert chosen(page) == set()


def test_the_result_is_shown_before_words_are_covered_for_good(
    desk: FlaskClient, session: Session, flagged: Comment
) -> None:
    status, page = post(desk, flagged, cover=PHONE, words="山田", words_reason="abuse")

    assert status == 200
    assert session.scalar(select(Decision)) is None
    assert chosen(page) == {PHONE, "16-18-abuse", "21-23-abuse"}
    assert re.search(r'<textarea[^>]*name="words"[^>]*>\s*</textarea>', page)
    assert page.count(f'<span aria-hidden="true">{COVER}</span>') == 3
    assert "(covered: Personal data)" in page

    status, _ = post(
        desk, flagged, cover=[PHONE, "16-18-abuse"], previewed=f"{PHONE} 16-18-abuse 21-23-abuse"
    )

    assert status == 200  # one place was unmarked since: the result is shown anew
    assert session.scalar(select(Decision)) is None

    status, _ = post(desk, flagged, cover=[PHONE, "16-18-abuse"], previewed=f"{PHONE} 16-18-abuse")
    session.refresh(flagged)

    assert status == 302
    assert flagged.published_text == f"連絡は{COVER}の{COVER}まで。山田は毎日いる。"
    assert flagged.text == TEXT
    assert covered_in(session, [flagged.id]) == {
        flagged.id: (
            Covered(3, 15, Reason.PERSONAL_DATA),
            Covered(16, 18, Reason.ABUSE),
        )
    }


def test_the_same_covering_sent_twice_is_one(
    desk: FlaskClient, session: Session, flagged: Comment
) -> None:
    for _ in range(2):
        status, _page = post(desk, flagged, cover=PHONE, previewed=PHONE)

        assert status == 302

    assert len(session.scalars(select(Decision)).all()) == 1
    assert len(session.scalars(select(Redaction)).all()) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Please say which parts are covered"),
        ({"words": "鈴木"}, "Not found in the text: 鈴木"),
        ({"cover": f"0-{len(TEXT)}-abuse"}, "Nothing would be left to read"),
        ({"publication": "published", "cover": PHONE}, "Some parts are marked to be covered"),
        ({"cover": ["x", "9-3-abuse", "0-2-off-topic", "99999-100000-abuse"]}, "Please say which"),
    ],
)
def test_a_mistake_in_covering_is_said_and_nothing_is_decided(
    desk: FlaskClient, session: Session, flagged: Comment, typed: dict[str, str], said: str
) -> None:
    status, page = post(desk, flagged, previewed="x", **typed)

    assert status == 400
    assert said in page
    assert session.scalar(select(Decision)) is None


@pytest.mark.parametrize("publication", ["published", "withheld"])
def test_any_decision_can_be_previewed_with_its_letter(
    desk: FlaskClient,
    session: Session,
    make_comment: Callable[..., Comment],
    screen: Callable[..., None],
    publication: str,
) -> None:
    comment = make_comment(email="author@example.jp", page_lang="ja")
    screen(comment)

    status, page = post(
        desk, comment, publication=publication, reason="abuse", note="理由です", step="preview"
    )

    assert status == 200
    assert session.scalar(select(Decision)) is None
    assert "This is what the decision leads to" in page
    assert "施策1-1への意見" in page  # the letter speaks its reader's language
    assert "理由です" in page
    assert "author@example.jp" not in page
    assert "/letters/stop" not in page


def test_a_correction_begins_with_what_is_covered_now(
    desk: FlaskClient, session: Session, flagged: Comment
) -> None:
    post(desk, flagged, cover=PHONE, previewed=PHONE)
    page = desk.get(f"/en/moderation/comments/{flagged.id}").get_data(as_text=True)

    assert chosen(page) == {PHONE}
    assert "Correct the decision" in page

    status, _ = post(desk, flagged, version="2", publication="published")
    session.refresh(flagged)

    assert status == 302
    assert (flagged.publication, flagged.published_text) == (Publication.PUBLISHED, TEXT)


def test_a_preview_remembers_exactly_what_it_showed(desk: FlaskClient, flagged: Comment) -> None:
    _, page = post(desk, flagged, cover=PHONE)

    assert remembered(page) == PHONE
