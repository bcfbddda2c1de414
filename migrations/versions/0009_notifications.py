"""Notifications by webhook too and of any cause; webhooks, muted events, the workers' lease."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)
PENDING = sa.text("state = 'pending'")
BY_MAIL = sa.text("endpoint_id IS NULL")
BY_WEBHOOK = sa.text("endpoint_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("holder", sa.String(100), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lease"),
        sa.UniqueConstraint("name", name="uq_lease_name"),
    )
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("secret_sealed", sa.String(400), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.Column("disabled_why", sa.String(40)),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoint"),
        of_company("webhook_endpoint"),
    )
    op.create_index("ix_webhook_endpoint_company_id", "webhook_endpoint", ["company_id"])
    op.create_table(
        "muted_event",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_muted_event"),
        sa.UniqueConstraint("company_id", "event", name="uq_muted_event_company_id_event"),
        of_company("muted_event"),
    )
    # A table that SQLite cannot alter is made anew. By way of a copy: names of keys and indexes
    # are unique in PostgreSQL's schema, so the old one must be gone first.
    op.execute("CREATE TABLE notification_before AS SELECT * FROM notification")
    op.drop_table("notification")
    create_notification()
    op.execute(
        "INSERT INTO notification"
        " (id, company_id, event, cause, cause_entry_id, facts, recipient, language, state,"
        " attempts, next_attempt_at, message_id, created_at, sent_at)"
        " SELECT id, company_id, event, 'entry:' || cause_entry_id, cause_entry_id, '{}',"
        " recipient, language, state, attempts, next_attempt_at, message_id, created_at, sent_at"
        " FROM notification_before"
    )
    op.drop_table("notification_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('notification', 'id'), max(id))"
            " FROM notification HAVING max(id) IS NOT NULL"
        )


def create_notification() -> None:
    op.create_table(
        "notification",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("cause", sa.String(80), nullable=False),
        sa.Column("cause_entry_id", BIG_ID),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("endpoint_id", BIG_ID),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", MOMENT, nullable=False),
        sa.Column("message_id", sa.String(200)),
        sa.Column("last_answer", sa.String(80)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_notification"),
        of_company("notification"),
        sa.ForeignKeyConstraint(
            ["cause_entry_id"],
            ["ledger_entry.id"],
            "fk_notification_cause_entry_id_ledger_entry",
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoint.id"],
            "fk_notification_endpoint_id_webhook_endpoint",
        ),
    )
    op.create_index("ix_notification_cause_entry_id", "notification", ["cause_entry_id"])
    op.create_index("ix_notification_company_id_id", "notification", ["company_id", "id"])
    create_partial_index("ix_notification_due", ["next_attempt_at"], PENDING)
    create_partial_index("ix_notification_parked", ["id"], sa.text("state = 'parked'"))
    by_mail = ["company_id", "event", "cause"]
    create_partial_index("uq_notification_by_mail", by_mail, BY_MAIL, unique=True)
    create_partial_index(
        "uq_notification_by_webhook", [*by_mail, "endpoint_id"], BY_WEBHOOK, unique=True
    )


def of_company(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["company_id"], ["company.id"], f"fk_{table}_company_id_company")


def create_partial_index(
    name: str, columns: list[str], where: sa.TextClause, *, unique: bool = False
) -> None:
    op.create_index(
        name,
        "notification",
        columns,
        unique=unique,
        sqlite_where=where,
        postgresql_where=where,
    )
