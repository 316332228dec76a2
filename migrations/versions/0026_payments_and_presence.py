"""A payment counts once at a merchant, and a presence token spends once."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.execute("""
        -- The first sale of a payment has rank 0, another merchant's the next, and so on: whoever adds one has seen the rest.
        ALTER TABLE transactions ADD COLUMN payment_rank integer NOT NULL DEFAULT 0;
        CREATE UNIQUE INDEX transactions_by_payment_rank ON transactions (district_id, payment_reference, payment_rank)
            WHERE payment_reference IS NOT NULL;
        DROP INDEX transactions_by_payment;

        CREATE TABLE presence_token_uses (
            district_id uuid NOT NULL,
            member_id uuid NOT NULL,
            store_id uuid NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, member_id, store_id, expires_at)
        );
        CREATE INDEX ON presence_token_uses (district_id, used_at);
    """)
    op.execute(behind_the_wall("presence_token_uses", grants="SELECT, INSERT, DELETE"))
