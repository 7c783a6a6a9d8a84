"""An index of when comments were published, so that a feed reads the newest few only."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"


def upgrade() -> None:
    published = sa.text("published_at IS NOT NULL")
    op.create_index(
        "ix_comments_published_at",
        "comments",
        ["published_at", "id"],
        sqlite_where=published,
        postgresql_where=published,
    )


def downgrade() -> None:
    op.drop_index("ix_comments_published_at", "comments")
