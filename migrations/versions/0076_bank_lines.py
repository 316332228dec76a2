"""Lines of banks' statements, each once, and what they were held against."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0076"
down_revision = "0075"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE bank_lines (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            print bytea NOT NULL,
            booked_on date NOT NULL,
            amount bigint NOT NULL CHECK (amount <> 0),
            words bytea NOT NULL,
            state text NOT NULL CHECK (state IN ('booked', 'found', 'returned', 'ambiguous', 'left')),
            payment_id uuid,
            recorded_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, print),
            CHECK ((payment_id IS NOT NULL) = (state IN ('booked', 'found', 'returned')))
        );
        CREATE INDEX bank_lines_left ON bank_lines (district_id, id) WHERE payment_id IS NULL;
        CREATE INDEX bank_lines_by_payment ON bank_lines (district_id, payment_id) WHERE payment_id IS NOT NULL;
    """)
    op.execute(behind_the_wall("bank_lines", grants="SELECT, INSERT"))
