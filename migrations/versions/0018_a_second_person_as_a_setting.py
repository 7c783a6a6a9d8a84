"""Whether grave verdicts take a second person: said on a page, with who said it and when."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "second_person_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_second_person_settings_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_person_settings")),
    )


def downgrade() -> None:
    op.drop_table("second_person_settings")
