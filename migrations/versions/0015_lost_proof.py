"""Proofs of domains that DNS does not show any more; what becomes of a foreign header From."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("domain_proof", sa.Column("asked_at", TIME))
    op.add_column("domain_proof", sa.Column("missing_since", TIME))
    op.add_column(
        "domain_proof", sa.Column("misses", sa.Integer, nullable=False, server_default="0")
    )
    op.add_column("domain_proof", sa.Column("lost_at", TIME))
    op.create_table(
        "foreign_from",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("policy", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_foreign_from"),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], "fk_foreign_from_company_id_company"
        ),
        sa.UniqueConstraint("company_id", name="uq_foreign_from_company_id"),
    )
