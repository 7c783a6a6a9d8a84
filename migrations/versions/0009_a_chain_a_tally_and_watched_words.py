"""The audit trail becomes a chain; stages are tallied; administrators keep a list of words."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0010"

GENESIS = "0" * 64
CONTENT = ("id", "at", "actor", "action", "subject", "before", "after")


def upgrade() -> None:
    """Entries that are there already wait unsealed, and are the first to be sealed."""
    with op.batch_alter_table("audit_entries") as batch:
        batch.add_column(sa.Column("position", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("link", sa.String(length=64), nullable=True))
        batch.create_unique_constraint(op.f("uq_audit_entries_position"), ["position"])
        batch.create_check_constraint(
            op.f("ck_audit_entries_sealed_whole"), sa.text("(position IS NULL) = (link IS NULL)")
        )
    op.create_index(
        "ix_audit_entries_unsealed",
        "audit_entries",
        ["id"],
        sqlite_where=sa.text("position IS NULL"),
        postgresql_where=sa.text("position IS NULL"),
    )
    op.create_index("ix_audit_entries_actor_id", "audit_entries", ["actor", "id"])
    op.create_index("ix_audit_entries_action_id", "audit_entries", ["action", "id"])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.bulk_insert(head, [{"id": 1, "position": 0, "link": GENESIS}])
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
    _add_tallies()
    _add_watched_words()


def downgrade() -> None:
    """The entries stay; the chain goes, and is made anew when the house comes up again."""
    op.execute("DELETE FROM flags WHERE rule = 'watched-word'")
    op.drop_table("watched_words")
    op.drop_table("word_list")
    op.drop_table("tallies")
    for statement in UNGUARDED[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_table("audit_head")
    op.drop_index("ix_audit_entries_action_id", "audit_entries")
    op.drop_index("ix_audit_entries_actor_id", "audit_entries")
    op.drop_index("ix_audit_entries_unsealed", "audit_entries")
    with op.batch_alter_table("audit_entries") as batch:
        batch.drop_constraint(op.f("ck_audit_entries_sealed_whole"), type_="check")
        batch.drop_constraint(op.f("uq_audit_entries_position"), type_="unique")
        batch.drop_column("link")
        batch.drop_column("position")


def _add_tallies() -> None:
    op.create_table(
        "tallies",
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["stages.id"], name=op.f("fk_tallies_stage_id_stages")
        ),
        sa.PrimaryKeyConstraint("stage_id", name=op.f("pk_tallies")),
    )


def _add_watched_words() -> None:
    word_list = op.create_table(
        "word_list",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("swept_to", sa.Integer(), nullable=False),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_word_list_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_list")),
    )
    op.bulk_insert(word_list, [{"id": 1, "version": 0, "swept_to": 0}])
    op.create_table(
        "watched_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "trial",
                "watched",
                "removed",
                name="word_state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("examples", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["staff.id"], name=op.f("fk_watched_words_added_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched_words")),
    )
    op.create_index(
        "uq_watched_words_words",
        "watched_words",
        ["words"],
        unique=True,
        sqlite_where=sa.text("state <> 'removed'"),
        postgresql_where=sa.text("state <> 'removed'"),
    )


_SAME = {
    "sqlite": " OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in CONTENT),
    "postgresql": " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in CONTENT),
}
GUARDS = {
    "sqlite": (
        f"""
        CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
        WHEN OLD.position IS NOT NULL OR NEW.position IS NULL OR {_SAME["sqlite"]}
        BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END
        """,
        """
        CREATE TRIGGER audit_entries_last BEFORE DELETE ON audit_entries
        BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END
        """,
    ),
    "postgresql": (
        f"""
        CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP <> 'UPDATE' THEN
            RAISE EXCEPTION 'audit entries are never deleted';
          END IF;
          IF OLD.position IS NOT NULL OR NEW.position IS NULL OR {_SAME["postgresql"]} THEN
            RAISE EXCEPTION 'audit entries are never changed';
          END IF;
          RETURN NEW;
        END $$
        """,
        """
        CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE ON audit_entries
        FOR EACH ROW EXECUTE FUNCTION audit_entries_stay()
        """,
        """
        CREATE TRIGGER audit_entries_last BEFORE TRUNCATE ON audit_entries
        FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay()
        """,
    ),
}
UNGUARDED = {
    "sqlite": (
        "DROP TRIGGER audit_entries_stay",
        "DROP TRIGGER audit_entries_last",
    ),
    "postgresql": (
        "DROP TRIGGER audit_entries_stay ON audit_entries",
        "DROP TRIGGER audit_entries_last ON audit_entries",
        "DROP FUNCTION audit_entries_stay()",
    ),
}
