"""Alembic's way in: the site's own engine, the models' own metadata."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from webapp.orm import Base, UtcDateTime


def plainly(kind: str, thing: object, _context: object) -> str | Literal[False]:
    """Write our own column type as what it is in the database: a migration outlives the code."""
    is_time = kind == "type" and isinstance(thing, UtcDateTime)
    return "sa.DateTime(timezone=True)" if is_time else False


class BrokenReference(RuntimeError):
    """A migration left a row that points at nothing."""


@contextmanager
def tables_replaceable(connection: Connection) -> Iterator[None]:
    """On SQLite, changing a table replaces it, and for a moment all that points at it hangs free.

    So references are not checked meanwhile, but all at once at the end. The switch has no effect
    inside a transaction, so it is not SQLAlchemy that turns it.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
    finally:
        raw.execute("PRAGMA foreign_keys=ON")
    if broken:
        raise BrokenReference(broken[:10])


def run() -> None:
    """Run the migrations inside one transaction where the database can do that."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection, tables_replaceable(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=plainly,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
