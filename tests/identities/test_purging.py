"""On its day everything personal of a period goes, once, with its trail; keys can be changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import time_machine
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests import build
from tests.identities.conftest import WHO
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.models import AuditEntry
from webapp.audit.rules import digest
from webapp.citytime import midnight
from webapp.comments.models import Comment, Contact, IdentityRow
from webapp.identities.rules import Purged
from webapp.identities.services import purge_due, reseal
from webapp.letters.models import Delivery
from webapp.letters.rules import DeliveryState, author
from webapp.measures.models import Measure
from webapp.sealing import Sealer
from worker.schedule import schedule


def number(session: Session, model: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_everything_personal_of_the_period_goes_on_the_day_and_not_before(
    session: Session, identified: Callable[..., Comment], purge_on: date
) -> None:
    identified()
    identified(email=None)
    period_id = identified(confirmed=False).period_id
    early = purge_due(session, now=midnight(purge_on) - timedelta(seconds=1))

    assert early == []
    assert number(session, IdentityRow) == 3

    purged = purge_due(session, now=midnight(purge_on))

    assert purged == [Purged(period_id, identities=3, contacts=2)]
    assert (
        number(session, IdentityRow) == number(session, Contact) == number(session, Delivery) == 0
    )
    assert number(session, Comment) == 3
    assert session.scalars(
        select(AuditEntry.after).where(AuditEntry.action == "identities.purged")
    ).all() == [digest({"identities": 3, "contacts": 2})]
    assert purge_due(session, now=midnight(purge_on) + timedelta(days=1)) == []


def test_what_mail_servers_said_of_its_authors_goes_with_it(
    session: Session, identified: Callable[..., Comment], purge_on: date
) -> None:
    comment = identified()
    session.execute(update(Delivery).values(state=DeliveryState.DEAD, last_error="550 no"))
    session.commit()
    purge_due(session, now=midnight(purge_on))
    kept = session.execute(select(Delivery.recipient, Delivery.last_error)).all()

    assert kept == [(author(comment.id), None)]


def test_a_period_that_does_not_ask_keeps_its_addresses(
    session: Session, identified: Callable[..., Comment], now: datetime, purge_on: date
) -> None:
    other = build.stage(session, opens_at=now - timedelta(days=1), slug="6th")
    build.comment(
        session, build.measure(session, other, "1-1"), text="意見", now=now, email="b@example.jp"
    )
    identified()
    purge_due(session, now=midnight(purge_on))

    assert number(session, Contact) == 1
    assert number(session, Delivery) == 1


def test_the_worker_looks_once_an_hour() -> None:
    assert [
        line for line in schedule(30).values() if line["task"] == "worker.tasks.purge_personal_data"
    ]


@pytest.mark.parametrize(("lang", "words"), [("ja", "削除の期日です"), ("en", "Due to be deleted")])
def test_what_is_due_is_said_on_the_page_and_at_the_terminal(
    app: Flask,
    session: Session,
    client: FlaskClient,
    identified: Callable[..., Comment],
    purge_on: date,
    sign_in: Callable[[FlaskClient, Staff], None],
    monkeypatch: pytest.MonkeyPatch,
    lang: str,
    words: str,
) -> None:
    identified()
    monkeypatch.setenv("LANG", f"{lang}.UTF-8")
    sign_in(client, build.staff(session, Role.CLERK))
    runner = app.test_cli_runner()
    before = runner.invoke(args=["identity", "due"]).output
    page_before = client.get(f"/{lang}/identities").text

    assert purge_on.isoformat() in before
    assert words.lower() not in before.lower()
    assert words not in page_before

    with time_machine.travel(midnight(purge_on), tick=False):
        after = runner.invoke(args=["identity", "due"]).output
        sign_in(client, build.staff(session, Role.CLERK))
        page = client.get(f"/{lang}/identities").text
        purged = runner.invoke(args=["identity", "purge"])

    assert words.lower() in after.lower()
    assert words in page
    assert purged.exit_code == 0
    assert number(session, IdentityRow) == 0


def test_everything_is_sealed_anew_in_batches_and_can_be_stopped(
    session: Session,
    identified: Callable[..., Comment],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webapp.identities.services.BATCH", 2)
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    for n in range(5):
        identified(replace(WHO, contact=f"{n}"), email=f"a{n}@example.jp", sealer=Sealer([old]))
    both = Sealer([new, old])
    next(steps := reseal(session, sealer=both, by="cli", now=now))
    steps.close()
    opened = []
    for sealed in session.scalars(select(Contact.sealed_email).order_by(Contact.comment_id)):
        opened.append(both.renewed(sealed) is None)

    assert opened == [True, True, False, False, False]

    *_, done = reseal(session, sealer=both, by="cli", now=now)
    *_, again = reseal(session, sealer=both, by="cli", now=now)
    emails = [Sealer([new]).open(s) for s in session.scalars(select(Contact.sealed_email))]
    people = [Sealer([new]).open(s) for s in session.scalars(select(IdentityRow.sealed))]

    assert (done.seen, done.renewed, done.unreadable) == (10, 8, 0)
    assert (again.seen, again.renewed, again.unreadable) == (10, 0, 0)
    assert sorted(emails) == [f"a{n}@example.jp" for n in range(5)]
    assert len(set(people)) == 5


def test_the_command_names_what_no_key_opens_and_leaves_it(
    app: Flask, session: Session, identified: Callable[..., Comment], measure: Measure
) -> None:
    identified(sealer=Sealer([Fernet.generate_key().decode()]), email=None)
    identified(sealer=Sealer(app.config["IDENTITY_KEYS"]))
    before = session.scalars(select(IdentityRow.sealed).order_by(IdentityRow.comment_id)).first()
    result = app.test_cli_runner().invoke(args=["identity", "rotate"])
    session.rollback()
    after = session.scalars(select(IdentityRow.sealed).order_by(IdentityRow.comment_id)).first()

    assert result.exit_code == 1
    assert "1 cannot be opened" in result.output
    assert before == after
