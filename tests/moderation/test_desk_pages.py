from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests import build
from tests.moderation.conftest import PUBLISHED, WITHHELD
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.comments.models import Comment
from webapp.comments.rules import Publication, Residency, Stance
from webapp.moderation.models import Decision
from webapp.moderation.queries import latest_decision
from webapp.moderation.rules import FoundFlag, Reason
from webapp.moderation.services import begin_screening

HOSTILE = "<script>alert(1)</script>&\"'<img src=x onerror=alert(2)>"
PUBLISH = {"version": "1", "publication": "published", "treatment": "counts", "note": ""}
WITHHOLD = {
    "version": "1",
    "publication": "withheld",
    "treatment": "counts",
    "reason": "abuse",
    "note": "言葉を選んでください。",
}


def page(client: FlaskClient, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.get_data(as_text=True)


@pytest.mark.parametrize("url", ["/ja/moderation", "/en/moderation/comments/1"])
def test_nobody_comes_in_without_signing_in(client: FlaskClient, url: str) -> None:
    response = client.get(url)

    assert response.status_code == 302
    assert "/sign-in?next=" in response.headers["Location"]


@pytest.mark.parametrize("role", [Role.OFFICIAL, Role.CLERK, Role.TRANSLATOR])
def test_other_roles_may_neither_read_the_queue_nor_decide(
    client: FlaskClient,
    session: Session,
    screened: Callable[..., Comment],
    sign_in: Callable[[FlaskClient, Staff], None],
    role: Role,
) -> None:
    where = f"/en/moderation/comments/{screened().id}"
    sign_in(client, build.staff(session, role))

    assert client.get("/en/moderation").status_code == 403
    assert client.get(where).status_code == 403
    assert client.post(where, data=PUBLISH).status_code == 403
    assert session.scalar(select(func.count()).select_from(Decision)) == 0


def test_an_administrator_may_decide_too(
    client: FlaskClient,
    session: Session,
    screened: Callable[..., Comment],
    sign_in: Callable[[FlaskClient, Staff], None],
) -> None:
    comment_id = screened().id
    sign_in(client, build.staff(session, Role.ADMINISTRATOR))

    response = client.post(f"/en/moderation/comments/{comment_id}", data=PUBLISH)

    assert response.status_code == 302


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_queue_shows_what_was_noticed(
    desk: FlaskClient,
    make_comment: Callable[..., Comment],
    screen: Callable[..., None],
    lang: str,
) -> None:
    comment = make_comment("連絡は0144-11-2222へ。")
    screen(comment, FoundFlag("phone", 3, 15))
    make_comment("まだ見ていない意見")

    html = page(desk, f"/{lang}/moderation")

    assert f"/{lang}/moderation/comments/{comment.id}" in html
    assert "連絡は0144-11-2222へ。" in html
    assert html.count('class="tag under-review"') == 1
    assert html.count('class="tag"') == 1  # "not yet checked"


def test_the_queue_goes_on_where_its_page_ended(
    desk: FlaskClient, make_comment: Callable[..., Comment], now: datetime
) -> None:
    for n in range(51):
        make_comment(f"意見{n:02}", received_at=now + timedelta(seconds=n))

    first = page(desk, "/en/moderation?measure=1-1")
    later = re.search(r'href="(/en/moderation\?after=[^"]+)"', first)

    assert later is not None
    assert "意見49" in first
    assert "意見50" not in first
    second = page(desk, later[1].replace("&amp;", "&"))
    assert "意見50" in second
    assert "意見49" not in second
    assert "measure=1-1" in later[1]


def test_a_filter_finds_its_own_and_is_kept_in_the_links(
    desk: FlaskClient, make_comment: Callable[..., Comment]
) -> None:
    make_comment("日本語の意見")
    make_comment("An English comment", language="en")

    html = page(desk, "/en/moderation?language=en")

    assert "An English comment" in html
    assert "日本語の意見" not in html
    assert "?language=en" in html


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=99999999999999999999-1",
        "after=9999999999999999-9999999999",
        "stage=%00",
        "flag=%27%22",
        "decided=99999999999",
    ],
)
def test_a_strange_address_is_no_fault_of_the_house(desk: FlaskClient, query: str) -> None:
    assert desk.get(f"/en/moderation?{query}").status_code == 200


@pytest.mark.parametrize("number", ["999", "99999999999999999999", "0"])
def test_a_comment_that_is_not_there_is_not_found(desk: FlaskClient, number: str) -> None:
    assert desk.get(f"/en/moderation/comments/{number}").status_code == 404


