"""The public tally: counted by the worker, read by anyone, the same as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests import build
from webapp.accounts.models import Staff
from webapp.comments.models import Comment
from webapp.comments.rules import Channel, Publication, Treatment
from webapp.db import db
from webapp.measures.models import Measure, Stage
from webapp.moderation.rules import Findings, Reason, Verdict
from webapp.moderation.services import begin_screening, decide, record_screening
from webapp.receipts.services import withdraw
from webapp.tally.queries import due_stages, tally_of
from webapp.tally.rules import COUNT_EVERY, Tally
from webapp.tally.services import count_stage

PUBLISHED = Verdict(Publication.PUBLISHED)
WITHHELD = Verdict(Publication.WITHHELD, Treatment.OUT_OF_SCOPE, Reason.ABUSE)


@pytest.fixture
def world(
    session: Session,
    measure: Measure,
    make_comment: Callable[..., Comment],
    moderator: Staff,
    now: datetime,
) -> None:
    """Eight comments: five published, one withheld, one withdrawn, one waiting."""
    made = [make_comment(f"{n}番目の意見です。", channel=Channel.FAX).id for n in range(6)]
    made += [make_comment("An opinion.", language="en").id for _ in range(2)]
    for n, comment_id in enumerate(made[:6]):
        begin_screening(session, comment_id, now)
        record_screening(session, comment_id, Findings("ja", [], f"{n:064d}", []), now)
        decide(
            session,
            comment_id,
            version=1,
            verdict=PUBLISHED if n < 5 else WITHHELD,
            moderator_id=moderator.id,
            now=now + timedelta(hours=n + 1),
        )
    withdraw(session, made[6], version=1, now=now)
    count_stage(session, measure.stage_id, now=now)


def rows(client: FlaskClient) -> dict[tuple[str, str], str]:
    text = client.get("/en/stages/5th/tally.csv").get_data(as_text=True)
    found = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    return {(row["Table"], row["Code"]): row["Number"] for row in found}


def test_every_comment_is_in_the_tally_once(session: Session, stage: Stage, world: None) -> None:
    counted = tally_of(session, stage.id)
    assert counted is not None
    tally = Tally.read(counted.document)

    assert tally.received == 8
    assert tally.publications == {"published": 5, "withheld": 1, "withdrawn": 1, "waiting": 1}
    assert tally.treatments == {"counts": 5, "out-of-scope": 1}
    assert tally.reasons == {"abuse": 1}
    assert tally.decided == 6
    assert (tally.median_seconds, tally.ninetieth_seconds) == (3 * 3600, 6 * 3600)


def test_the_page_names_what_it_counts_and_since_when(client: FlaskClient, world: None) -> None:
    english = client.get("/en/stages/5th/tally").get_data(as_text=True)
    japanese = client.get("/ja/stages/5th/tally").get_data(as_text=True)

    assert "8 comments were received." in english
    assert "Every number counts comments, not people" in english
    assert "3 hours" in english
    assert "8件の意見を受け付けました。" in japanese
    assert "人を傷つける内容のため" in japanese


def test_the_file_says_the_same_and_hides_the_same(client: FlaskClient, world: None) -> None:
    found = rows(client)

    assert found["Received", "received"] == "8"
    assert found["Can people read it?", "published"] == "5"
    assert found["Why not published", "abuse"] == "1"
    assert found["By language", "en"] == found["By language", "ja"] == "hidden"
    assert found["From receipt to decision", ""] == str(6 * 3600)


def test_the_stage_and_every_footer_lead_to_it(client: FlaskClient, world: None) -> None:
    stage = client.get("/en/stages/5th").get_data(as_text=True)
    about = client.get("/en/about").get_data(as_text=True)

    assert stage.count('href="/en/stages/5th/tally"') == 2
    assert 'href="/en/tally"' in about
    assert "8 comments were received." in client.get("/en/tally").get_data(as_text=True)


def test_reading_the_tally_never_looks_at_the_comments(
    app: Flask, client: FlaskClient, world: None
) -> None:
    said: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        said.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", listen)
    client.get("/en/stages/5th/tally")
    client.get("/en/stages/5th/tally.csv")

    assert any("FROM tallies" in statement for statement in said)
    assert not [statement for statement in said if "FROM comments" in statement]


def test_a_stage_is_counted_again_after_a_while_and_not_before(
    session: Session, stage: Stage, world: None, now: datetime
) -> None:
    soon = now + COUNT_EVERY - timedelta(seconds=1)

    assert list(due_stages(session, soon)) == []
    assert list(due_stages(session, now + COUNT_EVERY)) == [stage.id]


def test_before_the_first_count_the_page_says_so(client: FlaskClient, stage: Stage) -> None:
    page = client.get("/en/stages/5th/tally")

    assert page.status_code == 200
    assert "being counted for the first time" in page.get_data(as_text=True)
    assert client.get("/en/stages/5th/tally.csv").status_code == 404
    assert client.get("/en/stages/6th/tally").status_code == 404


def test_a_tally_counts_only_its_own_stage(
    session: Session, stage: Stage, world: None, now: datetime
) -> None:
    other = build.stage(session, opens_at=now, slug="6th")
    count_stage(session, other.id, now=now)
    counted = tally_of(session, other.id)
    assert counted is not None

    assert counted.document["received"] == 0
