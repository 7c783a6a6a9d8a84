from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.moderation.conftest import PUBLISHED, WITHHELD
from webapp.comments.models import Comment
from webapp.comments.rules import COVER, Publication
from webapp.moderation.models import Decision
from webapp.moderation.queries import decisions_of
from webapp.moderation.rules import Covered, NothingCovered, Reason, Verdict

TEXT = "隣の山田さんが道に雪を出している。"
COVERING = Verdict(Publication.REDACTED, covered=(Covered(2, 4, Reason.PERSONAL_DATA),))
PAGE = "/en/stages/5th/measures/1-1"


def page(client: FlaskClient) -> str:
    return client.get(PAGE).get_data(as_text=True)


def test_covered_words_are_on_no_page_and_their_reason_is_spoken(
    client: FlaskClient, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    settle(screened(TEXT), COVERING)

    assert "山田" not in page(client)
    assert (
        f'隣の<span class="covered"><span aria-hidden="true">{COVER}</span>'
        '<span class="hidden" lang="en"> (covered: Personal data) </span></span>さんが'
    ) in page(client)
    assert "Corrected on" not in page(client)


def test_a_first_decision_is_no_correction(
    client: FlaskClient, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    settle(screened(TEXT), PUBLISHED)

    assert "Corrected on" not in page(client)


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        (PUBLISHED, COVERING, "Parts of it were covered later."),
        (COVERING, PUBLISHED, "Parts that were covered can be read again."),
        (WITHHELD, PUBLISHED, "It was not published at first."),
        (PUBLISHED, WITHHELD, "It was published before and is not published any more."),
    ],
)
def test_a_correction_is_noted_at_its_place(
    client: FlaskClient,
    screened: Callable[..., Comment],
    settle: Callable[..., Decision],
    first: Verdict,
    then: Verdict,
    said: str,
) -> None:
    comment = screened(TEXT)
    for verdict in (first, then):
        settle(comment, verdict)
    html = page(client)

    assert html.count("Corrected on") == 1
    assert said in html
    assert f'id="comment-{comment.id}"' in html
    assert ("雪を出している" in html) == (then is not WITHHELD)
    assert ("Reason: Abuse" in html) == (then is WITHHELD)
    assert WITHHELD.note not in html


def test_what_was_withheld_from_the_beginning_has_no_place(
    client: FlaskClient, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    comment = screened(TEXT)
    settle(comment, WITHHELD)

    assert f'id="comment-{comment.id}"' not in page(client)


def test_places_stand_among_their_neighbours_on_every_page_of_the_list(
    client: FlaskClient, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    comments = [screened(f"{n}番目") for n in range(30)]
    for comment in comments:
        settle(comment, PUBLISHED)
    for comment in (comments[29], comments[14], comments[2], comments[0]):
        settle(comment, WITHHELD)
    older = client.get(f"{PAGE}?before={comments[3].id}").get_data(as_text=True)
    first = page(client)

    assert first.count("Corrected on") == 2  # 26 can be read, so the first page ends at number 3
    assert first.index(f'id="comment-{comments[15].id}"') < first.index(
        f'id="comment-{comments[14].id}"'
    )
    assert older.count("Corrected on") == 2


def test_the_trail_keeps_every_decision_and_what_each_changed(
    session: Session, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    comment = screened(TEXT)
    for verdict in (PUBLISHED, COVERING, WITHHELD, PUBLISHED):
        settle(comment, verdict)

    assert [decision.change for decision in decisions_of(session, comment.id)] == [
        "published",
        "withheld",
        "covered",
        None,
    ]


def test_covering_needs_words_of_the_text(
    screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    comment = screened(TEXT)

    for covered in ((), (Covered(900, 901, Reason.ABUSE),)):
        with pytest.raises(NothingCovered):
            settle(comment, Verdict(Publication.REDACTED, covered=covered))


def test_the_database_keeps_a_published_text_only_while_it_may_be_read(
    session: Session, screened: Callable[..., Comment], settle: Callable[..., Decision]
) -> None:
    comment = screened(TEXT)
    settle(comment, COVERING)
    session.refresh(comment)
    comment.publication = Publication.WITHHELD

    with pytest.raises(IntegrityError):
        session.commit()
