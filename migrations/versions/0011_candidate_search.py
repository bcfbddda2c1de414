"""The log is searched by candidate across companies: the same index, the other way round."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.drop_index("ix_referral_company_id_candidate_hash", "referral")
    op.create_index(
        "ix_referral_candidate_hash_company_id", "referral", ["candidate_hash", "company_id"]
    )
