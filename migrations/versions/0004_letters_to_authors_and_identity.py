"""Letters to authors wait for a confirmed address; a period may ask who an author is."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0001"

KINDS = ["decision", "weekly-report"]
STATES = ["owed", "claimed", "handing-over", "sent", "unknown", "dead"]


def upgrade() -> None:
    op.add_column("comment_periods", sa.Column("identity_purpose", sa.JSON(), nullable=True))
    op.add_column("comment_periods", sa.Column("purge_identity_at", sa.Date(), nullable=True))
    op.add_column("contacts", sa.Column("address_digest", sa.String(length=32), nullable=True))
    op.add_column("contacts", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_contacts_address_digest", "contacts", ["address_digest"])
    op.create_table(
        "identities",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_identities_comment_id_comments")
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_identities")),
    )
    op.create_table(
        "identity_readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_identity_readings_comment_id_comments")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_identity_readings_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_readings")),
    )
    op.create_index("ix_identity_readings_comment_id", "identity_readings", ["comment_id"])
    op.create_table(
        "first_letters",
        sa.Column("mailbox_digest", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox_digest", "day", name=op.f("pk_first_letters")),
    )
    _allow(["received", "withdrawn", *KINDS], ["held", *STATES])
    op.create_index("ix_deliveries_recipient", "deliveries", ["recipient"])
    # Letters to authors now name the comment, and those not yet sent wait for the address to be
    # confirmed; so each author who was promised one is owed the letter that asks for it.
    op.execute(
        "UPDATE deliveries SET recipient = (SELECT 'author:' || decisions.comment_id "
        "FROM decisions WHERE decisions.id = deliveries.subject_id) "
        "WHERE recipient = 'author' AND subject_id IN (SELECT id FROM decisions)"
    )
    op.execute("UPDATE deliveries SET state = 'held' WHERE kind = 'decision' AND state = 'owed'")
    op.execute(
        "INSERT INTO deliveries (kind, subject_id, recipient, state, owed_at, due_at, attempts) "
        "SELECT 'received', contacts.comment_id, 'author:' || contacts.comment_id, 'owed', "
        "CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 0 FROM contacts"
    )


def downgrade() -> None:
    op.execute("DELETE FROM deliveries WHERE kind IN ('received', 'withdrawn')")
    op.execute("UPDATE deliveries SET state = 'owed' WHERE state = 'held'")
    op.execute("UPDATE deliveries SET recipient = 'author' WHERE kind = 'decision'")
    op.drop_index("ix_deliveries_recipient", "deliveries")
    _allow(KINDS, STATES)
    op.drop_table("first_letters")
    op.drop_table("identity_readings")
    op.drop_table("identities")
    op.drop_index("ix_contacts_address_digest", "contacts")
    op.drop_column("contacts", "confirmed_at")
    op.drop_column("contacts", "address_digest")
    op.drop_column("comment_periods", "purge_identity_at")
    op.drop_column("comment_periods", "identity_purpose")


def _allow(kinds: list[str], states: list[str]) -> None:
    """What the columns `kind` and `state` may hold."""
    allowed = {
        "letter_kind": sa.column("kind").in_(kinds),
        "delivery_state": sa.column("state").in_(states),
    }
    with op.batch_alter_table("deliveries") as batch_op:
        for name, rule in allowed.items():
            batch_op.drop_constraint(op.f(f"ck_deliveries_{name}"), type_="check")
            batch_op.create_check_constraint(op.f(f"ck_deliveries_{name}"), rule)
