"""Link blocks that companies word themselves: every version, the newest is used."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "block_template",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("text", sa.String(4096), nullable=False),
        sa.Column("html", sa.String(4096), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_block_template"),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], "fk_block_template_company_id_company"
        ),
        sa.UniqueConstraint(
            "company_id",
            "language",
            "version",
            name="uq_block_template_company_id_language_version",
        ),
    )
