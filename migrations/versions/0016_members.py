"""Members of a company, each with choices of their own; webhooks with a filter and two secrets."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)
BY_MAIL = sa.text("endpoint_id IS NULL")


def upgrade() -> None:
    op.create_table(
        "member",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("removed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_member"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], "fk_member_company_id_company"),
    )
    op.create_index("ix_member_company_id", "member", ["company_id"])
    op.create_table(
        "member_muted",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("member_id", BIG_ID, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_member_muted"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], "fk_member_muted_member_id_member"),
        sa.UniqueConstraint("member_id", "event", name="uq_member_muted_member_id_event"),
    )
    _let_contacts_be_members()
    op.drop_table("muted_event")
    _name_members_in_notifications()
    op.create_index("ix_credential_secret_hash", "credential", ["secret_hash"])
    op.add_column("webhook_endpoint", sa.Column("events", sa.JSON))
    op.add_column("webhook_endpoint", sa.Column("old_secret_sealed", sa.String(400)))
    op.add_column("webhook_endpoint", sa.Column("old_secret_until", MOMENT))


def _let_contacts_be_members() -> None:
    op.execute(
        "INSERT INTO member (company_id, address, language, added_at)"
        " SELECT id, contact, language, created_at FROM company WHERE contact <> '' ORDER BY id"
    )
    op.execute(
        "INSERT INTO member_muted (member_id, event)"
        " SELECT member.id, muted_event.event FROM muted_event"
        " JOIN member ON member.company_id = muted_event.company_id ORDER BY muted_event.id"
    )


def _name_members_in_notifications() -> None:
    op.drop_index("uq_notification_by_mail", "notification")
    with op.batch_alter_table("notification") as batch:
        batch.add_column(sa.Column("member_id", BIG_ID))
        batch.create_foreign_key(
            "fk_notification_member_id_member", "member", ["member_id"], ["id"]
        )
    op.execute(
        "UPDATE notification SET member_id ="
        " (SELECT member.id FROM member WHERE member.company_id = notification.company_id)"
        " WHERE endpoint_id IS NULL"
    )
    op.create_index(
        "uq_notification_by_mail",
        "notification",
        ["company_id", "event", "cause", "member_id"],
        unique=True,
        sqlite_where=BY_MAIL,
        postgresql_where=BY_MAIL,
    )
