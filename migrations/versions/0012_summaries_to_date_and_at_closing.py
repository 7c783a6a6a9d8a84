"""Summaries to date and at closing, what their sections were made from, edits and sign-offs."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0005"

BEFORE = "kind IN ('weekly')"
AFTER = "kind IN ('weekly', 'closing', 'to-date')"


def upgrade() -> None:
    with op.batch_alter_table("summaries") as batch:
        batch.drop_constraint(op.f("ck_summaries_summary_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_summaries_summary_kind"), sa.text(AFTER))
    # An empty mark fits no comments: the first look compiles the section again, and keeps the
    # revision when it comes out the same.
    with op.batch_alter_table("summary_sections") as batch:
        batch.add_column(
            sa.Column("inputs", sa.String(length=64), nullable=False, server_default="")
        )
        batch.add_column(sa.Column("mark", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("summary_sections") as batch:
        batch.alter_column("inputs", server_default=None)
        batch.alter_column("mark", server_default=None)


def downgrade() -> None:
    op.execute(
        "DELETE FROM summary_sections WHERE summary_id IN"
        " (SELECT id FROM summaries WHERE kind <> 'weekly')"
    )
    op.execute("DELETE FROM summaries WHERE kind <> 'weekly'")
    with op.batch_alter_table("summary_sections") as batch:
        batch.drop_column("mark")
        batch.drop_column("inputs")
    with op.batch_alter_table("summaries") as batch:
        batch.drop_constraint(op.f("ck_summaries_summary_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_summaries_summary_kind"), sa.text(BEFORE))
