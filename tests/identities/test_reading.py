"""An identity is shown to two roles, for a stated purpose, and each reading is on record first."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, func, inspect, select, text
from sqlalchemy.orm import Session

from tests import build, parts
from tests.answers import words_of
from tests.house.test_access import VALUES
from tests.identities.conftest import WHO
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.models import AuditEntry
from webapp.citytime import Week
from webapp.comments.models import Comment
from webapp.comments.rules import Publication
from webapp.db import db
from webapp.identities.models import IdentityReading
from webapp.identities.services import read_identity
from webapp.mail import mailer_of
from webapp.moderation.rules import Findings, Verdict
from webapp.moderation.services import begin_screening, decide, record_screening
from webapp.sealing import Sealer
from webapp.summaries.services import compile_week
from worker import posting
from worker.analysis.points import compile_points

SignIn = Callable[[FlaskClient, Staff], None]
PIECES = ("カナリア", "旭町4丁目", "0144-99-0099")


@pytest.fixture
def sealer(app: Flask) -> Sealer:
    return Sealer(app.config["IDENTITY_KEYS"])


def number(session: Session, model: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("role", [Role.CLERK, Role.ADMINISTRATOR])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_page_shows_it_only_after_a_purpose_was_stated(
    client: FlaskClient,
    session: Session,
    identified: Callable[..., Comment],
    sealer: Sealer,
    sign_in: SignIn,
    role: Role,
    lang: str,
) -> None:
    comment_id = identified(sealer=sealer).id
    address = f"/{lang}/identities/{comment_id}"
    sign_in(client, build.staff(session, role))
    before = number(session, AuditEntry)
    looked, mute = client.get(address), client.post(address, data={"purpose": "  "})

    assert (looked.status_code, mute.status_code) == (200, 400)
    assert not any(piece in looked.text + mute.text for piece in PIECES)
    assert number(session, AuditEntry) == before
    assert number(session, IdentityReading) == 0

    shown = client.post(address, data={"purpose": "本人からの<b>問合せ</b>"})

    assert all(piece in shown.text for piece in PIECES)
    assert "本人からの&lt;b&gt;問合せ" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert number(session, IdentityReading) == 1
    assert session.scalars(
        select(AuditEntry.subject).where(AuditEntry.action == "identity.read")
    ).all() == [f"comment:{comment_id}"]


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.TRANSLATOR, Role.OFFICIAL])
def test_no_other_role_comes_in(
    client: FlaskClient,
    session: Session,
    identified: Callable[..., Comment],
    sealer: Sealer,
    sign_in: SignIn,
    role: Role,
) -> None:
    address = f"/ja/identities/{identified(sealer=sealer).id}"
    sign_in(client, build.staff(session, role))

    assert client.get("/ja/identities").status_code == 403
    assert client.get(address).status_code == 403
    assert client.post(address, data={"purpose": "好奇心"}).status_code == 403
    assert number(session, IdentityReading) == 0


def test_nothing_is_shown_when_the_reading_cannot_be_recorded(
    session: Session,
    identified: Callable[..., Comment],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    comment_id, clerk = identified().id, build.staff(session, Role.CLERK)

    def fail() -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(session, "commit", fail)
    facts: dict[str, Any] = {"purpose": "試験", "staff_id": clerk.id, "now": now}
    with pytest.raises(RuntimeError):
        read_identity(session, comment_id, sealer=build.SEALER, **facts)


def test_a_key_that_is_gone_is_a_clear_page_and_no_reading(
    app: Flask,
    client: FlaskClient,
    session: Session,
    identified: Callable[..., Comment],
    sign_in: SignIn,
) -> None:
    sealed_elsewhere = identified(sealer=Sealer([Fernet.generate_key().decode()]))
    sign_in(client, build.staff(session, Role.CLERK))
    page = client.post(f"/en/identities/{sealed_elsewhere.id}", data={"purpose": "A test"})

    assert page.status_code == 409
    assert "IDENTITY_KEYS" in page.text
    assert number(session, IdentityReading) == 0


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_list_names_comments_and_days_but_nobody(
    client: FlaskClient,
    session: Session,
    identified: Callable[..., Comment],
    sealer: Sealer,
    sign_in: SignIn,
    lang: str,
) -> None:
    comments = [identified(sealer=sealer).id for _ in range(51)]
    sign_in(client, build.staff(session, Role.ADMINISTRATOR))
    page = client.get(f"/{lang}/identities").text
    later = client.get(f"/{lang}/identities?period=1&after={comments[49]}").text

    assert f'/{lang}/identities/{comments[0]}"' in page
    assert f'/{lang}/identities/{comments[50]}"' not in page
    assert f'/{lang}/identities/{comments[50]}"' in later
    assert not any(piece in page for piece in (*PIECES, "author@example.jp"))
    for odd in ("period=x", "period=999999999999999999999", "after=-1", "after=99999999999"):
        assert client.get(f"/{lang}/identities?{odd}").status_code == 200


def test_an_identity_shows_nowhere_else(
    app: Flask,
    client: FlaskClient,
    session: Session,
    identified: Callable[..., Comment],
    sealer: Sealer,
    sign_in: SignIn,
    moderator: Staff,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
    database_url: str,
) -> None:
    """Not on any page as any role, in any letter, in a log, in a stored summary or in the clear."""
    caplog.set_level(logging.DEBUG)
    comment = identified(sealer=sealer, received_at=now - timedelta(days=7))
    begin_screening(session, comment.id, now)
    record_screening(session, comment.id, Findings("ja", [], "f" * 64, []), now)
    verdict = Verdict(Publication.PUBLISHED)
    decide(session, comment.id, version=1, verdict=verdict, moderator_id=moderator.id, now=now)
    week = Week.of(now - timedelta(days=7))
    compile_week(session, comment.measure.stage_id, week, compile_points, now)
    values = {**VALUES, "comment_id": comment.id, "week": str(week)}
    seen: list[str] = []
    for role in (None, *Role):
        visitor = app.test_client()
        if role is not None:
            sign_in(visitor, build.staff(session, role))
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.endpoint != "static":
                for lang in ("ja", "en"):
                    with app.test_request_context(f"/{lang}/"):
                        known = {name: values[name] for name in rule.arguments}
                        address = app.url_map.bind("localhost").build(
                            rule.endpoint, {**known, "lang": lang} if "lang" in known else known
                        )
                    seen.append(words_of(visitor.get(address)))
    clerk = app.test_client()
    sign_in(clerk, build.staff(session, Role.CLERK))
    shown = clerk.post(f"/ja/identities/{comment.id}", data={"purpose": "試験"})
    with parts.post_office() as post:
        app.config["SMTP_URL"] = post.url
        with app.app_context():
            sent = posting.send_all(db.session(), mailer_of(app), sealer)
    letters = [str(part.get_content()) for m in post.letters for part in m.iter_parts()]
    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = [
            repr(list(connection.execute(text(f'SELECT * FROM "{table}"'))))
            for table in inspect(engine).get_table_names()
        ]
    engine.dispose()

    assert len(seen) > 100
    assert any("除雪を早く。" in page for page in seen)
    assert sent >= 2
    assert WHO.name in shown.text
    for piece in PIECES:
        for said in (*seen, *letters, *rows, caplog.text):
            assert piece not in said
