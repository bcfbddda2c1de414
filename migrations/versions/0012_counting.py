"""Counting: rules in versions, referrals that wait, what is forgotten and when."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "counting_rule",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("count_at", sa.String(20), nullable=False),
        sa.Column("window_days", sa.Integer, nullable=False),
        sa.Column("hold_hours", sa.Integer, nullable=False),
        sa.Column("burst_limit", sa.Integer, nullable=False),
        sa.Column("slot_days", sa.Integer, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_counting_rule"),
        of_company("counting_rule"),
        sa.UniqueConstraint("company_id", "number", name="uq_counting_rule_company_id_number"),
    )
    op.create_table(
        "hold",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("referral_id", BIG_ID, nullable=False),
        sa.Column("waits_for", sa.String(20), nullable=False),
        sa.Column("until", MOMENT),
        sa.Column("released_by", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name="pk_hold"),
        of_company("hold"),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], "fk_hold_referral_id_referral"),
        sa.UniqueConstraint("referral_id", name="uq_hold_referral_id"),
    )
    op.create_index("ix_hold_until", "hold", ["until"])
    op.create_index("ix_hold_company_id_id", "hold", ["company_id", "id"])
    op.create_table(
        "retention",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retention"),
        of_company("retention"),
        sa.UniqueConstraint("company_id", name="uq_retention_company_id"),
    )
    op.add_column("referral", sa.Column("registered_at", MOMENT))
    op.create_index(
        "ix_ledger_entry_company_id_at_seq", "ledger_entry", ["company_id", "at", "seq"]
    )
    partial("ix_mail_remembered", "mail", ["company_id", "at"], "candidate_masked IS NOT NULL")
    partial("ix_mail_masked", "mail", ["candidate_masked"], "candidate_masked IS NOT NULL")
    guard_rules()


def guard_rules() -> None:
    """Have the database refuse to change a rule that entries name."""
    message = "counting rules are never changed"
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER counting_rule_no_{what.lower()} BEFORE {what} ON counting_rule "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION counting_rule_guard() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER counting_rule_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON counting_rule "
        "FOR EACH STATEMENT EXECUTE FUNCTION counting_rule_guard()"
    )


def of_company(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["company_id"], ["company.id"], f"fk_{table}_company_id_company")


def partial(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
