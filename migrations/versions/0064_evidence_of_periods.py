"""Evidence of settlement: trees over the rows of statements, the statements of a period, and periods that hang together.

What is closed already gets its hash by the job that gathers journals, period after period.
"""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0064"
down_revision = "0063"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE settlement_periods
            ADD COLUMN read_to uuid,
            ADD COLUMN content text,
            ADD COLUMN tree bytea,
            ADD COLUMN previous_hash bytea,
            ADD COLUMN hash bytea;
        ALTER TABLE settlement_periods ADD CONSTRAINT settlement_periods_sealed_whole
            CHECK (num_nulls(content, tree, previous_hash, hash) IN (0, 4));
        ALTER TABLE settlement_periods ADD CONSTRAINT settlement_periods_sealed_closed
            CHECK (hash IS NULL OR status = 'closed');
        CREATE TABLE statement_pieces (
            district_id uuid NOT NULL,
            statement_id uuid NOT NULL,
            number integer NOT NULL CHECK (number > 0),
            journals bytea NOT NULL,
            size bigint NOT NULL CHECK (size > 0),
            peaks bytea NOT NULL,
            PRIMARY KEY (district_id, statement_id, number)
        );
        CREATE TABLE statement_leaves (
            district_id uuid NOT NULL REFERENCES districts,
            statement_id uuid NOT NULL,
            period_id uuid NOT NULL,
            place integer NOT NULL CHECK (place >= 0),
            content text NOT NULL,
            PRIMARY KEY (district_id, statement_id),
            UNIQUE (district_id, period_id, place)
        );
    """)
    op.execute(behind_the_wall("statement_pieces", grants="SELECT, INSERT"))
    op.execute(behind_the_wall("statement_leaves", grants="SELECT, INSERT"))
