"""The public report of a week."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.summaries.conftest import (
    REPORT,
    Compiled,
    Point,
    Quote,
    one_by_one,
    page,
)
from webapp.comments.models import Comment
from webapp.comments.rules import Channel, Publication, Stance, Treatment
from webapp.measures.models import Measure

HOSTILE = '<script>alert(1)</script>" onload="x\n\nSubject: forged'


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


def test_an_empty_week_says_so(client: FlaskClient, compiled: Callable[..., None]) -> None:
    compiled()

    assert "No comments were received in this week." in page(client)
