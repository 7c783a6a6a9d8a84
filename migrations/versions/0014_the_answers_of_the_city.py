"""The city's answers: their versions, their words, whom they answer."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0005"

BEFORE = ["decision", "received", "withdrawn", "weekly-report"]
AFTER = [*BEFORE, "answered"]


def upgrade() -> None:
    op.add_column(
        "comment_periods", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "responses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_version", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["entries.id"], name=op.f("fk_responses_measure_id_entries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responses")),
    )
    op.create_index(op.f("ix_responses_measure_id"), "responses", ["measure_id"])
    op.create_table(
        "response_versions",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "adopted",
                "already-there",
                "for-later",
                "not-adopted",
                "explained",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["responses.id"],
            name=op.f("fk_response_versions_response_id_responses"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_response_versions_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("response_id", "version", name=op.f("pk_response_versions")),
    )
    op.create_table(
        "response_texts",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lang", sa.String(length=12), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id", "version"],
            ["response_versions.response_id", "response_versions.version"],
            name=op.f("fk_response_texts_response_id_version_response_versions"),
        ),
        sa.PrimaryKeyConstraint("response_id", "version", "lang", name=op.f("pk_response_texts")),
    )
    op.create_table(
        "answered_comments",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_answered_comments_comment_id_comments")
        ),
        sa.ForeignKeyConstraint(
            ["response_id", "version"],
            ["response_versions.response_id", "response_versions.version"],
            name=op.f("fk_answered_comments_response_id_version_response_versions"),
        ),
        sa.PrimaryKeyConstraint(
            "response_id", "version", "comment_id", name=op.f("pk_answered_comments")
        ),
    )
    op.create_index(op.f("ix_answered_comments_comment_id"), "answered_comments", ["comment_id"])
    _allow(AFTER)


def downgrade() -> None:
    op.execute("DELETE FROM deliveries WHERE kind = 'answered'")
    _allow(BEFORE)
    for table in ("answered_comments", "response_texts", "response_versions", "responses"):
        op.drop_table(table)
    op.drop_column("comment_periods", "answered_at")


def _allow(kinds: list[str]) -> None:
    """What kinds of letters there may be."""
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_constraint(op.f("ck_deliveries_letter_kind"), type_="check")
        batch.create_check_constraint(
            op.f("ck_deliveries_letter_kind"), sa.column("kind").in_(kinds)
        )