def test_the_page_shows_what_the_author_answered_and_the_measure(
    desk: FlaskClient, screened: Callable[..., Comment]
) -> None:
    comment = screened(
        stance=Stance.OPPOSE, residency=Residency.WORKS, action_code="1-1-2", language="en"
    )

    html = page(desk, f"/en/moderation/comments/{comment.id}")

    for words in (
        "Against",
        "Works in the city",
        "English",
        "1-1-2 Put out grit.",
        "make the roads",
    ):
        assert words in html


def test_flags_are_marked_where_they_stand_and_named(
    desk: FlaskClient, make_comment: Callable[..., Comment], screen: Callable[..., None]
) -> None:
    comment = make_comment("電話は0144-11-2222です。")
    screen(comment, FoundFlag("phone", 3, 15), FoundFlag("brand-new-rule", 15, 17))

    html = page(desk, f"/en/moderation/comments/{comment.id}")

    assert (
        '<mark class="strong">0144-11-2222</mark><span class="tag" lang="en">Phone number' in html
    )
    assert '<mark>です</mark><span class="tag" lang="en">brand new rule' in html


def test_the_text_between_the_marks_is_the_authors_to_the_letter(
    desk: FlaskClient, make_comment: Callable[..., Comment], screen: Callable[..., None]
) -> None:
    text = "一行目  空白\n\n三行目: 0144-11-2222\n\tおわり"
    comment = make_comment(text)
    screen(comment, FoundFlag("phone", 14, 26))

    html = page(desk, f"/en/moderation/comments/{comment.id}")
    shown = re.search(r'<p class="said card"[^>]*>(.*?)</p>', html, re.DOTALL)

    assert shown is not None
    without_names = re.sub(r'<span class="tag".*?</span>', "", shown[1])
    assert re.sub(r"<[^>]+>", "", without_names) == text


@pytest.mark.parametrize("flags", [(), (FoundFlag("link", 0, 30), FoundFlag("phone", 9, 999))])
def test_hostile_text_stays_text_inside_marks_and_outside(
    desk: FlaskClient,
    make_comment: Callable[..., Comment],
    screen: Callable[..., None],
    flags: tuple[FoundFlag, ...],
) -> None:
    comment = make_comment(HOSTILE)
    screen(comment, *flags, FoundFlag("language", detail=HOSTILE))

    for url in ("/en/moderation", f"/en/moderation/comments/{comment.id}"):
        html = page(desk, url)

        assert "<script>" not in html
        assert "<img" not in html
        assert "&lt;script" in html


def test_a_hostile_note_stays_text(desk: FlaskClient, screened: Callable[..., Comment]) -> None:
    comment_id = screened().id
    desk.post(f"/en/moderation/comments/{comment_id}", data={**WITHHOLD, "note": HOSTILE})

    html = page(desk, f"/en/moderation/comments/{comment_id}")

    assert "<script>" not in html
    assert "&lt;script" in html


def test_a_decision_leads_to_the_next_comment_and_says_what_was_done(
    desk: FlaskClient, session: Session, screened: Callable[..., Comment], now: datetime
) -> None:
    first = screened("1", received_at=now - timedelta(hours=2)).id
    second = screened("2", received_at=now - timedelta(hours=1)).id

    response = desk.post(f"/en/moderation/comments/{first}", data=WITHHOLD)

    assert response.status_code == 302
    assert response.headers["Location"] == f"/en/moderation/comments/{second}?decided={first}"
    assert f"No. {first}: Not published." in page(desk, response.headers["Location"])
    decision = latest_decision(session, first)
    assert decision is not None
    assert decision.reason is Reason.ABUSE
    assert decision.note == WITHHOLD["note"]


def test_the_next_comment_is_of_the_part_that_was_asked_for(
    desk: FlaskClient, screened: Callable[..., Comment], now: datetime
) -> None:
    first = screened("one", language="en", received_at=now - timedelta(hours=3)).id
    screened("二", received_at=now - timedelta(hours=2))
    third = screened("three", language="en", received_at=now - timedelta(hours=1)).id

    response = desk.post(f"/en/moderation/comments/{first}?language=en", data=PUBLISH)

    assert response.headers["Location"] == (
        f"/en/moderation/comments/{third}?language=en&decided={first}"
    )


def test_after_the_last_comment_comes_the_queue(
    desk: FlaskClient, screened: Callable[..., Comment]
) -> None:
    comment_id = screened().id

    response = desk.post(f"/en/moderation/comments/{comment_id}", data=PUBLISH)

    assert response.headers["Location"] == f"/en/moderation?decided={comment_id}"
    assert f"No. {comment_id}: Published." in page(desk, response.headers["Location"])


