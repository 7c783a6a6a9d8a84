"""The demonstration that `make run` starts: whatever is missing is made, the rest is kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_migrate import upgrade
from sqlalchemy.orm import Session

from webapp.accounts.queries import all_staff
from webapp.accounts.rules import Role
from webapp.accounts.services import open_account
from webapp.citytime import city_day, midnight
from webapp.measures.forms import read_programme
from webapp.measures.queries import current_period, stage_by_slug
from webapp.measures.services import load_programme, open_period
from webapp.reports import services as report_services

PROGRAMME = Path(__file__).parent / "measures" / "programmes" / "5th.yaml"
DAYS_OPEN = 30


def prepare(session: Session, config: Mapping[str, Any], now: datetime) -> Iterator[str]:
    """Make the demonstration ready; yields what a person at the terminal should know."""
    upgrade()
    programme = read_programme(PROGRAMME)
    load_programme(session, programme, by="demonstration", now=now)
    stage = stage_by_slug(session, programme.slug)
    if stage is not None and current_period(session, stage.id, now) is None:
        last = midnight(city_day(now) + timedelta(days=DAYS_OPEN + 1))
        open_period(
            session,
            stage,
            opens_at=now,
            closes_at=last,
            why_shorter=None,
            by="demonstration",
            now=now,
        )
    accounts = config["INSTANCE"] / "accounts.txt"
    if not all_staff(session):
        lines = _open_accounts(session, now)
        accounts.touch(mode=0o600)
        accounts.write_text("\n".join(lines) + "\n", encoding="utf-8")
        yield _("Staff accounts (shown once, kept in %(file)s):", file=accounts)
        yield from lines
        official = next(s for s in all_staff(session) if s.role is Role.OFFICIAL)
        if stage is not None:
            report_services.subscribe(session, stage_id=stage.id, staff_id=official.id, now=now)
    else:
        yield _("Staff accounts: see %(file)s", file=accounts)
    yield _("The site: %(url)s", url=config["PUBLIC_URL"])
    yield _("Staff sign in at: %(url)s", url=config["PUBLIC_URL"] + "/ja/sign-in")


def _open_accounts(session: Session, now: datetime) -> list[str]:
    lines = []
    for role in Role:
        password = secrets.token_urlsafe(12)
        email = f"{role.value}@tomakoe.example"
        open_account(
            session,
            email=email,
            name=role.value.capitalize(),
            role=role,
            lang="ja",
            password=password,
            by="demonstration",
            now=now,
        )
        lines.append(f"  {role.value:<14} {email:<32} {password}")
    return lines
