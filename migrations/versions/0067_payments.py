"""Payments and their attempts: at most one of a party's account is live, and a statement is paid by one."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0067"
down_revision = "0066"


def upgrade() -> None:
    states = "('draft', 'sent', 'unknown', 'failed', 'succeeded', 'returned', 'cancelled')"
    op.execute(f"""
        CREATE TABLE payments (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            party_kind text NOT NULL CHECK (party_kind IN ('merchant', 'district', 'public')),
            party_id uuid NOT NULL,
            account text NOT NULL CHECK (account IN ('settlement', 'public_settlement', 'deposit')),
            direction text NOT NULL CHECK (direction IN ('in', 'out')),
            amount bigint NOT NULL CHECK (amount > 0),
            paid_amount bigint NOT NULL CHECK (paid_amount >= 0),
            currency text NOT NULL,
            statement_id uuid,
            due_on date,
            provider text NOT NULL,
            customer text,
            state text NOT NULL CHECK (state IN {states}),
            attempts integer NOT NULL CHECK (attempts >= 0),
            retries integer NOT NULL CHECK (retries >= 0),
            retry_at timestamptz CHECK (retry_at IS NULL OR state = 'failed'),
            code text,
            created_at timestamptz NOT NULL,
            changed_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id)
        );
        CREATE UNIQUE INDEX payments_live ON payments (district_id, party_kind, party_id, account)
            WHERE state IN ('draft', 'sent', 'unknown') OR retry_at IS NOT NULL;
        CREATE UNIQUE INDEX payments_of_statements ON payments (district_id, statement_id) WHERE statement_id IS NOT NULL;
        CREATE INDEX payments_by_party ON payments (district_id, party_id, id);
        CREATE TABLE payment_attempts (
            district_id uuid NOT NULL REFERENCES districts,
            payment_id uuid NOT NULL,
            number integer NOT NULL CHECK (number > 0),
            provider text NOT NULL,
            state text NOT NULL CHECK (state IN {states}),
            reference text,
            code text,
            amount bigint CHECK (amount > 0),
            booked_on date,
            journal_id uuid,
            returned_in uuid,
            look_at timestamptz,
            started_at timestamptz NOT NULL,
            ended_at timestamptz,
            PRIMARY KEY (district_id, payment_id, number),
            CHECK ((journal_id IS NULL) = (amount IS NULL) AND (journal_id IS NULL) = (booked_on IS NULL)),
            CHECK ((state IN ('succeeded', 'returned')) = (journal_id IS NOT NULL)),
            CHECK ((state = 'returned') = (returned_in IS NOT NULL))
        );
        CREATE UNIQUE INDEX payment_slips ON payment_attempts (district_id, reference)
            WHERE provider = 'manual' AND journal_id IS NOT NULL;
        CREATE INDEX payment_attempts_to_look_up ON payment_attempts (district_id, look_at) WHERE look_at IS NOT NULL;
    """)
    for table in ("payments", "payment_attempts"):
        op.execute(behind_the_wall(table, grants="SELECT, INSERT, UPDATE"))