def test_withholding_without_a_reason_comes_back_with_everything_kept(
    desk: FlaskClient, session: Session, screened: Callable[..., Comment]
) -> None:
    comment_id = screened().id
    typed = {**WITHHOLD, "reason": "", "note": "わたしのメモ"}

    response = desk.post(f"/en/moderation/comments/{comment_id}", data=typed)

    assert response.status_code == 400
    html = response.get_data(as_text=True)
    assert "Withholding a comment needs a reason." in html
    assert "わたしのメモ" in html
    assert latest_decision(session, comment_id) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": ""},
        {"version": "x"},
        {"version": "9" * 30},
        {"publication": ""},
        {"publication": "redacted"},
        {"publication": "waiting"},
        {"treatment": "undecided"},
        {"treatment": ""},
        {"reason": "false-information"},
        {"note": "長" * 1_001},
    ],
)
def test_what_the_form_does_not_offer_decides_nothing(
    desk: FlaskClient, session: Session, screened: Callable[..., Comment], wrong: dict[str, str]
) -> None:
    comment_id = screened().id

    response = desk.post(f"/en/moderation/comments/{comment_id}", data={**WITHHOLD, **wrong})

    assert response.status_code == 400
    assert latest_decision(session, comment_id) is None


def test_a_reason_left_over_from_another_thought_is_not_kept_with_a_published_comment(
    desk: FlaskClient, session: Session, screened: Callable[..., Comment]
) -> None:
    comment_id = screened().id
    desk.post(f"/en/moderation/comments/{comment_id}", data={**PUBLISH, "reason": "abuse"})

    decision = latest_decision(session, comment_id)
    assert decision is not None
    assert (decision.publication, decision.reason) == (Publication.PUBLISHED, None)


def test_the_one_who_comes_second_is_told_who_and_keeps_the_note(
    desk: FlaskClient,
    session: Session,
    screened: Callable[..., Comment],
    now: datetime,
) -> None:
    from webapp.moderation.services import decide

    comment_id, other = screened().id, build.staff(session, Role.MODERATOR, name="Sato Hanako")
    decide(session, comment_id, version=1, verdict=PUBLISHED, moderator_id=other.id, now=now)

    response = desk.post(f"/en/moderation/comments/{comment_id}", data=WITHHOLD)

    assert response.status_code == 409
    html = response.get_data(as_text=True)
    assert "Sato Hanako" in html
    assert WITHHOLD["note"] in html
    assert "+00:00" not in html


def test_an_unchecked_comment_has_no_form_and_cannot_be_decided(
    desk: FlaskClient,
    session: Session,
    make_comment: Callable[..., Comment],
    now: datetime,
) -> None:
    comment_id = make_comment().id
    begin_screening(session, comment_id, now)
    where = f"/en/moderation/comments/{comment_id}"

    assert 'name="publication"' not in page(desk, where)
    assert desk.post(where, data=PUBLISH).status_code == 409
    assert latest_decision(session, comment_id) is None


def test_earlier_decisions_and_copies_stand_beside_the_text(
    desk: FlaskClient,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    moderator: Staff,
) -> None:
    first = screened("同じ文章")
    second = screened("同じ文章")
    settle(first, WITHHELD)

    html = page(desk, f"/en/moderation/comments/{first.id}")

    assert moderator.name in html
    assert WITHHELD.note in html
    assert f'href="/en/moderation/comments/{second.id}"' in html
    assert "1 other comment has the same text." in html


def test_looking_changes_nothing(
    desk: FlaskClient, session: Session, screened: Callable[..., Comment]
) -> None:
    comment = screened()
    for _ in range(3):
        page(desk, f"/en/moderation/comments/{comment.id}")

    session.refresh(comment)
    assert (comment.version, comment.publication) == (1, Publication.WAITING)


def test_a_published_comment_appears_in_the_next_response_and_a_withheld_one_is_gone(
    client: FlaskClient,
    desk: FlaskClient,
    session: Session,
    screened: Callable[..., Comment],
) -> None:
    comment_id = screened("わたしの意見です。").id
    public, where = "/ja/stages/5th/measures/1-1", f"/en/moderation/comments/{comment_id}"
    assert "わたしの意見です。" not in page(client, public)
    assert "わたしの意見です。" not in page(client, public)  # from the finished pages

    desk.post(where, data=PUBLISH)
    assert "わたしの意見です。" in page(client, public)
    assert "わたしの意見です。" in page(client, public)

    desk.post(where, data={**WITHHOLD, "version": "2"})
    assert "わたしの意見です。" not in page(client, public)

    desk.post(where, data={**PUBLISH, "version": "3"})
    assert "わたしの意見です。" in page(client, public)
