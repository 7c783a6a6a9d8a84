"""Makers of the small world that tests live in. Each goes through the real use cases."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import flask_migrate
from cryptography.fernet import Fernet
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config import Config
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.accounts.services import open_account
from webapp.app import create_app
from webapp.comments.addresses import confirm_address
from webapp.comments.models import Comment
from webapp.comments.rules import (
    Channel,
    Draft,
    Identity,
    Residency,
    Stance,
    address_digest,
    form_key_digest,
)
from webapp.comments.services import submit_comment
from webapp.db import db
from webapp.letters.rules import AuthorKey
from webapp.measures.models import Measure, Stage
from webapp.measures.queries import measure_by_code, stage_by_slug
from webapp.measures.rules import Entry, EntryKind, IdentityRequest, Programme
from webapp.measures.services import load_programme, open_period
from webapp.sealing import Sealer

MIGRATIONS = Path(__file__).parents[1] / "migrations"
PASSWORD = "a long password for tests"
SEALER = Sealer([Fernet.generate_key().decode()])
SECRET_KEY = "a secret for tests only, never used anywhere else"


def migrate(url: str, instance: Path) -> None:
    """Bring an empty database to where the migrations lead."""
    config = Config(
        SECRET_KEY=SECRET_KEY,
        IDENTITY_KEYS=(Fernet.generate_key().decode(),),
        INSTANCE=instance,
        SQLALCHEMY_DATABASE_URI=url,
    )
    app = create_app(config)
    with app.app_context():
        flask_migrate.upgrade(directory=str(MIGRATIONS))
        db.engine.dispose()
    app.extensions["edition"].close()


def patience(url: str) -> dict[str, object]:
    """Connection arguments for a test's own engine: on SQLite, wait for another writer."""
    return {"timeout": 20} if url.startswith("sqlite") else {}


def with_database(uri: str, name: str) -> str:
    """The same server, another database."""
    parts = urlsplit(uri)
    return urlunsplit(parts._replace(path=f"/{name}"))


def programme(slug: str = "5th") -> Programme:
    """Two pillars, three measures, three actions."""

    def entry(kind: EntryKind, code: str, ja: str, en: str, *children: Entry) -> Entry:
        return Entry(kind, code, {"ja": ja, "en": en}, children)

    pillar, measure, action = EntryKind.PILLAR, EntryKind.MEASURE, EntryKind.ACTION
    return Programme(
        slug=slug,
        title={"ja": "試験のステージ", "en": "A stage for tests"},
        notice={"ja": "試験のための計画です。", "en": "A programme for tests."},
        entries=(
            entry(
                pillar,
                "1",
                "暮らしやすいまち",
                "A town that is good to live in",
                entry(
                    measure,
                    "1-1",
                    "冬の道路を安全にします。",
                    "We make the roads safe in winter.",
                    entry(action, "1-1-1", "歩道の除雪を増やします。", "Clear more pavements."),
                    entry(action, "1-1-2", "滑り止めの砂を置きます。", "Put out grit."),
                ),
                entry(measure, "1-2", "図書館を便利にします。", "We improve the library."),
            ),
            entry(
                pillar,
                "2",
                "自然を守るまち",
                "A town that protects nature",
                entry(
                    measure,
                    "2-1",
                    "エゾシカの被害を減らします。",
                    "We reduce the damage done by deer.",
                    entry(action, "2-1-1", "柵を設置します。", "Put up fences."),
                ),
            ),
        ),
    )


def stage(
    session: Session,
    *,
    opens_at: datetime,
    slug: str = "5th",
    days: int = 30,
    identity: IdentityRequest | None = None,
) -> Stage:
    """Load the small programme and open a period of `days` days."""
    load_programme(session, programme(slug), by="test", now=opens_at)
    stage = stage_by_slug(session, slug)
    assert stage is not None
    open_period(
        session,
        stage,
        opens_at=opens_at,
        closes_at=opens_at + timedelta(days=days),
        why_shorter="A test." if days < 30 else None,
        by="test",
        now=opens_at,
        identity=identity,
    )
    return stage


def measure(session: Session, stage: Stage, code: str) -> Measure:
    found = measure_by_code(session, stage.slug, code)
    assert found is not None
    return found


def comment(
    session: Session,
    measure: Measure,
    *,
    text: str,
    now: datetime,
    language: str = "ja",
    channel: Channel = Channel.WEB,
    stance: Stance | None = None,
    residency: Residency | None = None,
    action_code: str | None = None,
    email: str | None = None,
    confirmed: bool = True,
    page_lang: str = "ja",
    identity: Identity | None = None,
    sealer: Sealer = SEALER,
    received_at: datetime | None = None,
    joins: int | None = None,
    form_key: str | None = None,
) -> Comment:
    """Submit a comment as an author would; `received_at` backdates it afterwards.

    It `joins` the receipt of an earlier comment when the same person sends it.

    An author who gives an address has also confirmed it, unless `confirmed` says otherwise.
    """
    key = form_key or uuid.uuid4().hex
    draft = Draft(
        text=text,
        language=language,
        form_key=key,
        channel=channel,
        stance=stance,
        residency=residency,
        action_code=action_code,
        email=email,
        page_lang=page_lang,
        identity=identity,
    )
    submit_comment(
        session, measure, draft, secret_key=SECRET_KEY, sealer=sealer, now=now, joins=joins
    )
    if received_at is not None:
        session.execute(
            update(Comment)
            .where(Comment.form_key_digest == form_key_digest(key))
            .values(received_at=received_at)
        )
        session.commit()
    made = session.scalar(select(Comment).where(Comment.form_key_digest == form_key_digest(key)))
    assert made is not None
    if email and confirmed:
        confirm_address(session, AuthorKey(made.id, address_digest(email, SECRET_KEY)), now=now)
    return made


_people = itertools.count(1)


def staff(session: Session, role: Role, *, lang: str = "en", name: str | None = None) -> Staff:
    """Open an account in this role, with the password PASSWORD."""
    number = next(_people)
    return open_account(
        session,
        email=f"{role.value}{number}@city.example",
        name=name or f"{role.value.capitalize()} {number}",
        role=role,
        lang=lang,
        password=PASSWORD,
        by="test",
        now=datetime.now(UTC),
    )
