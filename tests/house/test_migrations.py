"""Every migration runs up and down with data in the tables, and ends at what the models say."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import CheckConstraint, Inspector, create_engine, func, inspect, select, text
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.rules import Role
from webapp.audit.models import AuditEntry
from webapp.audit.queries import chain_head, verify_chain
from webapp.audit.rules import Break
from webapp.audit.services import seal
from webapp.citytime import Week, city_day
from webapp.comments.models import Comment, ReceiptRow, StoppedAddress
from webapp.comments.queries import published_texts
from webapp.comments.rules import Identity, Publication, Treatment
from webapp.identities.services import read_identity
from webapp.interpreting.books import open_books, reserve, settle
from webapp.interpreting.machine import begin, fail
from webapp.interpreting.models import MachineMonth
from webapp.interpreting.queries import work_on_comment
from webapp.interpreting.rules import Purpose, month_of
from webapp.interpreting.services import publish_translation as publish_comment_translation
from webapp.measures.models import CommentPeriod
from webapp.measures.rules import IdentityRequest
from webapp.moderation.claiming import take_over, take_up
from webapp.moderation.models import Decision
from webapp.moderation.nudging import nudge_moderators
from webapp.moderation.placing import place_comments
from webapp.moderation.rules import Covered, DeskRules, Findings, FoundFlag, Reason, Verdict
from webapp.moderation.screening import begin_screening, record_screening
from webapp.moderation.services import decide
from webapp.moderation.settings import set_second_person
from webapp.moderation.undoing import undo
from webapp.orm import Base
from webapp.readings.services import correct_reading
from webapp.receipts.rules import Revision
from webapp.receipts.services import ask_for_second_look, revise, withdraw
from webapp.reports.rules import Attachment, Wishes
from webapp.reports.services import ask_for_test_letter, keep_figures, subscribe
from webapp.responses.rules import Category
from webapp.responses.rules import Wording as Answer
from webapp.responses.services import draft_response, publish_response
from webapp.summaries.editing import Wanted
from webapp.summaries.models import PointDraft
from webapp.summaries.services import (
    compile_closing,
    compile_to_date,
    compile_week,
    edit_summary,
    sign_off,
)
from webapp.tally.services import count_stage
from webapp.translating.rules import Wording
from webapp.translating.services import publish_translation, put_term
from webapp.word_list.services import list_word
from worker import words
from worker.analysis.duplicates import Comparing
from worker.analysis.points import compile_points
from worker.reading import read_all

ROOT = Path(__file__).parents[2]
BEFORE_RECEIPTS_HELD_SEVERAL = (
    ScriptDirectory(ROOT / "migrations").get_revision("0011").down_revision
)
WHO = Identity("苫小牧 太郎", "旭町4丁目")
REVISIONS = [r.revision for r in ScriptDirectory(ROOT / "migrations").walk_revisions()]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, not yet migrated."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    server = request.getfixturevalue("postgresql_server")
    name = f"empty_{abs(hash(tmp_path))}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return build.with_database(server, name)


def fill(session: Session, now: datetime) -> None:
    """At least one row in every table that people fill."""
    asks = IdentityRequest({"ja": "目的", "en": "Purpose"}, city_day(now + timedelta(days=60)))
    stage = build.stage(session, opens_at=now, identity=asks)
    measure = build.measure(session, stage, "1-1")
    moderator = build.staff(session, Role.MODERATOR)
    comment = build.comment(
        session, measure, text="試験の意見です。", now=now, email="a@b.jp", identity=WHO
    )
    read_identity(
        session,
        comment.id,
        purpose="試験",
        staff_id=moderator.id,
        sealer=build.SEALER,
        now=now,
    )
    begin_screening(session, comment.id, now)
    findings = Findings("ja", [FoundFlag("link", 0, 2)], "f" * 64, [1, -2])
    record_screening(session, comment.id, findings, now)
    decide(
        session,
        comment.id,
        version=1,
        verdict=Verdict(Publication.PUBLISHED),
        moderator_id=moderator.id,
        now=now,
    )
    answer = draft_response(
        session,
        measure.id,
        Answer(Category.EXPLAINED, {"ja": "市の考え方です。", "en": "What the city says."}),
        [comment.id],
        staff_id=moderator.id,
        now=now,
    )
    publish_response(session, answer.id, version=1, staff_id=moderator.id, now=now)
    wishes = Wishes("en", 4, (Attachment.PDF,), frozenset([measure.id]))
    mine = {"stage_id": stage.id, "staff_id": moderator.id}
    subscribe(session, **mine, now=now, wishes=wishes)
    week = Week.of(now)
    compile_week(session, stage.id, week, compile_points, week.ends_at)
    keep_figures(session, week.ends_at)
    ask_for_test_letter(session, **mine, now=now)
    put_term(
        session,
        lang="en",
        source="苫小牧市",
        target="Tomakomai",
        note="",
        staff_id=moderator.id,
        now=now,
    )
    english = Wording(stage.title_id, 1, "A stage in better English")
    publish_translation(session, english, lang="en", version=1, staff_id=moderator.id, now=now)
    appealed, taken_back = (
        build.comment(session, measure, text=f"{n}番目の意見です。", now=now, identity=WHO).id
        for n in (2, 3)
    )
    revise(session, appealed, Revision("書き直した意見です。", "ja"), version=1, now=now)
    record_screening(session, appealed, Findings("ja", [], "a" * 64, []), now)
    withheld = Verdict(Publication.WITHHELD, reason=Reason.ABUSE)
    decide(session, appealed, version=2, verdict=withheld, moderator_id=moderator.id, now=now)
    ask_for_second_look(session, appealed, note="もう一度", version=3, now=now)
    week = Week.of(now)
    compile_week(session, stage.id, week, compile_points, week.ends_at)  # of three comments
    withdraw(session, taken_back, version=1, now=now)
    compile_week(session, stage.id, week, compile_points, week.ends_at)
    compile_to_date(session, stage.id, compile_points, now + timedelta(days=1))
    period = session.scalars(select(CommentPeriod)).one()
    closing = compile_closing(session, period.id, compile_points, period.closes_at)
    assert closing is not None
    wanted = Wanted({"ja": "はじめに。"})
    edit_summary(session, closing.id, None, wanted, editor_id=moderator.id, now=now)
    open_books(session, "drafting", now, Purpose.DRAFTING)
    draft = PointDraft(summary_id=closing.id, measure_id=measure.id, point_key="k" * 32)
    draft.asked_by, draft.asked_at, draft.due_at = moderator.id, now, now
    session.add(draft)
    sign_off(session, closing.id, staff_id=moderator.id, now=now)
    place_comments(session, Comparing())
    nudge_moderators(session, target_days=1, now=now + timedelta(days=2))
    covered = build.comment(
        session, measure, text="隠す言葉のある意見です。", now=now, identity=WHO
    ).id
    begin_screening(session, covered, now)
    record_screening(session, covered, Findings("ja", [], "b" * 64, []), now)
    spans = (Covered(0, 4, Reason.PERSONAL_DATA),)
    redacted = Verdict(Publication.REDACTED, covered=spans)
    decide(session, covered, version=1, verdict=redacted, moderator_id=moderator.id, now=now)
    work_at_the_desk(session, appealed, moderator.id, now)
    build.comment(session, measure, text="同じ人の意見です。", now=now, joins=comment.receipt_id)
    session.add(StoppedAddress(address_digest="d" * 32, stopped_at=now))
    session.commit()
    translate_both_ways(session, comment.id, moderator.id, now)
    correct_reading(session, word="美々", reading="びび", by="test", now=now)
    read_all(session)
    list_word(session, "意見", reason="試験", staff_id=moderator.id, now=now)
    count_stage(session, stage.id, now=now)
    words.sweep(session)
    seal(session)


def translate_both_ways(session: Session, comment_id: int, staff_id: int, now: datetime) -> None:
    """A translation by a person, and an attempt by a machine that failed."""
    work = work_on_comment(session, comment_id, "en")
    assert work is not None
    open_books(session, "deepl", now)
    lasting = timedelta(minutes=1)
    job = begin(session, comment_id, "en", most=1_000, lasting=lasting, now=now)
    assert job is not None
    fail(session, job, "HTTP 500", provider="deepl", doubtful=True, now=now)
    second = begin(
        session, comment_id, "en", most=1_000, lasting=lasting, now=now + timedelta(minutes=2)
    )
    assert second is not None
    publish_comment_translation(
        session,
        comment_id,
        "An opinion for tests.",
        lang="en",
        version=0,
        source=work.source,
        staff_id=staff_id,
        now=now,
    )


def work_at_the_desk(session: Session, comment_id: int, moderator_id: int, now: datetime) -> None:
    """A proposal by a second person, one that is undone, and a claim that was taken over."""
    other, desk = build.staff(session, Role.MODERATOR).id, DeskRules(True, timedelta(minutes=1))
    spam = Verdict(Publication.WITHHELD, Treatment.NOT_AN_OPINION, Reason.ABUSE)
    decide(session, comment_id, version=4, verdict=spam, moderator_id=other, now=now, desk=desk)
    mine = {"moderator_id": other, "now": now}
    undo(session, comment_id, version=4, within=desk.undo_within, **mine)  # type: ignore[arg-type]
    take_up(session, comment_id, moderator_id=moderator_id, now=now, lasting=timedelta(minutes=9))
    set_second_person(session, False, staff_id=moderator_id, now=now)
    take_over(session, comment_id, reason="試験", lasting=timedelta(minutes=9), **mine)  # type: ignore[arg-type]


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory(ROOT / "migrations").get_heads()) == 1


def test_up_with_data_down_and_up_again(app: Flask, database_url: str, now: datetime) -> None:
    engine = create_engine(database_url)
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        with Session(engine) as session:
            fill(session, now)

            assert session.scalar(select(func.count()).select_from(Comment)) == 5

        for _ in REVISIONS:
            flask_migrate.downgrade(directory=str(ROOT / "migrations"))

        assert set(inspect(engine).get_table_names()) <= {"alembic_version"}

        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})

            assert compare_metadata(context, Base.metadata) == []
            assert checks(inspect(engine)) == {
                table.name: {
                    str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)
                }
                for table in Base.metadata.sorted_tables
            }
    engine.dispose()


def test_a_step_down_and_up_keeps_every_comment_and_shows_no_withdrawn_one(
    app: Flask, database_url: str, now: datetime
) -> None:
    engine = create_engine(database_url)
    folder = str(ROOT / "migrations")
    with app.app_context():
        flask_migrate.upgrade(directory=folder)
        with Session(engine) as session:
            fill(session, now)
        flask_migrate.downgrade(directory=folder, revision="0004")
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT publication FROM comments ORDER BY id"))

            assert rows.scalars().all() == [
                "published",
                "waiting",
                "withheld",
                "withheld",
                "waiting",
            ]

        flask_migrate.upgrade(directory=folder)
        with Session(engine) as session:
            assert session.scalar(select(func.count()).select_from(Decision)) == 3
            assert published_texts(session, [1, 4]) == {1: "試験の意見です。"}
    engine.dispose()


def test_one_persons_comments_each_have_a_receipt_after_going_back(
    app: Flask, database_url: str, now: datetime
) -> None:
    engine = create_engine(database_url)
    folder = str(ROOT / "migrations")
    with app.app_context():
        flask_migrate.upgrade(directory=folder)
        with Session(engine) as session:
            fill(session, now)
            known = session.scalar(select(ReceiptRow.number).order_by(ReceiptRow.id).limit(1))
        flask_migrate.downgrade(directory=folder, revision=BEFORE_RECEIPTS_HELD_SEVERAL)
        with engine.connect() as connection:
            first = text("SELECT number FROM receipts WHERE comment_id = 1")

            assert connection.scalar(first) == known

        flask_migrate.upgrade(directory=folder)
        with Session(engine) as session:
            comments = session.scalars(select(Comment).order_by(Comment.id)).all()

            assert [comment.receipt_id for comment in comments] == [1, 2, 3, 4, 5]
            assert comments[0].receipt.number == known
            measure = comments[0].measure
            later = build.comment(
                session, measure, text="次の人の意見です。", now=now, identity=WHO
            )
            assert later.receipt_id == 6
    engine.dispose()


def test_entries_from_before_there_was_a_chain_are_the_first_to_be_sealed(
    app: Flask, database_url: str, now: datetime
) -> None:
    engine = create_engine(database_url)
    folder = str(ROOT / "migrations")
    with app.app_context():
        flask_migrate.upgrade(directory=folder)
        with Session(engine) as session:
            fill(session, now)
            entries = session.scalar(select(func.count()).select_from(AuditEntry))
        flask_migrate.downgrade(directory=folder, revision="0014")
        flask_migrate.upgrade(directory=folder)
        with Session(engine) as session:
            while seal(session):
                pass

            assert chain_head(session).position == entries
            assert not [f for f in verify_chain(session) if isinstance(f, Break)]
    engine.dispose()


def test_what_translating_has_cost_outlives_the_books_for_each_purpose(
    app: Flask, database_url: str, now: datetime
) -> None:
    engine = create_engine(database_url)
    folder = str(ROOT / "migrations")
    with app.app_context():
        flask_migrate.upgrade(directory=folder)
        with Session(engine) as session:
            open_books(session, "deepl", now)
            assert reserve(session, month_of(now), 70, most=100)
            settle(session, month_of(now), 30, spent=True)
            session.commit()
        flask_migrate.downgrade(directory=folder, revision="0008")
        flask_migrate.upgrade(directory=folder)
        with Session(engine) as session:
            month = session.scalars(select(MachineMonth)).one()

            assert (month.purpose, month.reserved, month.used) == (Purpose.TRANSLATING, 40, 30)
    engine.dispose()


def checks(inspector: Inspector) -> dict[str, set[str]]:
    """The names of the checks in the database; Alembic itself does not compare them."""
    return {
        table: {str(check["name"]) for check in inspector.get_check_constraints(table)}
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }
