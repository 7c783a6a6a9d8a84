"""The translators' desk: who published a text, and the glossary."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    with op.batch_alter_table("text_versions") as batch:
        batch.add_column(sa.Column("staff_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_text_versions_staff_id_staff"), "staff", ["staff_id"], ["id"]
        )
    op.create_table(
        "glossary_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lang", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glossary_terms")),
        sa.UniqueConstraint("lang", "source", name=op.f("uq_glossary_terms_lang_source")),
    )


def downgrade() -> None:
    op.drop_table("glossary_terms")
    with op.batch_alter_table("text_versions") as batch:
        batch.drop_constraint(op.f("fk_text_versions_staff_id_staff"), type_="foreignkey")
        batch.drop_column("staff_id")
