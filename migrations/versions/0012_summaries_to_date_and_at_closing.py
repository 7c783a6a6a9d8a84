"""Summaries to date and at closing, what their sections were made from, edits and sign-offs."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0016"

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
        batch.add_column(sa.Column("front", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("summary_sections") as batch:
        batch.alter_column("inputs", server_default=None)
        batch.alter_column("mark", server_default=None)
        batch.alter_column("front", server_default=None)
    op.create_table(
        "summary_edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "weekly",
                "closing",
                "to-date",
                name="summary_kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("period", sa.String(length=12), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("editor_id", sa.Integer(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["staff.id"], name=op.f("fk_summary_edits_editor_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["entries.id"], name=op.f("fk_summary_edits_measure_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["stages.id"], name=op.f("fk_summary_edits_stage_id_stages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_edits")),
    )
    op.create_index("ix_summary_edits_stage_id_period", "summary_edits", ["stage_id", "period"])
    op.create_table(
        "summary_signoffs",
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_summary_signoffs_staff_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["summary_id"], ["summaries.id"], name=op.f("fk_summary_signoffs_summary_id_summaries")
        ),
        sa.PrimaryKeyConstraint("summary_id", name=op.f("pk_summary_signoffs")),
    )


def downgrade() -> None:
    # A revision had only the sections that changed; before, each had all of them.
    op.execute(
        "INSERT INTO summary_sections (summary_id, measure_id, document, inputs, mark, front)"
        " SELECT s.id, o.measure_id, o.document, o.inputs, o.mark, o.front FROM summaries s"
        " JOIN summaries e ON e.stage_id = s.stage_id AND e.kind = s.kind"
        " AND e.period = s.period AND e.revision < s.revision"
        " JOIN summary_sections o ON o.summary_id = e.id"
        " WHERE s.kind = 'weekly' AND NOT EXISTS (SELECT 1 FROM summary_sections n"
        " JOIN summaries m ON m.id = n.summary_id WHERE n.measure_id = o.measure_id"
        " AND m.stage_id = s.stage_id AND m.kind = s.kind AND m.period = s.period"
        " AND m.revision > e.revision AND m.revision <= s.revision)"
    )
    op.drop_table("summary_signoffs")
    op.drop_table("summary_edits")
    op.execute(
        "DELETE FROM summary_sections WHERE summary_id IN"
        " (SELECT id FROM summaries WHERE kind <> 'weekly')"
    )
    op.execute("DELETE FROM summaries WHERE kind <> 'weekly'")
    with op.batch_alter_table("summary_sections") as batch:
        batch.drop_column("front")
        batch.drop_column("mark")
        batch.drop_column("inputs")
    with op.batch_alter_table("summaries") as batch:
        batch.drop_constraint(op.f("ck_summaries_summary_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_summaries_summary_kind"), sa.text(BEFORE))
