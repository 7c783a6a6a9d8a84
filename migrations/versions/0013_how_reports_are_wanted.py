"""How somebody wants the weekly report, the figures its charts show, and letters sent as a test."""

import datetime
import zoneinfo

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0009"

KINDS = ("decision", "received", "withdrawn", "weekly-report", "answered")


def upgrade() -> None:
    with op.batch_alter_table("subscriptions") as batch:
        batch.add_column(sa.Column("first_week", sa.String(12), nullable=True))
        batch.add_column(sa.Column("lang", sa.String(12), nullable=True))
        batch.add_column(sa.Column("weekday", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("attachments", sa.String(24), nullable=False, server_default=""))
    op.execute(
        "UPDATE subscriptions SET lang = "
        "(SELECT staff.lang FROM staff WHERE staff.id = subscriptions.staff_id)"
    )
    _say_first_weeks()
    with op.batch_alter_table("subscriptions") as batch:
        batch.alter_column("first_week", existing_type=sa.String(12), nullable=False)
        batch.alter_column("lang", existing_type=sa.String(12), nullable=False)
        batch.alter_column("weekday", existing_type=sa.Integer(), server_default=None)
        batch.alter_column("attachments", existing_type=sa.String(24), server_default=None)
        batch.create_check_constraint(
            op.f("ck_subscriptions_weekday_of_a_week"), sa.text("weekday BETWEEN 1 AND 7")
        )
    op.create_table(
        "subscription_entries",
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_subscription_entries_subscription_id_subscriptions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_subscription_entries_entry_id_entries")
        ),
        sa.PrimaryKeyConstraint(
            "subscription_id", "entry_id", name=op.f("pk_subscription_entries")
        ),
    )
    op.create_table(
        "report_figures",
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["summary_id"], ["summaries.id"], name=op.f("fk_report_figures_summary_id_summaries")
        ),
        sa.PrimaryKeyConstraint("summary_id", name=op.f("pk_report_figures")),
    )
    _allow_kinds(*KINDS, "report-test")


def downgrade() -> None:
    op.execute("DELETE FROM deliveries WHERE kind = 'report-test'")
    _allow_kinds(*KINDS)
    op.drop_table("report_figures")
    op.drop_table("subscription_entries")
    with op.batch_alter_table("subscriptions") as batch:
        batch.drop_constraint(op.f("ck_subscriptions_weekday_of_a_week"), type_="check")
        for column in ("attachments", "weekday", "lang", "first_week"):
            batch.drop_column(column)


def _allow_kinds(*kinds: str) -> None:
    named = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_constraint(op.f("ck_deliveries_letter_kind"), type_="check")
        batch.create_check_constraint(
            op.f("ck_deliveries_letter_kind"), sa.text(f"kind IN ({named})")
        )


def _say_first_weeks() -> None:
    """The week in the city during which somebody subscribed: its report was the first one owed."""
    connection = op.get_bind()
    subscriptions = sa.table(
        "subscriptions",
        sa.column("id", sa.Integer()),
        sa.column("since", sa.DateTime(timezone=True)),
        sa.column("first_week", sa.String()),
    )
    for id, since in connection.execute(sa.select(subscriptions.c.id, subscriptions.c.since)):
        aware = since if since.tzinfo else since.replace(tzinfo=datetime.UTC)
        year, week, _ = aware.astimezone(zoneinfo.ZoneInfo("Asia/Tokyo")).isocalendar()
        connection.execute(
            subscriptions.update()
            .where(subscriptions.c.id == id)
            .values(first_week=f"{year}-W{week:02d}")
        )
