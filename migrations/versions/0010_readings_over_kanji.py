"""How the kanji of the programme are read, and the words whose reading staff corrected."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "readings",
        sa.Column("text_version_id", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.JSON(), nullable=False),
        sa.Column("made_with", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["text_version_id"],
            ["text_versions.id"],
            name=op.f("fk_readings_text_version_id_text_versions"),
        ),
        sa.PrimaryKeyConstraint("text_version_id", name=op.f("pk_readings")),
    )
    op.create_table(
        "reading_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("reading", sa.String(length=80), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_corrections")),
        sa.UniqueConstraint("word", name=op.f("uq_reading_corrections_word")),
    )


def downgrade() -> None:
    op.drop_table("reading_corrections")
    op.drop_table("readings")
