"""A summary whose comments have changed says so, is made again, and shows the difference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.summaries.conftest import (
    MONDAY_AFTER,
    REPORT,
    WEEK,
    Compiled,
    Point,
    Quote,
    one_by_one,
    page,
)
from webapp.comments.models import Comment
from webapp.comments.rules import Channel, Publication
from webapp.measures.models import Stage
from webapp.summaries.comparison import changes
from webapp.summaries.rules import Counts, SectionDocument
from webapp.summaries.rules import Point as KeptPoint
from webapp.summaries.services import compile_to_date, verify_summaries

STALE = "Something about these comments has changed"


def together(comments: list[Comment], _known: object) -> Compiled:
    """A compiler that puts all comments behind one point and quotes the first."""
    ids = tuple(comment.id for comment in comments)
    first = next(c for c in comments if c.quotable)  # type: ignore[attr-defined]
    quote = Quote(first.id, first.text, first.language)
    return Compiled((Point("除雪", "ja", ids, 1, (quote,)),), ())


def test_a_summary_is_marked_when_a_comment_is_withheld_and_no_more_when_it_is_made_again(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> None:
    comment = make_comment()
    decide(comment)
    compiled()
    assert STALE not in page(client)
    decide(comment, Publication.WITHHELD)
    assert STALE in page(client)
    compiled()

    assert STALE not in page(client)


def test_a_letter_that_arrives_late_by_post_makes_a_new_revision_that_says_so(
    client: FlaskClient,
    session: Session,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> None:
    decide(make_comment("歩道の除雪を早く。"))
    compiled(together)
    late = make_comment(
        "歩道の除雪を増やして。",
        channel=Channel.POST,
        received_at=WEEK.starts_at + timedelta(days=1),
    )
    decide(late)
    compiled(together)
    html = page(client)

    assert "What this revision changed" in html
    assert "Received: from 1 to 2 comments" in html
    assert f"Now counted: No. {late.id}" in html
    assert "from 1 to 2 comments" in html[html.index("除雪</span>") :]
    assert list(verify_summaries(session)) == []


def test_a_withdrawn_or_withheld_comment_is_named_as_no_longer_counted(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
    session: Session,
) -> None:
    stays, goes = make_comment("歩道の除雪を早く。"), make_comment("歩道の除雪カナリア。")
    decide(stays)
    decide(goes)
    compiled(one_by_one)
    session.execute(
        update(Comment)
        .where(Comment.id == goes.id)
        .values(
            publication=Publication.WITHDRAWN,
            published_text=None,
            withdrawn_at=WEEK.ends_at,
            version=Comment.version + 1,
        )
    )
    session.commit()
    compiled(one_by_one)
    html = page(client)

    assert f"No longer counted: No. {goes.id}" in html
    assert "Withdrawn: from 0 to 1 comments" in html
    assert "A point whose words are no longer published" in html
    assert "カナリア" not in html


def test_an_old_revision_stays_at_its_own_address_and_leads_to_the_newest(
    client: FlaskClient,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> None:
    comment = make_comment()
    compiled()
    decide(comment)
    compiled()
    old, new = page(client, f"{REPORT}?revision=1"), page(client)

    assert "This is revision 1, which no longer holds." in old
    assert f'href="{REPORT}"' in old
    assert "waiting: 1" in old
    assert f'href="{REPORT}?revision=1"' in new
    assert "which no longer holds" not in new


def test_a_quote_whose_comment_was_rewritten_and_published_again_is_not_shown(
    client: FlaskClient,
    session: Session,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> None:
    comment = make_comment("歩道の除雪カナリア。")
    decide(comment)
    compiled(together)
    session.execute(
        update(Comment).values(text="書き直した意見です。", published_text="書き直した意見です。")
    )
    session.commit()

    assert "カナリア" not in page(client)


def document(*points: tuple[int, ...]) -> SectionDocument:
    return SectionDocument(
        "1-1", Counts(), tuple(KeptPoint("x", "ja", ids, 1, (), len(ids)) for ids in points), (), ()
    )


def test_a_point_is_known_again_by_the_comments_it_shares() -> None:
    told = changes(document((1, 2, 3), (4, 5)), document((4, 5, 6), (1, 2), (7,)))

    assert told.gained == (6, 7)
    assert told.lost == (3,)
    assert [(c.old, c.new, c.before, c.after) for c in told.points] == [
        (1, 0, 2, 3),
        (0, 1, 3, 2),
        (None, 2, 0, 1),
    ]


def test_a_point_that_fell_apart_is_told_once() -> None:
    told = changes(document((1, 2, 3, 4)), document((1, 2), (3, 4)))

    assert [(c.old, c.new, c.lost, c.gained) for c in told.points] == [
        (0, 0, 2, 0),
        (None, 1, 0, 2),
    ]


def test_a_summary_to_date_tells_what_was_taken_away_and_not_what_each_day_brings(
    client: FlaskClient,
    session: Session,
    stage: Stage,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
) -> None:
    comment = make_comment()
    decide(comment)
    compile_to_date(session, stage.id, one_by_one, MONDAY_AFTER)
    decide(make_comment("橋の凍結を防いでほしい。"))
    compile_to_date(session, stage.id, one_by_one, MONDAY_AFTER + timedelta(days=1))
    brought = page(client, "/en/stages/5th/summary")
    decide(comment, Publication.WITHHELD)
    compile_to_date(session, stage.id, one_by_one, MONDAY_AFTER + timedelta(days=2))
    taken = page(client, "/en/stages/5th/summary")

    assert "What this revision changed" not in brought
    assert "Withheld: from 0 to 1 comments" in taken
