"""Batches: payments of a period in one file for a bank."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0075"
down_revision = "0074"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE payment_batches (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            period_id uuid NOT NULL,
            direction text NOT NULL CHECK (direction IN ('in', 'out')),
            profile text NOT NULL,
            status text NOT NULL CHECK (status IN ('open', 'told', 'cancelled')),
            amount bigint NOT NULL CHECK (amount > 0),
            sha256 bytea NOT NULL,
            content bytea NOT NULL,
            told bytea NOT NULL,
            created_at timestamptz NOT NULL,
            downloaded_at timestamptz,
            PRIMARY KEY (district_id, id)
        );
    """)
    op.execute(behind_the_wall("payment_batches", grants="SELECT, INSERT, UPDATE"))
