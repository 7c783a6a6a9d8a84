"""What authors do with a receipt: withdraw, write anew, ask for a second look."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

BEFORE = "publication IN ('waiting', 'published', 'redacted', 'withheld')"
AFTER = "publication IN ('waiting', 'published', 'redacted', 'withheld', 'withdrawn')"
WITHDRAWN_HAS_TIME = "(publication = 'withdrawn') = (withdrawn_at IS NOT NULL)"


def upgrade() -> None:
    with op.batch_alter_table("comments") as batch:
        batch.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        batch.drop_constraint(op.f("ck_comments_publication"), type_="check")
        batch.create_check_constraint(op.f("ck_comments_publication"), sa.text(AFTER))
        batch.create_check_constraint(
            op.f("ck_comments_withdrawn_has_time"), sa.text(WITHDRAWN_HAS_TIME)
        )
    with op.batch_alter_table("decisions") as batch:
        batch.drop_constraint(op.f("ck_decisions_publication"), type_="check")
        batch.create_check_constraint(op.f("ck_decisions_publication"), sa.text(AFTER))
    op.create_table(
        "comment_versions",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column(
            "stance",
            sa.Enum(
                "support",
                "oppose",
                "suggest",
                "ask",
                name="stance",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column(
            "residency",
            sa.Enum(
                "lives",
                "works",
                "studies",
                "business",
                "other",
                name="residency",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["entries.id"], name=op.f("fk_comment_versions_action_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_comment_versions_comment_id_comments")
        ),
        sa.PrimaryKeyConstraint("comment_id", "version", name=op.f("pk_comment_versions")),
    )
    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_appeals_comment_id_comments")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_appeals_decision_id_decisions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_appeals_decision_id")),
    )
    with op.batch_alter_table("appeals") as batch:
        batch.create_index(op.f("ix_appeals_comment_id"), ["comment_id"], unique=False)


def downgrade() -> None:
    """What was withdrawn becomes withheld: the older house knows no other word for hidden."""
    with op.batch_alter_table("appeals") as batch:
        batch.drop_index(op.f("ix_appeals_comment_id"))
    op.drop_table("appeals")
    op.drop_table("comment_versions")
    with op.batch_alter_table("comments") as batch:
        batch.drop_constraint(op.f("ck_comments_withdrawn_has_time"), type_="check")
    op.execute("UPDATE comments SET publication = 'withheld' WHERE publication = 'withdrawn'")
    with op.batch_alter_table("decisions") as batch:
        batch.drop_constraint(op.f("ck_decisions_publication"), type_="check")
        batch.create_check_constraint(op.f("ck_decisions_publication"), sa.text(BEFORE))
    with op.batch_alter_table("comments") as batch:
        batch.drop_constraint(op.f("ck_comments_publication"), type_="check")
        batch.create_check_constraint(op.f("ck_comments_publication"), sa.text(BEFORE))
        batch.drop_column("withdrawn_at")
