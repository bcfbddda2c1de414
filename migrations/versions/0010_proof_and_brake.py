"""Domains that are surely a company's; the brake against mass mistakes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "domain_proof",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("domain", sa.String(253), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("proven_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_domain_proof"),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], "fk_domain_proof_company_id_company"
        ),
        sa.UniqueConstraint("company_id", "domain", name="uq_domain_proof_company_id_domain"),
    )
    op.create_table(
        "brake",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("most_per_minute", sa.Integer, nullable=False),
        sa.Column("same_candidate_minutes", sa.Integer, nullable=False),
        sa.Column("cause", sa.String(200), nullable=False),
        sa.Column("pulled_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_brake"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], "fk_brake_company_id_company"),
        sa.UniqueConstraint("company_id", name="uq_brake_company_id"),
    )
    op.create_table(
        "held_mail",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("message_key", sa.String(64), nullable=False),
        sa.Column("candidate_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_held_mail"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], "fk_held_mail_company_id_company"),
        sa.UniqueConstraint(
            "company_id",
            "message_key",
            "candidate_hash",
            name="uq_held_mail_company_id_message_key_candidate_hash",
        ),
    )
    op.create_index("ix_held_mail_at", "held_mail", ["at"])
    op.create_index("ix_referral_company_id_created_at", "referral", ["company_id", "created_at"])
