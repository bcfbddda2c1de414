"""What a company wants to follow from what is wrong with a rejection mail."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "courtesy",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("finding", sa.String(40), nullable=False),
        sa.Column("reaction", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_courtesy"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], "fk_courtesy_company_id_company"),
        sa.UniqueConstraint("company_id", "finding", name="uq_courtesy_company_id_finding"),
    )
