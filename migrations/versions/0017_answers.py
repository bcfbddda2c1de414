"""What answers are remembered by: a mail's origin, and recent mails as letters, as keyed hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
WITH_ORIGIN = sa.text("origin IS NOT NULL")


def upgrade() -> None:
    op.add_column("mail", sa.Column("origin", sa.String(32)))
    op.create_index(
        "ix_mail_origin",
        "mail",
        ["at"],
        sqlite_where=WITH_ORIGIN,
        postgresql_where=WITH_ORIGIN,
    )
    op.add_column("review", sa.Column("origin", sa.String(32)))
    op.add_column("review", sa.Column("heard", sa.String(400), nullable=False, server_default=""))
    op.create_index(
        "ix_review_origin",
        "review",
        ["company_id", "id"],
        sqlite_where=WITH_ORIGIN,
        postgresql_where=WITH_ORIGIN,
    )
    op.create_table(
        "recent_letter",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("queue_id", sa.String(64), nullable=False),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
        sa.Column("excused", sa.String(400), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recent_letter"),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], "fk_recent_letter_company_id_company"
        ),
        sa.UniqueConstraint("queue_id", name="uq_recent_letter_queue_id"),
    )
    op.create_index("ix_recent_letter_company_id_id", "recent_letter", ["company_id", "id"])
