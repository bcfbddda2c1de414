"""Next hops that take no mail: since when, how often tried, and whether the company was told."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "hop_outage",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("host", sa.String(300), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("last_failed_at", MOMENT, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("cause", sa.String(200), nullable=False),
        sa.Column("told_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_hop_outage"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], "fk_hop_outage_company_id_company"),
        sa.UniqueConstraint("company_id", "host", name="uq_hop_outage_company_id_host"),
    )
    op.create_index(
        "ix_hop_outage_open",
        "hop_outage",
        ["last_failed_at"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.execute(  # whoever does not want to hear of the beginning does not want to hear of the end
        "INSERT INTO member_muted (member_id, event)"
        " SELECT member_id, 'next-hop-working' FROM member_muted"
        " WHERE event = 'next-hop-failing' ORDER BY id"
    )
