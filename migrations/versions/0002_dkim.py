"""DKIM: who signs a company's edited mails, and the keys for it (sealed, never in the clear)."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column(
        "company",
        sa.Column("dkim", sa.String(20), nullable=False, server_default="next-hop-signs"),
    )
    op.add_column(
        "company", sa.Column("dkim_selector", sa.String(63), nullable=False, server_default="")
    )
    op.create_table(
        "dkim_key",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("selector", sa.String(63), nullable=False),
        sa.Column("algorithm", sa.String(20), nullable=False),
        sa.Column("public_key", sa.String(1000), nullable=False),
        sa.Column("sealed_key", sa.String(4000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dkim_key"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], "fk_dkim_key_company_id_company"),
        sa.UniqueConstraint("company_id", "selector", name="uq_dkim_key_company_id_selector"),
    )
