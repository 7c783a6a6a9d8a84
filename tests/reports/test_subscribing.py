"""How staff say which letter they want, and how it is stopped, with and without signing in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import build
from tests.summaries.conftest import MONDAY_AFTER, WEEK, page
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.audit.models import AuditEntry
from webapp.letters.models import Delivery
from webapp.letters.rules import DeliveryState, LetterKind
from webapp.measures.models import Measure, Stage
from webapp.reports.links import ReaderKey, StopLinks
from webapp.reports.models import Subscription
from webapp.reports.queries import entries_of, wishes_of
from webapp.reports.rules import Attachment, NoReportYet, Wishes
from webapp.reports.services import (
    ask_for_test_letter,
    keep_figures,
    owe_letters,
    subscribe,
    unsubscribe,
)

FORM = "/en/stages/5th/subscription"
SignIn = Callable[[FlaskClient, Staff], None]


def deliveries(session: Session, *kinds: LetterKind) -> list[Delivery]:
    session.rollback()
    wanted = kinds or (LetterKind.WEEKLY_REPORT,)
    return list(session.scalars(select(Delivery).where(Delivery.kind.in_(wanted))))


@pytest.mark.parametrize("role", list(Role))
def test_every_member_of_staff_can_subscribe_and_stop(
    client: FlaskClient, session: Session, stage: Stage, sign_in: SignIn, role: Role
) -> None:
    person = build.staff(session, role)
    sign_in(client, person)
    for _ in range(2):
        client.post(FORM, data={"lang": "en", "weekday": "1"})
    subscribed = page(client, "/en/reports")
    found = session.scalars(select(Subscription.staff_id)).all()
    client.post(f"{FORM}/stop")
    session.rollback()

    assert found == [person.id]
    assert "Stop the letters" in subscribed
    assert "Get them by e-mail" in page(client, "/en/reports")
    assert session.scalars(select(Subscription.id)).all() == []
    trail = select(AuditEntry.action).where(AuditEntry.actor == f"staff:{person.id}")
    assert session.scalars(trail.order_by(AuditEntry.id)).all()[-3:] == [
        "summary.subscribed",
        "summary.changed",
        "summary.unsubscribed",
    ]


def test_the_form_keeps_language_day_files_and_what_it_is_about(
    client: FlaskClient, session: Session, official: Staff, measure: Measure, sign_in: SignIn
) -> None:
    sign_in(client, official)
    client.post(
        FORM,
        data={
            "lang": "ja",
            "weekday": "4",
            "attachments": ["pdf", "csv"],
            "entries": [str(measure.id)],
        },
    )
    found = session.scalars(select(Subscription)).one()
    form = page(client, FORM)

    assert wishes_of(session, found) == Wishes(
        "ja", 4, (Attachment.CSV, Attachment.PDF), frozenset([measure.id])
    )
    assert form.count("checked") == 4
    assert '<option selected value="4">Thursday' in form
    assert "Every Thursday, About 1-1, With CSV, PDF" in page(client, "/en/reports")


@pytest.mark.parametrize(
    "data",
    [
        {"lang": "fr", "weekday": "1"},
        {"lang": "en", "weekday": "8"},
        {"lang": "en", "weekday": "1", "attachments": "exe"},
        {"lang": "en", "weekday": "1", "entries": "999999"},
        {"weekday": "one"},
    ],
)
def test_a_wish_that_cannot_be_is_shown_again_and_stores_nothing(
    client: FlaskClient, session: Session, official: Staff, sign_in: SignIn, data: dict[str, str]
) -> None:
    sign_in(client, official)

    assert "Please look at this again" in client.post(FORM, data=data).get_data(as_text=True)
    assert session.scalars(select(Subscription.id)).all() == []


def test_a_stranger_neither_sees_the_desk_nor_subscribes(
    client: FlaskClient, session: Session, stage: Stage
) -> None:
    assert client.get("/en/reports").status_code == 302
    assert client.get(FORM).status_code == 302
    assert client.post(FORM, data={"lang": "en", "weekday": "1"}).status_code == 302
    assert session.scalars(select(Subscription.id)).all() == []


def test_there_is_no_subscription_to_a_stage_that_is_not_there(
    client: FlaskClient, official: Staff, sign_in: SignIn
) -> None:
    sign_in(client, official)

    assert client.get("/en/stages/9th/subscription").status_code == 404
    assert client.post("/en/stages/9th/subscription/stop").status_code == 404


def stop_url(app: Flask, stage: Stage, person: Staff) -> str:
    links = StopLinks(app.config["SECRET_KEY"])
    return f"/en/reports/stop/{links.token(ReaderKey(stage.id, person.id))}"


def test_opening_the_link_of_a_letter_stops_nothing_and_its_button_does(
    app: Flask, client: FlaskClient, session: Session, stage: Stage, official: Staff
) -> None:
    subscribe(session, stage_id=stage.id, staff_id=official.id, now=WEEK.starts_at)
    link = stop_url(app, stage, official)
    opened = page(client, link)
    still = session.scalars(select(Subscription.id)).all()
    done = client.post(link, data={"List-Unsubscribe": "One-Click"})
    session.rollback()

    assert "Do you want no more weekly reports?" in opened
    assert len(still) == 1
    assert done.status_code == 200
    assert "No more weekly reports will come" in done.get_data(as_text=True)
    assert session.scalars(select(Subscription.id)).all() == []
    assert client.post(link).status_code == 200


def test_a_link_of_another_house_stops_nothing(
    client: FlaskClient, session: Session, stage: Stage, official: Staff
) -> None:
    subscribe(session, stage_id=stage.id, staff_id=official.id, now=WEEK.starts_at)
    forged = StopLinks("another secret").token(ReaderKey(stage.id, official.id))

    assert client.post(f"/en/reports/stop/{forged}").status_code == 404
    assert len(session.scalars(select(Subscription.id)).all()) == 1


def test_who_stops_is_owed_nothing_any_more_and_the_others_are(
    session: Session, stage: Stage, official: Staff, compiled: Callable[..., None]
) -> None:
    other = build.staff(session, Role.OFFICIAL)
    for person in (official, other):
        subscribe(session, stage_id=stage.id, staff_id=person.id, now=WEEK.starts_at)
    compiled()
    keep_figures(session, MONDAY_AFTER)
    owe_letters(session, MONDAY_AFTER)
    unsubscribe(session, stage_id=stage.id, staff_id=official.id, now=MONDAY_AFTER)

    assert [delivery.staff_id for delivery in deliveries(session)] == [other.id]


def test_a_test_letter_is_owed_as_often_as_somebody_asks_but_one_at_a_time(
    session: Session, stage: Stage, official: Staff, compiled: Callable[..., None], now: datetime
) -> None:
    compiled()
    asked = {"stage_id": stage.id, "staff_id": official.id}
    for _ in range(2):
        ask_for_test_letter(session, **asked, now=MONDAY_AFTER)
    (first,) = deliveries(session, LetterKind.REPORT_TEST)
    first.state = DeliveryState.SENT
    session.commit()
    ask_for_test_letter(session, **asked, now=MONDAY_AFTER)
    (again,) = deliveries(session, LetterKind.REPORT_TEST)

    assert again.state is DeliveryState.OWED


def test_without_any_report_a_test_letter_is_refused_with_a_reason(
    client: FlaskClient, session: Session, stage: Stage, official: Staff, sign_in: SignIn
) -> None:
    with pytest.raises(NoReportYet):
        ask_for_test_letter(session, stage_id=stage.id, staff_id=official.id, now=WEEK.starts_at)
    sign_in(client, official)
    answer = client.post(f"{FORM}/test-letter")

    assert answer.status_code == 409
    assert "There is no report of this stage yet." in answer.get_data(as_text=True)


def test_changing_a_wish_replaces_what_the_letter_is_about(
    session: Session, stage: Stage, official: Staff, measure: Measure, other_measure: Measure
) -> None:
    for entry in (measure, other_measure):
        wishes = Wishes("en", entries=frozenset([entry.id]))
        subscribe(
            session, stage_id=stage.id, staff_id=official.id, now=WEEK.starts_at, wishes=wishes
        )
    found = session.scalars(select(Subscription)).one()

    assert entries_of(session, found.id) == {other_measure.id}
