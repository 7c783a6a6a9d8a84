"""`flask summaries verify` proves every stored summary again, from the comments."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.summaries.conftest import MONDAY_AFTER, WEEK, one_by_one
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.measures.models import Stage
from webapp.summaries.models import Summary, SummarySection
from webapp.summaries.rules import Counts
from webapp.summaries.services import compile_week, verify_summaries


@pytest.fixture
def stored(
    session: Session,
    stage: Stage,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
) -> Comment:
    comment = make_comment("歩道の除雪を早くしてほしい。")
    decide(comment)
    compile_week(session, stage.id, WEEK, one_by_one, MONDAY_AFTER)
    return comment


def test_what_was_stored_holds(session: Session, stored: Comment) -> None:
    assert list(verify_summaries(session)) == []


def test_an_altered_document_is_found(session: Session, stored: Comment) -> None:
    document = session.scalar(select(SummarySection.document)) or ""
    session.execute(
        update(SummarySection).values(document=document.replace("早くして", "遅くして"))
    )

    assert list(verify_summaries(session)) == [
        f"5th 2026-W47 revision 1: 1-1: a quote is not verbatim from comment {stored.id}"
    ]


def test_altered_totals_are_found(session: Session, stored: Comment) -> None:
    session.execute(update(Summary).values(totals=Counts(received=7).written()))

    assert list(verify_summaries(session)) == [
        "5th 2026-W47 revision 1: the totals are not the sum of the measures"
    ]


def test_a_section_that_was_taken_away_is_found(session: Session, stored: Comment) -> None:
    session.execute(update(SummarySection).values(measure_id=SummarySection.measure_id + 1))

    assert (
        "5th 2026-W47 revision 1: the sections are not those of the measures with comments"
    ) in list(verify_summaries(session))


def test_a_summary_that_a_later_decision_overtook_is_no_finding(
    session: Session, stored: Comment, decide: Callable[..., None]
) -> None:
    decide(stored, Publication.WITHHELD)

    assert list(verify_summaries(session)) == []
