"""Campaigns: wordings have leaders, comments that are alike share a row of the queue."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0012"

WAITING = "publication = 'waiting'"
KINDS = ["received", "decision", "withdrawn", "weekly-report", "answered", "report-test"]


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("leader", sa.String(length=64), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("oldest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("oldest_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["entries.id"], name=op.f("fk_campaigns_measure_id_entries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("measure_id", "leader", name=op.f("uq_campaigns_measure_id_leader")),
    )
    op.create_index(
        "ix_campaigns_open",
        "campaigns",
        ["oldest_at", "oldest_id"],
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_table(
        "measure_wordings",
        sa.Column("wording_id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_measure_wordings_campaign_id_campaigns"),
        ),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["entries.id"], name=op.f("fk_measure_wordings_measure_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["wording_id"], ["wordings.id"], name=op.f("fk_measure_wordings_wording_id_wordings")
        ),
        sa.PrimaryKeyConstraint("wording_id", "measure_id", name=op.f("pk_measure_wordings")),
    )
    op.create_index(
        "ix_measure_wordings_campaign_id", "measure_wordings", ["campaign_id", "wording_id"]
    )
    op.create_table(
        "fold_counter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_fold_counter_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fold_counter")),
    )
    op.execute("INSERT INTO fold_counter (id, number) VALUES (1, 0)")
    op.add_column("comments", sa.Column("campaign_id", sa.Integer(), nullable=True))
    op.add_column("comments", sa.Column("fold_number", sa.Integer(), nullable=True))
    for name, columns, also in _WAITING_INDEXES:
        part = sa.text(f"{WAITING} AND {also}")
        op.create_index(name, "comments", columns, sqlite_where=part, postgresql_where=part)
    # What was screened before is placed by the worker like anything new.
    op.add_column(
        "screenings",
        sa.Column("is_placed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index(
        "ix_screenings_unplaced",
        "screenings",
        ["comment_id"],
        sqlite_where=sa.text("is_placed = 0 AND wording_id IS NOT NULL"),
        postgresql_where=sa.text("NOT is_placed AND wording_id IS NOT NULL"),
    )
    with op.batch_alter_table("wordings") as batch:
        batch.add_column(sa.Column("leader_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_wordings_leader_id_wordings"), "wordings", ["leader_id"], ["id"]
        )
    op.create_index("ix_wordings_leader_id", "wordings", ["leader_id"])
    unsettled = sa.text("leader_id IS NULL OR copies = 0")
    op.create_index(
        "ix_wordings_unsettled",
        "wordings",
        ["id"],
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )
    op.drop_index("ix_near_wordings_near_id", "near_wordings")
    op.drop_table("near_wordings")
    _allow(["nudge", *KINDS])


def downgrade() -> None:
    """Near pairs are not known any more; exact copies are."""
    op.execute("DELETE FROM deliveries WHERE kind = 'nudge'")
    _allow(KINDS)
    op.create_table(
        "near_wordings",
        sa.Column("wording_id", sa.Integer(), nullable=False),
        sa.Column("near_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["near_id"], ["wordings.id"], name=op.f("fk_near_wordings_near_id_wordings")
        ),
        sa.ForeignKeyConstraint(
            ["wording_id"], ["wordings.id"], name=op.f("fk_near_wordings_wording_id_wordings")
        ),
        sa.PrimaryKeyConstraint("wording_id", "near_id", name=op.f("pk_near_wordings")),
    )
    op.create_index("ix_near_wordings_near_id", "near_wordings", ["near_id"])
    op.drop_table("fold_counter")
    op.drop_index("ix_measure_wordings_campaign_id", "measure_wordings")
    op.drop_table("measure_wordings")
    op.drop_index("ix_campaigns_open", "campaigns")
    op.drop_table("campaigns")
    op.drop_index("ix_wordings_unsettled", "wordings")
    op.drop_index("ix_wordings_leader_id", "wordings")
    with op.batch_alter_table("wordings") as batch:
        batch.drop_constraint(op.f("fk_wordings_leader_id_wordings"), type_="foreignkey")
        batch.drop_column("leader_id")
    op.drop_index("ix_screenings_unplaced", "screenings")
    with op.batch_alter_table("screenings") as batch:
        batch.drop_column("is_placed")
    for name, _, _ in _WAITING_INDEXES:
        op.drop_index(name, "comments")
    with op.batch_alter_table("comments") as batch:
        batch.drop_column("fold_number")
        batch.drop_column("campaign_id")
    # Wordings that no comment has any more would have been deleted at once.
    for table in ("wording_bands", "wordings"):
        key = "wording_id" if table == "wording_bands" else "id"
        op.execute(
            f"DELETE FROM {table} WHERE {key} IN (SELECT id FROM wordings WHERE copies = 0)"  # noqa: S608 -- two fixed names
        )


_WAITING_INDEXES = (
    ("ix_comments_waiting_alone", ["received_at", "id"], "campaign_id IS NULL"),
    (
        "ix_comments_waiting_on_measure",
        ["measure_id", "received_at", "id"],
        "campaign_id IS NULL",
    ),
    (
        "ix_comments_waiting_in_campaign",
        ["campaign_id", "received_at", "id"],
        "campaign_id IS NOT NULL",
    ),
)


def _allow(kinds: list[str]) -> None:
    """What the column `kind` of the deliveries may hold."""
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_constraint(op.f("ck_deliveries_letter_kind"), type_="check")
        batch.create_check_constraint(
            op.f("ck_deliveries_letter_kind"), sa.column("kind").in_(kinds)
        )
