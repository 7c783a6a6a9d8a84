"""Covered words: what of a comment anyone may read, the spans covered, and later corrections."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

REASONS = (
    "personal-data",
    "abuse",
    "discrimination",
    "advertising",
    "unlawful",
    "unreadable",
    "off-topic",
)
CHANGES = ("withheld", "published", "covered", "uncovered", "covered-otherwise")
HAS_TEXT = "(publication IN ('published', 'redacted')) = (published_text IS NOT NULL)"
HAS_TIME = "publication NOT IN ('published', 'redacted') OR published_at IS NOT NULL"
FIRST_PUBLISHED = """
UPDATE comments SET published_at = (
    SELECT min(decided_at) FROM decisions
    WHERE decisions.comment_id = comments.id AND decisions.publication = 'published'
)
"""
PUBLISHED_NOW = """
UPDATE comments
SET published_text = text, published_at = coalesce(published_at, screened_at, received_at)
WHERE publication IN ('published', 'redacted')
"""


def upgrade() -> None:
    with op.batch_alter_table("comments") as batch:
        batch.add_column(sa.Column("published_text", sa.Text(), nullable=True))
        batch.add_column(sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(FIRST_PUBLISHED)
    op.execute(PUBLISHED_NOW)
    with op.batch_alter_table("comments") as batch:
        batch.create_check_constraint(op.f("ck_comments_visible_has_text"), sa.text(HAS_TEXT))
        batch.create_check_constraint(op.f("ck_comments_visible_has_time"), sa.text(HAS_TIME))
    change = sa.Enum(*CHANGES, name="change", native_enum=False, length=24)
    with op.batch_alter_table("decisions") as batch:
        batch.add_column(sa.Column("change", change, nullable=True))
        batch.create_check_constraint(
            op.f("ck_decisions_change"), sa.text(f"change IN {CHANGES!r}")
        )
    op.create_table(
        "redactions",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(*REASONS, name="reason", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.CheckConstraint(
            '"start" >= 0 AND "start" < "end"', name=op.f("ck_redactions_has_length")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_redactions_decision_id_decisions")
        ),
        sa.PrimaryKeyConstraint("decision_id", "start", name=op.f("pk_redactions")),
    )


def downgrade() -> None:
    """What has covered parts becomes withheld: the older house would show the words under them."""
    op.drop_table("redactions")
    with op.batch_alter_table("decisions") as batch:
        batch.drop_constraint(op.f("ck_decisions_change"), type_="check")
        batch.drop_column("change")
    with op.batch_alter_table("comments") as batch:
        batch.drop_constraint(op.f("ck_comments_visible_has_text"), type_="check")
        batch.drop_constraint(op.f("ck_comments_visible_has_time"), type_="check")
    op.execute("UPDATE comments SET publication = 'withheld' WHERE publication = 'redacted'")
    with op.batch_alter_table("comments") as batch:
        batch.drop_column("published_at")
        batch.drop_column("published_text")
