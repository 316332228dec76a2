"""Numbers of the tax invoices for statements."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0074"
down_revision = "0073"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE statement_invoices (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            statement_id uuid NOT NULL,
            party_kind text NOT NULL,
            party_id uuid NOT NULL,
            direction text NOT NULL CHECK (direction IN ('to_invoice', 'to_be_invoiced')),
            number text NOT NULL,
            amount bigint NOT NULL CHECK (amount <> 0),
            issued_on date NOT NULL,
            side text NOT NULL CHECK (side IN ('merchant', 'alliance')),
            principal_id uuid NOT NULL,
            noted_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, party_kind, party_id, direction, number)
        );
        CREATE INDEX ON statement_invoices (district_id, statement_id);
    """)
    op.execute(behind_the_wall("statement_invoices", grants="SELECT, INSERT"))
