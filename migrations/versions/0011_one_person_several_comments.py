"""A receipt holds several comments of one person; addresses that want no letters are known."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0007"

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def upgrade() -> None:
    """Each comment is its own person's: its receipt takes the comment's id."""
    op.execute("CREATE TABLE earlier_receipts AS SELECT * FROM receipts")
    op.drop_table("receipts")
    receipts = op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=9), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("number", name=op.f("uq_receipts_number")),
    )
    op.execute(
        "INSERT INTO receipts (id, number, secret_digest) "
        "SELECT comment_id, number, secret_digest FROM earlier_receipts"
    )
    op.drop_table("earlier_receipts")
    connection = op.get_bind()
    without = connection.execute(
        sa.text("SELECT id FROM comments WHERE id NOT IN (SELECT id FROM receipts)")
    ).scalars()
    for comment_id in without.all():
        row = {"id": comment_id, "number": _number(), "secret_digest": secrets.token_hex(32)}
        connection.execute(sa.insert(receipts), row)
    if connection.dialect.name == "postgresql":
        op.execute(
            "SELECT setval('receipts_id_seq', GREATEST((SELECT COALESCE(MAX(id), 0) FROM receipts) "
            "+ 1, 1), false)"
        )
    with op.batch_alter_table("comments") as batch:
        batch.add_column(sa.Column("receipt_id", sa.Integer(), nullable=True))
    op.execute("UPDATE comments SET receipt_id = id")
    with op.batch_alter_table("comments") as batch:
        batch.alter_column("receipt_id", existing_type=sa.Integer(), nullable=False)
        batch.create_foreign_key(
            op.f("fk_comments_receipt_id_receipts"), "receipts", ["receipt_id"], ["id"]
        )
        batch.create_index(op.f("ix_comments_receipt_id"), ["receipt_id"])
    op.create_table(
        "stopped_addresses",
        sa.Column("address_digest", sa.String(length=32), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("address_digest", name=op.f("pk_stopped_addresses")),
    )


def downgrade() -> None:
    """The older house knows one comment for each receipt: the first one keeps it."""
    op.drop_table("stopped_addresses")
    op.execute(
        "CREATE TABLE later_receipts AS SELECT MIN(comments.id) AS comment_id, receipts.number, "
        "receipts.secret_digest FROM receipts JOIN comments ON comments.receipt_id = receipts.id "
        "GROUP BY receipts.id, receipts.number, receipts.secret_digest"
    )
    with op.batch_alter_table("comments") as batch:
        batch.drop_index(op.f("ix_comments_receipt_id"))
        batch.drop_constraint(op.f("fk_comments_receipt_id_receipts"), type_="foreignkey")
        batch.drop_column("receipt_id")
    op.drop_table("receipts")
    op.create_table(
        "receipts",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=9), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_receipts_comment_id_comments")
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("number", name=op.f("uq_receipts_number")),
    )
    op.execute(
        "INSERT INTO receipts (comment_id, number, secret_digest) "
        "SELECT comment_id, number, secret_digest FROM later_receipts"
    )
    op.drop_table("later_receipts")


def _number() -> str:
    drawn = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"
