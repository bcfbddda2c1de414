"""Corrections: voids, slots that are used, revoked and earned again, and what guards them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")

SAME_SLOT = "e.company_id = NEW.company_id AND e.slot = NEW.slot"
EARNED = f"""coalesce(
    (SELECT e.kind FROM ledger_entry e WHERE {SAME_SLOT}
        AND e.kind IN ('slot_earned', 'slot_revoked') ORDER BY e.seq DESC LIMIT 1),
    (SELECT e.kind FROM ledger_entry e WHERE e.company_id = NEW.company_id
        AND e.seq = NEW.slot AND e.kind = 'slot_earned' AND e.slot IS NULL),
    '')"""  # noqa: S608  all of it is written here
USE = f"""coalesce(
    (SELECT coalesce(e.became, e.kind) FROM ledger_entry e WHERE {SAME_SLOT}
        AND e.kind NOT IN ('slot_earned', 'slot_revoked') ORDER BY e.seq DESC LIMIT 1),
    'returned')"""  # noqa: S608
LAST = """FROM ledger_entry e WHERE e.company_id = NEW.company_id
    AND e.seq = (SELECT max(l.seq) FROM ledger_entry l WHERE l.company_id = NEW.company_id)"""

KINDS = """'held', 'counted', 'not_counted', 'void', 'withdrawn', 'slot_earned', 'slot_revoked',
    'reserved', 'introduced', 'hired', 'returned', 'expired', 'adjusted'"""

# (name, table, when it is asked, what must not be, the message)
INSERT_RULES = (
    (
        "kind",
        "ledger_entry",
        f"NEW.kind NOT IN ({KINDS})",
        "1 = 1",
        "there is no such kind of ledger entry",
    ),
    (
        "chain",
        "ledger_entry",
        "NEW.seq <> 1",
        f"NOT EXISTS (SELECT 1 {LAST} AND e.seq = NEW.seq - 1 AND e.hash = NEW.prev_hash)",
        "a ledger entry follows from the one before it",
    ),
    (
        "void",
        "ledger_entry",
        "NEW.kind = 'void'",
        """NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.referral_id = NEW.referral_id
            AND e.company_id = NEW.company_id AND e.kind = 'counted')""",
        "only a counted referral can be voided",
    ),
    (
        "earned",
        "ledger_entry",
        "NEW.kind = 'slot_earned' AND NEW.slot IS NOT NULL",
        f"({EARNED}) <> 'slot_revoked'",
        "only a revoked slot is earned again",
    ),
    (
        "revoked",
        "ledger_entry",
        "NEW.kind = 'slot_revoked'",
        f"({EARNED}) <> 'slot_earned'",
        "only an earned slot can be revoked",
    ),
    (
        "reserved",
        "ledger_entry",
        "NEW.kind IN ('reserved', 'expired')",
        f"({EARNED}) <> 'slot_earned' OR ({USE}) NOT IN ('returned', 'available')",
        "only an available slot can be reserved or expire",
    ),
    (
        "introduced",
        "ledger_entry",
        "NEW.kind = 'introduced'",
        f"({USE}) <> 'reserved'",
        "only a reserved slot leads to an introduction",
    ),
    (
        "hired",
        "ledger_entry",
        "NEW.kind = 'hired'",
        f"({USE}) <> 'introduced'",
        "only an introduction leads to a hiring",
    ),
    (
        "returned",
        "ledger_entry",
        "NEW.kind = 'returned'",
        f"({USE}) NOT IN ('reserved', 'introduced')",
        "only a reserved slot or an introduction can be returned",
    ),
    (
        "adjusted",
        "ledger_entry",
        "NEW.kind = 'adjusted'",
        f"""NEW.became IS NULL
            OR NEW.became NOT IN ('available', 'reserved', 'introduced', 'hired', 'expired')
            OR (({EARNED}) <> 'slot_earned'
                AND ({USE}) NOT IN ('reserved', 'introduced', 'hired'))""",
        "only a slot that exists can be adjusted",
    ),
    (
        "point",
        "slot_point",
        "1 = 1",
        """NOT EXISTS (SELECT 1 FROM ledger_entry e
                WHERE e.id = NEW.counted_entry_id AND e.kind = 'counted')
            OR EXISTS (SELECT 1 FROM ledger_entry e JOIN ledger_entry v
                ON v.referral_id = e.referral_id AND v.kind = 'void'
                WHERE e.id = NEW.counted_entry_id)""",
        "a slot is made of counted referrals that nobody voided",
    ),
    (
        "turn",
        "slot_point",
        "1 = 1",
        """NEW.turn <> 1 + (SELECT count(*) FROM slot_point p
                WHERE p.counted_entry_id = NEW.counted_entry_id)
            OR EXISTS (SELECT 1 FROM slot_point p JOIN ledger_entry s ON s.id = p.slot_entry_id
                WHERE p.counted_entry_id = NEW.counted_entry_id
                AND NOT EXISTS (SELECT 1 FROM ledger_entry r
                    WHERE r.company_id = s.company_id AND r.slot = coalesce(s.slot, s.seq)
                    AND r.kind = 'slot_revoked' AND r.seq > s.seq))""",
        "a referral is in one slot at a time",
    ),
)


def upgrade() -> None:
    op.add_column("ledger_entry", sa.Column("slot", sa.Integer))
    op.add_column("ledger_entry", sa.Column("became", sa.String(20)))
    create_index("ix_ledger_entry_slot", ["company_id", "slot", "seq"], "slot IS NOT NULL")
    create_index(
        "uq_ledger_entry_withdrawn_referral",
        ["referral_id"],
        "kind IN ('void', 'withdrawn')",
        unique=True,
    )
    create_index("uq_ledger_entry_held_referral", ["referral_id"], "kind = 'held'", unique=True)
    count_turns()
    for rule in INSERT_RULES:
        guard(*rule)


def create_index(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        "ledger_entry",
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def count_turns() -> None:
    """Let a point be used again once its slot was revoked: each use is one turn."""
    if op.get_bind().dialect.name == "postgresql":
        op.add_column(
            "slot_point", sa.Column("turn", sa.Integer, nullable=False, server_default="1")
        )
        op.drop_constraint("uq_slot_point_counted_entry_id", "slot_point")
        op.create_unique_constraint(
            "uq_slot_point_counted_entry_id_turn", "slot_point", ["counted_entry_id", "turn"]
        )
        return
    # SQLite cannot drop a constraint: a new table takes the rows, then the guards come back.
    columns = "id, company_id, slot_entry_id, ordinal, counted_entry_id"
    create_slot_points("slot_point_new")
    op.execute(f"INSERT INTO slot_point_new ({columns}) SELECT {columns} FROM slot_point")  # noqa: S608
    op.drop_table("slot_point")
    op.rename_table("slot_point_new", "slot_point")
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER slot_point_no_{what.lower()} BEFORE {what} ON slot_point "
            "BEGIN SELECT RAISE(ABORT, 'points of a slot are never changed'); END"
        )


def create_slot_points(table: str) -> None:
    op.create_table(
        table,
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("slot_entry_id", BIG_ID, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("counted_entry_id", BIG_ID, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("id", name="pk_slot_point"),
        sa.UniqueConstraint("slot_entry_id", "ordinal", name="uq_slot_point_slot_entry_id_ordinal"),
        sa.UniqueConstraint("counted_entry_id", "turn", name="uq_slot_point_counted_entry_id_turn"),
        sa.CheckConstraint("ordinal BETWEEN 1 AND 10", name=op.f("ck_slot_point_ordinal")),
        sa.ForeignKeyConstraint(
            ["slot_entry_id", "company_id"],
            ["ledger_entry.id", "ledger_entry.company_id"],
            "fk_slot_point_slot_entry_id_company_id_ledger_entry",
        ),
        sa.ForeignKeyConstraint(
            ["counted_entry_id", "company_id"],
            ["ledger_entry.id", "ledger_entry.company_id"],
            "fk_slot_point_counted_entry_id_company_id_ledger_entry",
        ),
    )


def guard(name: str, table: str, when: str, wrong: str, message: str) -> None:
    """Have the database itself refuse a new row of `table` that breaks a rule."""
    trigger = f"{table}_{name}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {trigger} BEFORE INSERT ON {table} WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{message}') WHERE {wrong}; END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {wrong} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; "
        "END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {trigger} BEFORE INSERT ON {table} FOR EACH ROW WHEN ({when}) "
        f"EXECUTE FUNCTION {trigger}()"
    )
