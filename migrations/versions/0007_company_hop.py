"""Next hops: more hosts, TLS, login and limits of each company's."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "company_hop",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("fallbacks", sa.Text, nullable=False),
        sa.Column("tls", sa.String(20), nullable=False),
        sa.Column("implicit_tls", sa.Boolean, nullable=False),
        sa.Column("authority", sa.Text, nullable=False),
        sa.Column("login_user", sa.String(320), nullable=False),
        sa.Column("sealed_password", sa.Text, nullable=False),
        sa.Column("certificate", sa.Text, nullable=False),
        sa.Column("sealed_key", sa.Text, nullable=False),
        sa.Column("most_connections", sa.Integer, nullable=False),
        sa.Column("idle_seconds", sa.Integer, nullable=False),
        sa.Column("mails_per_connection", sa.Integer, nullable=False),
        sa.Column("eight_bit", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_company_hop"),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], "fk_company_hop_company_id_company"
        ),
        sa.UniqueConstraint("company_id", name="uq_company_hop_company_id"),
    )
