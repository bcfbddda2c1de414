"""Ways in: several secrets a company, which expire, and proofs other than a password."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "credential",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("secret_hash", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_credential"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], "fk_credential_company_id_company"),
    )
    op.create_index("ix_credential_company_id", "credential", ["company_id"])
    op.execute(
        "INSERT INTO credential (company_id, kind, secret_hash, created_at)"
        " SELECT id, 'password', password_hash, created_at FROM company ORDER BY id"
    )
    op.drop_column("company", "password_hash")
    op.create_table(
        "company_access",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("company_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("value", sa.String(8000), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_company_access"),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], "fk_company_access_company_id_company"
        ),
    )
    op.create_index("ix_company_access_company_id", "company_access", ["company_id"])
