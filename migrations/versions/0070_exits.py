"""Merchants that leave, and their final statements."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0070"
down_revision = "0069"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE merchant_exits (
            district_id uuid NOT NULL REFERENCES districts,
            merchant_id uuid NOT NULL,
            announced_at timestamptz NOT NULL,
            last_award_on date NOT NULL,
            last_accept_on date NOT NULL CHECK (last_accept_on >= last_award_on),
            awards_until timestamptz NOT NULL,
            accepts_until timestamptz NOT NULL,
            refunds_until timestamptz NOT NULL,
            final_statement_id uuid,
            written_off bigint NOT NULL DEFAULT 0 CHECK (written_off >= 0),
            ended_at timestamptz,
            taken_period_id uuid,
            PRIMARY KEY (district_id, merchant_id),
            CHECK (ended_at IS NULL OR final_statement_id IS NOT NULL),
            CHECK ((ended_at IS NULL) = (taken_period_id IS NULL)),
            CHECK (written_off = 0 OR ended_at IS NOT NULL)
        );
        ALTER TABLE statements ADD COLUMN is_final boolean NOT NULL DEFAULT false;
    """)
    op.execute(behind_the_wall("merchant_exits", grants="SELECT, INSERT, UPDATE"))
