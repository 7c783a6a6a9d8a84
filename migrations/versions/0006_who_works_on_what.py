"""Who works on what at the desk: claims, takeovers, proposals, and what was undone."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0015"


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=24)


def _when(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["staff.id"], name=op.f(f"fk_{table}_{column}_staff"))


def _comment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["comment_id"], ["comments.id"], name=op.f(f"fk_{table}_comment_id_comments")
    )


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        _when("ends_at"),
        _comment("claims"),
        _person("claims", "staff_id"),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_staff_id"), "claims", ["staff_id"], unique=False)
    op.create_table(
        "takeovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _when("taken_at"),
        _comment("takeovers"),
        _person("takeovers", "from_id"),
        _person("takeovers", "by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takeovers")),
    )
    op.create_index(op.f("ix_takeovers_comment_id"), "takeovers", ["comment_id"], unique=False)
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "publication",
            _codes("publication", "waiting", "published", "redacted", "withheld", "withdrawn"),
            nullable=False,
        ),
        sa.Column(
            "treatment",
            _codes("treatment", "undecided", "counts", "out-of-scope", "not-an-opinion"),
            nullable=False,
        ),
        sa.Column(
            "reason",
            _codes(
                "reason",
                "personal-data",
                "abuse",
                "discrimination",
                "advertising",
                "unlawful",
                "unreadable",
                "off-topic",
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("moderator_id", sa.Integer(), nullable=False),
        _when("proposed_at"),
        sa.CheckConstraint(
            "publication <> 'withheld' OR reason IS NOT NULL",
            name=op.f("ck_proposals_withheld_has_reason"),
        ),
        _comment("proposals"),
        _person("proposals", "moderator_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("comment_id", "version", name=op.f("uq_proposals_comment_id_version")),
    )
    op.create_table(
        "undoings",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("moderator_id", sa.Integer(), nullable=False),
        _when("undone_at"),
        _comment("undoings"),
        _person("undoings", "moderator_id"),
        sa.PrimaryKeyConstraint("comment_id", "version", name=op.f("pk_undoings")),
    )


def downgrade() -> None:
    """What was undone leaves no trace in the older house: the comment waits, as it does here.

    A decision that was undone would stand again there, so it goes with its undoing.
    """
    op.execute(
        "DELETE FROM decisions WHERE EXISTS (SELECT 1 FROM undoings"
        " WHERE undoings.comment_id = decisions.comment_id"
        " AND undoings.version = decisions.version)"
    )
    op.drop_table("undoings")
    op.drop_table("proposals")
    op.drop_index(op.f("ix_takeovers_comment_id"), table_name="takeovers")
    op.drop_table("takeovers")
    op.drop_index(op.f("ix_claims_staff_id"), table_name="claims")
    op.drop_table("claims")
