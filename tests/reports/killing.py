"""Killing whoever sends the weekly letters, as often as wanted, and what came of it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tests import parts
from tests.posting_process import posting_process
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.citytime import Week
from webapp.letters.models import Delivery
from webapp.letters.rules import DeliveryState
from webapp.orm import table_of
from webapp.reports.models import Subscription
from webapp.reports.services import keep_figures, owe_letters
from webapp.summaries.services import compile_week
from worker.analysis.points import compile_points


@dataclass(frozen=True)
class Outcome:
    """What came of it: how often each address got the letter, and what the house believes.

    `among_letters` of the kills came when the worker had sent something already.
    """

    kills: int
    among_letters: int
    letters: int
    received: Counter[str]
    sent: frozenset[str]
    unknown: frozenset[str]

    @property
    def doubled(self) -> set[str]:
        """Who got the letter more than once."""
        return {who for who, times in self.received.items() if times > 1}

    @property
    def lost(self) -> frozenset[str]:
        """Whom the house believes to have the letter and who has it not, and who is forgotten."""
        everyone = frozenset(address(number) for number in range(self.letters))
        return (self.sent - set(self.received)) | (everyone - self.sent - self.unknown)


def address(number: int) -> str:
    return f"official{number}@city.example"


def subscribe_many(session: Session, stage_id: int, many: int, now: datetime) -> None:
    """So many officials, each with a subscription, as rows."""
    for number in range(many):
        staff = {
            "email": address(number),
            "name": f"Official {number}",
            "role": Role.OFFICIAL,
            "lang": ("ja", "en")[number % 2],
            "password_hash": "none",
            "created_at": now,
        }
        session.execute(insert(table_of(Staff)).values(staff))
    for staff_id, lang in session.execute(
        select(Staff.id, Staff.lang).where(Staff.password_hash == "none")
    ).all():
        row = {
            "stage_id": stage_id,
            "staff_id": staff_id,
            "since": now,
            "first_week": str(Week.of(now)),
            "lang": lang,
            "weekday": 1,
            "attachments": "",
        }
        session.execute(insert(table_of(Subscription)).values(row))
    session.commit()


def owe_report(session: Session, stage_id: int, week: Week) -> int:
    """Compile the report of a week and owe its letters; returns how many."""
    now = week.ends_at + timedelta(hours=6)
    compile_week(session, stage_id, week, compile_points, now)
    keep_figures(session, now)
    return owe_letters(session, now)


def kill_while_sending(
    session: Session, letters: int, kills: int, seed: int = 7, **settings: str
) -> Outcome:
    """Kill a sending worker so often, at moments drawn by chance, then let one finish.

    How late a kill may come follows the machine, so that about every other worker has sent
    something by then, however slow or busy the machine is.
    """
    chance = random.Random(seed)
    killed, latest, among_letters = 0, 0.16, 0
    with parts.post_office() as post:
        accept = post.handle_DATA

        async def accept_slowly(*args: object) -> str:
            answer = await accept(*args)  # type: ignore[arg-type]  # passed on as they come
            await asyncio.sleep(0.01)  # accepted, but not yet said so: the dangerous moment
            return answer

        post.handle_DATA = accept_slowly  # type: ignore[method-assign]
        with posting_process(SMTP_URL=post.url, **settings) as process:
            while killed < kills:
                before = len(post.letters)
                was_killed = process.run(chance.uniform(0.0, latest))
                _let_leases_lapse(session)
                if not was_killed:
                    break
                killed += 1
                some = len(post.letters) > before
                among_letters += some
                latest = min(max(latest * (0.8 if some else 1.25), 0.05), 5.0)
            process.run()
            _let_leases_lapse(session)
            process.run()
    return Outcome(
        killed,
        among_letters,
        letters,
        Counter(str(letter["To"]) for letter in post.letters),
        _in_state(session, DeliveryState.SENT),
        _in_state(session, DeliveryState.UNKNOWN),
    )


def _let_leases_lapse(session: Session) -> None:
    """In life that takes five minutes."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    session.execute(
        update(Delivery).where(Delivery.lease_ends_at.is_not(None)).values(lease_ends_at=past)
    )
    session.commit()


def _in_state(session: Session, state: DeliveryState) -> frozenset[str]:
    session.rollback()
    return frozenset(
        session.scalars(
            select(Staff.email)
            .join(Delivery, Delivery.staff_id == Staff.id)
            .where(Delivery.state == state)
        )
    )
