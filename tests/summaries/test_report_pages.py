"""The public report, the list of reports, and the desk where staff subscribe."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build
from tests.summaries.conftest import MONDAY_AFTER, WEEK, Compiled, Point, Quote, one_by_one
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.models import AuditEntry
from webapp.comments.models import Comment
from webapp.comments.rules import Channel, Publication, Stance, Treatment
from webapp.measures.models import Measure, Stage
from webapp.summaries.models import Subscription
from webapp.summaries.services import compile_week
from worker.analysis.points import compile_points

REPORT = "/en/stages/5th/reports/2026-W47"
HOSTILE = '<script>alert(1)</script>" onload="x\n\nSubject: forged'


@pytest.fixture
def compiled(session: Session, stage: Stage) -> Callable[..., None]:
    def compiled(compiler: Any = compile_points) -> None:
        compile_week(session, stage.id, WEEK, compiler, MONDAY_AFTER)

    return compiled


def page(client: FlaskClient, url: str = REPORT) -> str:
    response = client.get(url)

    assert response.status_code == 200, url
    return response.get_data(as_text=True)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_first_lines_answer_how_many_about_what_what_is_new_and_what_waits(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    other_measure: Measure,
    compiled: Callable[..., None],
) -> None:
    decide(make_comment())
    make_comment(measure=other_measure)
    compiled()
    text = words(page(client))

    assert "How many 2 comments received" in text
    assert "1-1 We make the roads safe in winter. (1 comment)" in text.replace(" )", ")")
    assert "What is new The first comments on 1-1, 2-1" in text
    assert "What waits 1 comment of this week waits for a decision." in text
    assert "revision 1" in text


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_report_opens_in_both_languages_with_the_texts_of_its_own(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
    lang: str,
) -> None:
    decide(make_comment("歩道の除雪を早くしてほしい。"))
    compiled()
    html = page(client, f"/{lang}/stages/5th/reports/2026-W47")

    assert {"ja": "冬の道路を安全にします。", "en": "We make the roads safe in winter."}[
        lang
    ] in html
    assert "歩道の除雪を早くしてほしい。" in html


def test_every_number_by_stance_language_and_channel_is_on_the_page(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    compiled: Callable[..., None],
) -> None:
    make_comment(stance=Stance.OPPOSE, channel=Channel.FAX)
    make_comment("Please clear the snow.", language="en")
    compiled()
    text = words(page(client))

    for row in ("Against 1", "Not stated 1", "English 1", "Japanese 1", "By fax 1", "This site 1"):
        assert row in text


def test_a_quote_links_to_its_comment_on_the_page_of_the_measure(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> None:
    comment = make_comment("歩道の除雪を早くしてほしい。")
    decide(comment)
    compiled()
    link = f"/en/stages/5th/measures/1-1?before={comment.id + 1}#comment-{comment.id}"

    assert link in page(client)
    assert f'id="comment-{comment.id}"' in page(client, link)


@pytest.mark.parametrize("url", [REPORT, "/en/stages/5th/measures/1-1"])
def test_a_quote_is_gone_from_the_next_response_after_its_comment_is_withheld(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
    url: str,
) -> None:
    comment = make_comment("歩道の除雪を早くしてほしい。")
    decide(comment)
    compiled(
        lambda _comments, _known: Compiled(
            (
                Point(
                    "除雪を早く", "ja", (comment.id,), 1, (Quote(comment.id, "歩道の除雪", "ja"),)
                ),
            ),
            (),
        )
    )
    before = page(client, url)
    decide(comment, Publication.WITHHELD)
    after = page(client, url)

    assert "除雪を早く" in before
    assert "歩道の除雪" in before
    assert "除雪を早く" not in after
    assert "歩道の除雪" not in after


def test_the_report_says_that_a_quotation_is_no_longer_published(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> None:
    comment = make_comment()
    decide(comment)
    compiled()
    decide(comment, Publication.WITHHELD)

    assert "1 quotation is no longer published." in page(client)


def test_a_link_to_another_opinion_is_gone_after_it_is_withheld(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> None:
    comment = make_comment()
    decide(comment)
    compiled(lambda comments, _known: Compiled((), tuple(c.id for c in comments)))
    before = page(client)
    decide(comment, Publication.WITHHELD)

    assert f"#comment-{comment.id}" in before
    assert f"#comment-{comment.id}" not in page(client)


def test_waiting_withheld_and_spam_texts_are_nowhere_on_the_page(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> None:
    decide(make_comment("悪口カナリア"), Publication.WITHHELD)
    decide(make_comment("宣伝カナリア"), Publication.WITHHELD, Treatment.NOT_AN_OPINION)
    make_comment("待機カナリア")
    compiled()

    assert "カナリア" not in page(client)


def test_hostile_text_is_shown_as_text(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> None:
    decide(make_comment(HOSTILE))
    compiled(one_by_one)
    html = page(client)

    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_new_revision_stands_at_the_same_address(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> None:
    comment = make_comment()
    compiled()
    first = page(client)
    decide(comment)
    compiled()

    assert "revision 1" in first
    assert "revision 2" in page(client)


def test_a_new_report_is_in_the_next_list(
    client: FlaskClient, stage: Stage, compiled: Callable[..., None]
) -> None:
    before = page(client, "/en/stages/5th/reports")
    compiled()

    assert "There is no report yet." in before
    assert "2026-W47" in page(client, "/en/stages/5th/reports")


def test_an_empty_week_says_so(client: FlaskClient, compiled: Callable[..., None]) -> None:
    compiled()

    assert "No comments were received in this week." in page(client)


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
