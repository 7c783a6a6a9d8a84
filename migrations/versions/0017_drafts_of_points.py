"""What a machine proposes for points of summaries; books of machines for each purpose."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0008"

MONTHS = sa.table(
    "machine_months",
    sa.column("month", sa.String),
    sa.column("purpose", sa.String),
    sa.column("reserved", sa.Integer),
    sa.column("used", sa.Integer),
)
BEFORE = sa.table(
    "translation_months",
    sa.column("month", sa.String),
    sa.column("reserved", sa.Integer),
    sa.column("used", sa.Integer),
)


def upgrade() -> None:
    op.create_table(
        "machine_months",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "translating",
                "drafting",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "reserved >= 0 AND used >= 0", name=op.f("ck_machine_months_not_below_nothing")
        ),
        sa.PrimaryKeyConstraint("month", "purpose", name=op.f("pk_machine_months")),
    )
    old = sa.select(BEFORE.c.month, sa.literal("translating"), BEFORE.c.reserved, BEFORE.c.used)
    op.execute(MONTHS.insert().from_select(["month", "purpose", "reserved", "used"], old))
    op.drop_table("translation_months")
    op.create_table(
        "point_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("point_key", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("comments", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column(
            "dropped",
            sa.Enum(
                "shape",
                "strangers",
                "length",
                "markup",
                "number",
                "share",
                "order",
                "words",
                "checker",
                "outdated",
                "few",
                "given-up",
                name="dropped",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "dropped IS NULL OR (heading = '' AND sentence = '')",
            name=op.f("ck_point_drafts_dropped_words_are_not_kept"),
        ),
        sa.CheckConstraint(
            "due_at IS NULL OR (made_at IS NULL AND dropped IS NULL)",
            name=op.f("ck_point_drafts_owed_until_made"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["staff.id"], name=op.f("fk_point_drafts_asked_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["entries.id"], name=op.f("fk_point_drafts_measure_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["summary_id"], ["summaries.id"], name=op.f("fk_point_drafts_summary_id_summaries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_drafts")),
        sa.UniqueConstraint(
            "summary_id",
            "measure_id",
            "point_key",
            name=op.f("uq_point_drafts_summary_id_measure_id_point_key"),
        ),
    )
    op.create_index(
        "ix_point_drafts_due_at",
        "point_drafts",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_point_drafts_due_at", table_name="point_drafts")
    op.drop_table("point_drafts")
    op.create_table(
        "translation_months",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "reserved >= 0 AND used >= 0", name=op.f("ck_translation_months_not_below_nothing")
        ),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_translation_months")),
    )
    kept = sa.select(MONTHS.c.month, MONTHS.c.reserved, MONTHS.c.used).where(
        MONTHS.c.purpose == "translating"
    )
    op.execute(BEFORE.insert().from_select(["month", "reserved", "used"], kept))
    op.drop_table("machine_months")
