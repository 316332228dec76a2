"""Complaints of shoppers about purchases, and their answers."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE cases (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            kind text NOT NULL CHECK (kind IN ('complaint')),
            step text NOT NULL CHECK (step IN ('open', 'answered', 'withdrawn')),
            transaction_id uuid NOT NULL,
            merchant_id uuid NOT NULL,
            store_id uuid NOT NULL,
            member_id uuid NOT NULL,
            reason text NOT NULL,
            description text,
            opened_at timestamptz NOT NULL,
            answer text,
            answered_by text CHECK (answered_by IN ('alliance', 'merchant')),
            ended_at timestamptz,
            PRIMARY KEY (district_id, id),
            CHECK ((step = 'open') = (ended_at IS NULL)),
            CHECK ((step = 'answered') = (answer IS NOT NULL AND answered_by IS NOT NULL))
        );
        CREATE UNIQUE INDEX ON cases (district_id, transaction_id) WHERE step = 'open';
        CREATE INDEX ON cases (district_id, member_id);
        CREATE INDEX ON cases (district_id, merchant_id, id);
    """)
    op.execute(behind_the_wall("cases", grants="SELECT, INSERT, UPDATE, DELETE"))
    op.execute("ALTER TABLE cases ADD FOREIGN KEY (district_id, member_id) REFERENCES members;")
