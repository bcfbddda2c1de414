"""Copies of mails to several candidates that have left: a retry must not send them again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "sent_copy",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sent_copy"),
        sa.UniqueConstraint("mark", name="uq_sent_copy_mark"),
    )
    op.create_index("ix_sent_copy_at", "sent_copy", ["at"])
