"""Alembic's way in: the site's own engine, the models' own metadata."""

from alembic import context
from flask import current_app

from webapp.orm import Base


def run() -> None:
    """Run the migrations inside one transaction where the database can do that."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
