"""The page of a measure shows the points of a summary without reading the whole section."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.summaries.conftest import one_by_one, page
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.measures.services import turn_edition
from webapp.summaries.models import SummarySection
from webapp.summaries.rules import SectionDocument

MEASURE = "/en/stages/5th/measures/1-1"
LONG = "歩道の除雪を朝7時までに終えてほしい。学校へ行く子どもが車道を歩くので、とても危ないです。"


@pytest.fixture
def points(
    session: Session,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
    compiled: Callable[..., None],
) -> list[Comment]:
    comments = [make_comment(LONG), make_comment("橋の凍結を防いでほしい。")]
    for comment in comments:
        decide(comment)
    compiled(one_by_one)
    return comments


def part(html: str) -> str:
    """What people say, as the page of the measure has it, before the list of comments."""
    return html.partition('id="points-title"')[2].partition('id="comments"')[0]


def test_a_measure_shows_the_same_points_with_or_without_the_section(
    client: FlaskClient, session: Session, points: list[Comment]
) -> None:
    at_once = part(page(client, MEASURE))
    session.execute(update(SummarySection).values(front=""))  # as a section from before has it
    turn_edition(session)
    session.commit()

    assert LONG[:8] in at_once
    assert part(page(client, MEASURE)) == at_once


def test_the_section_is_read_only_when_a_comment_has_lost_words(
    client: FlaskClient,
    session: Session,
    points: list[Comment],
    decide: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []
    whole = SectionDocument.read
    monkeypatch.setattr(
        SectionDocument, "read", classmethod(lambda _, text: (read.append(text), whole(text))[1])
    )
    before = part(page(client, MEASURE))

    assert "橋の凍結" in before
    assert read == []

    decide(points[1], Publication.WITHHELD)
    after = part(page(client, MEASURE))

    assert LONG[:8] in after
    assert "橋の凍結" not in after
    assert len(read) == 1
