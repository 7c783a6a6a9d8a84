"""Translations of comments, the attempts at them, and what they cost."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "comment_translations",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("lang", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("comment_version", sa.Integer(), nullable=False),
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum(
                "person",
                "machine",
                "checked",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("provider", sa.String(length=24), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(origin = 'machine') = (staff_id IS NULL)",
            name=op.f("ck_comment_translations_person_is_named"),
        ),
        sa.CheckConstraint(
            "origin = 'person' OR provider IS NOT NULL",
            name=op.f("ck_comment_translations_machine_is_named"),
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comments.id"],
            name=op.f("fk_comment_translations_comment_id_comments"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_comment_translations_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("comment_id", "lang", name=op.f("pk_comment_translations")),
    )
    op.create_table(
        "translation_tries",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("lang", sa.String(length=12), nullable=False),
        sa.Column("comment_version", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comments.id"],
            name=op.f("fk_translation_tries_comment_id_comments"),
        ),
        sa.PrimaryKeyConstraint("comment_id", "lang", name=op.f("pk_translation_tries")),
    )
    op.create_index(
        "ix_translation_tries_dead",
        "translation_tries",
        ["comment_id"],
        sqlite_where=sa.text("dead_at IS NOT NULL"),
        postgresql_where=sa.text("dead_at IS NOT NULL"),
    )
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
    op.create_table(
        "translation_providers",
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_translation_providers")),
    )


def downgrade() -> None:
    op.drop_table("translation_providers")
    op.drop_table("translation_months")
    op.drop_index("ix_translation_tries_dead", table_name="translation_tries")
    op.drop_table("translation_tries")
    op.drop_table("comment_translations")
