"""Alembic's way in: the site's own engine, the models' own metadata."""

from typing import Literal

from alembic import context
from flask import current_app

from webapp.orm import Base, UtcDateTime


def plainly(kind: str, thing: object, _context: object) -> str | Literal[False]:
    """Write our own column type as what it is in the database: a migration outlives the code."""
    is_time = kind == "type" and isinstance(thing, UtcDateTime)
    return "sa.DateTime(timezone=True)" if is_time else False


def run() -> None:
    """Run the migrations inside one transaction where the database can do that."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
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
