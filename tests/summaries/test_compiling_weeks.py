"""A week's summary is found or made once, and made again when its comments have changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from tests import build
from tests.summaries.conftest import MONDAY_AFTER, WEEK, Compiled, one_by_one
from webapp.accounts.models import Staff
from webapp.audit.models import AuditEntry
from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.comments.rules import Publication, Treatment
from webapp.measures.models import Measure, Stage
from webapp.measures.queries import edition_number
from webapp.summaries.models import Summary, SummarySection
from webapp.summaries.rules import BrokenSummary, Counts, SectionDocument, WeekNotOver
from webapp.summaries.services import compile_week, verify_summaries
from worker.analysis.points import compile_points


def compile(session: Session, stage: Stage, week: Week = WEEK, **facts: Any) -> Summary | None:
    now = facts.pop("now", max(MONDAY_AFTER, week.ends_at))
    return compile_week(session, stage.id, week, facts.pop("compiler", compile_points), now)


def number_of(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def documents(session: Session) -> dict[str, SectionDocument]:
    found = session.scalars(select(SummarySection.document))
    return {d.measure: d for d in map(SectionDocument.read, found)}


def test_every_counted_comment_is_behind_one_point_or_among_the_others(
    session: Session,
    stage: Stage,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
) -> None:
    counted = [make_comment(f"歩道の除雪を{n}時までに終えてほしい。") for n in range(4)]
    withheld = make_comment("除雪をしない市長はやめろ。")
    spam, waiting = make_comment("安い靴を売ります。"), make_comment("図書館を夜も開けてほしい。")
    for comment in counted:
        decide(comment)
    decide(withheld, Publication.WITHHELD)
    decide(spam, Publication.WITHHELD, Treatment.NOT_AN_OPINION)
    compile(session, stage)

    section = documents(session)["1-1"]
    placed = [*section.others, *(id for point in section.points for id in point.comments)]
    assert sorted(placed) == sorted(c.id for c in [*counted, withheld])
    assert section.unpublished == (withheld.id,)
    assert section.counts.waiting == 1
    assert section.counts.not_an_opinion == 1
    assert waiting.id not in placed
    assert list(verify_summaries(session)) == []


def test_the_totals_are_the_sums_of_the_measures(
    session: Session,
    stage: Stage,
    other_measure: Measure,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
) -> None:
    decide(make_comment())
    decide(make_comment(measure=other_measure))
    make_comment(measure=other_measure)
    summary = compile(session, stage)

    assert summary is not None
    sections = documents(session)
    assert sections["1-1"].counts + sections["2-1"].counts == Counts.read(summary.totals)
    assert Counts.read(summary.totals).received == 3


def test_compiling_again_finds_what_is_there(
    session: Session, stage: Stage, make_comment: Callable[..., Comment]
) -> None:
    make_comment()
    compile(session, stage)
    edition = edition_number(session)

    assert compile(session, stage) is None
    assert not session.in_transaction()
    assert number_of(session, Summary) == 1
    assert edition_number(session) == edition


def test_a_late_decision_makes_a_new_revision(
    session: Session,
    stage: Stage,
    official: Staff,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
) -> None:
    comment = make_comment()
    compile(session, stage)
    decide(comment)
    revised = compile(session, stage)

    assert revised is not None
    assert revised.revision == 2
    assert Counts.read(revised.totals).waiting == 0
    assert list(verify_summaries(session)) == []


def test_two_workers_make_one_summary(
    session: Session, stage: Stage, official: Staff, make_comment: Callable[..., Comment]
) -> None:
    make_comment()
    stage_id, url = stage.id, session.get_bind().engine.url
    session.rollback()
    together = threading.Barrier(2, timeout=20)
    made: list[Summary | None] = []

    def meeting(comments: Any, known: Any) -> Any:
        together.wait()  # both have looked, neither has stored
        return one_by_one(comments, known)

    def work() -> None:
        engine = create_engine(url, connect_args=build.patience(str(url)))
        with Session(engine, expire_on_commit=False) as own:
            made.append(compile_week(own, stage_id, WEEK, meeting, MONDAY_AFTER))
        engine.dispose()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len({summary.id for summary in made if summary}) == 1
    assert len(made) == 2
    assert number_of(session, Summary) == 1


def test_an_empty_week_has_a_summary(session: Session, stage: Stage, official: Staff) -> None:
    summary = compile(session, stage)

    assert summary is not None
    assert Counts.read(summary.totals) == Counts()


def test_a_broken_summary_stores_nothing(
    session: Session,
    stage: Stage,
    official: Staff,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
) -> None:
    comment = make_comment()
    decide(comment)
    entries, edition = number_of(session, AuditEntry), edition_number(session)

    with pytest.raises(BrokenSummary, match=f"comment {comment.id} counts, but stands nowhere"):
        compile(session, stage, compiler=lambda _comments, _known: Compiled((), ()))
    assert number_of(session, Summary) == 0
    assert number_of(session, AuditEntry) == entries
    assert edition_number(session) == edition


def test_a_week_that_is_not_over_is_refused(session: Session, stage: Stage) -> None:
    with pytest.raises(WeekNotOver):
        compile(session, stage, now=WEEK.ends_at - timedelta(microseconds=1))


def test_a_measure_that_was_withdrawn_keeps_its_comments_in_the_summary(
    session: Session,
    stage: Stage,
    measure: Measure,
    make_comment: Callable[..., Comment],
    decide: Callable[..., None],
) -> None:
    decide(make_comment())
    measure.withdrawn_at = MONDAY_AFTER
    session.commit()
    compile(session, stage)

    assert documents(session)["1-1"].counts.received == 1


def test_compiling_holds_no_transaction_while_it_thinks(
    session: Session, stage: Stage, make_comment: Callable[..., Comment]
) -> None:
    make_comment()
    held: list[bool] = []

    def thinking(comments: Any, known: Any) -> Any:
        held.append(session.in_transaction())
        return one_by_one(comments, known)

    compile(session, stage, compiler=thinking)

    assert held == [False]


def test_the_trail_names_what_was_compiled(session: Session, stage: Stage) -> None:
    summary = compile(session, stage)

    assert summary is not None
    entry = session.scalar(select(AuditEntry).where(AuditEntry.action == "summary.compiled"))
    assert entry is not None
    assert (entry.actor, entry.subject) == ("compiler", f"summary:{summary.id}")
