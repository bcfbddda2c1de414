"""What people say of verdicts, and how that tunes a company."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("mail_id", BIG_ID, nullable=False),
        sa.Column("is_rejection", sa.Boolean, nullable=False),
        sa.Column("counts", sa.Boolean, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], "fk_review_company_id_company"),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], "fk_review_mail_id_mail"),
        sa.UniqueConstraint("mail_id", name="uq_review_mail_id"),
    )
    op.create_index("ix_review_company_id_id", "review", ["company_id", "id"])
    op.create_table(
        "tuning",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("points", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tuning"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], "fk_tuning_company_id_company"),
        sa.UniqueConstraint("company_id", name="uq_tuning_company_id"),
    )
    condition = sa.text("verdict <> 'other'")
    op.create_index(
        "ix_mail_reviewable",
        "mail",
        ["company_id", "id"],
        sqlite_where=condition,
        postgresql_where=condition,
    )
