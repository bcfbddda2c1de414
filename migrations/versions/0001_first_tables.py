"""The first tables: companies, mails, referrals, the ledger and its guards, the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)
GUARDED = {
    "ledger_entry": "ledger entries are never changed",
    "slot_point": "points of a slot are never changed",
}


def upgrade() -> None:
    create_companies()
    create_referrals()
    create_mails()
    create_ledger()
    create_notifications()
    for table, message in GUARDED.items():
        guard(table, message)


def create_companies() -> None:
    op.create_table(
        "company",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("contact", sa.String(320), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("next_hop", sa.String(300), nullable=False),
        sa.Column("smtp_user", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_company"),
        sa.UniqueConstraint("name", name="uq_company_name"),
        sa.UniqueConstraint("smtp_user", name="uq_company_smtp_user"),
    )
    op.create_table(
        "company_domain",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("domain", sa.String(253), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_company_domain"),
        of_company("company_domain"),
        sa.UniqueConstraint("domain", name="uq_company_domain_domain"),
    )
    op.create_index("ix_company_domain_company_id", "company_domain", ["company_id"])
    op.create_table(
        "company_sender",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("sender", sa.String(320), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_company_sender"),
        of_company("company_sender"),
        sa.UniqueConstraint("company_id", "sender", name="uq_company_sender_company_id_sender"),
    )
    op.create_table(
        "company_change",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("old", sa.String(300), nullable=False),
        sa.Column("new", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_company_change"),
        of_company("company_change"),
    )
    op.create_index("ix_company_change_company_id", "company_change", ["company_id"])


def create_referrals() -> None:
    op.create_table(
        "referral",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("candidate_hash", sa.String(64), nullable=False),
        sa.Column("masked", sa.String(320), nullable=False),
        sa.Column("message_key", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("relayed_at", MOMENT),
        sa.Column("settled_at", MOMENT),
        sa.Column("opened_at", MOMENT),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_referral"),
        of_company("referral"),
        sa.UniqueConstraint(
            "company_id",
            "message_key",
            "candidate_hash",
            name="uq_referral_company_id_message_key_candidate_hash",
        ),
        sa.UniqueConstraint("token_hash", name="uq_referral_token_hash"),
    )
    op.create_index(
        "ix_referral_company_id_candidate_hash", "referral", ["company_id", "candidate_hash"]
    )
    create_partial_index(
        "ix_referral_unsettled",
        "referral",
        ["attempts", "id"],
        "state = 'relayed' AND settled_at IS NULL",
    )
    create_partial_index("ix_referral_relaying", "referral", ["created_at"], "state = 'relaying'")
    op.create_table(
        "opt_out",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("candidate_hash", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_opt_out"),
        sa.UniqueConstraint("candidate_hash", name="uq_opt_out_candidate_hash"),
    )


def create_mails() -> None:
    op.create_table(
        "mail",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("queue_id", sa.String(64), nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("rules_version", sa.String(40), nullable=False),
        sa.Column("why", sa.String(40), nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("parts", sa.JSON, nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("recipients", sa.Integer, nullable=False),
        sa.Column("candidate_masked", sa.String(320)),
        sa.Column("referral_id", BIG_ID),
        sa.Column("reply_code", sa.Integer),
        sa.Column("reply_text", sa.String(1000)),
        sa.Column("milliseconds", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
        of_company("mail"),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], "fk_mail_referral_id_referral"),
        sa.UniqueConstraint("queue_id", name="uq_mail_queue_id"),
    )
    op.create_index("ix_mail_at", "mail", ["at"])
    op.create_index("ix_mail_company_id_id", "mail", ["company_id", "id"])
    op.create_index("ix_mail_verdict_id", "mail", ["verdict", "id"])
    op.create_index("ix_mail_why_id", "mail", ["why", "id"])
    op.create_index("ix_mail_referral_id", "mail", ["referral_id"])


def create_ledger() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("referral_id", BIG_ID),
        sa.Column("reason", sa.String(100)),
        sa.Column("rule_version", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_entry"),
        of_company("ledger_entry"),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], "fk_ledger_entry_referral_id_referral"
        ),
        sa.UniqueConstraint("company_id", "seq", name="uq_ledger_entry_company_id_seq"),
        sa.UniqueConstraint("id", "company_id", name="uq_ledger_entry_id_company_id"),
        sa.CheckConstraint(
            "NOT (kind IN ('counted', 'not_counted')) OR referral_id IS NOT NULL",
            name=op.f("ck_ledger_entry_names_referral"),
        ),
    )
    op.create_index(
        "ix_ledger_entry_company_id_kind_seq", "ledger_entry", ["company_id", "kind", "seq"]
    )
    op.create_index("ix_ledger_entry_referral_id", "ledger_entry", ["referral_id"])
    create_partial_index(
        "uq_ledger_entry_settled_referral",
        "ledger_entry",
        ["referral_id"],
        "kind IN ('counted', 'not_counted')",
        unique=True,
    )
    op.create_table(
        "slot_point",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("slot_entry_id", BIG_ID, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("counted_entry_id", BIG_ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slot_point"),
        sa.UniqueConstraint("slot_entry_id", "ordinal", name="uq_slot_point_slot_entry_id_ordinal"),
        sa.UniqueConstraint("counted_entry_id", name="uq_slot_point_counted_entry_id"),
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


def create_notifications() -> None:
    op.create_table(
        "notification",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("cause_entry_id", BIG_ID, nullable=False),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", MOMENT, nullable=False),
        sa.Column("message_id", sa.String(200)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_notification"),
        of_company("notification"),
        sa.ForeignKeyConstraint(
            ["cause_entry_id"],
            ["ledger_entry.id"],
            "fk_notification_cause_entry_id_ledger_entry",
        ),
        sa.UniqueConstraint(
            "company_id",
            "event",
            "cause_entry_id",
            name="uq_notification_company_id_event_cause_entry_id",
        ),
    )
    op.create_index("ix_notification_cause_entry_id", "notification", ["cause_entry_id"])
    create_partial_index(
        "ix_notification_due", "notification", ["next_attempt_at"], "state = 'pending'"
    )


def of_company(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["company_id"], ["company.id"], f"fk_{table}_company_id_company")


def create_partial_index(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def guard(table: str, message: str) -> None:
    """Have the database itself refuse to change or delete what stands in `table`."""
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_guard()"
    )
