"""The ledger, and points on it: programme, rule sets, lots, balances."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # Ledger rows have no foreign keys to accounts: their share locks would make a busy merchant's account a hot row.
    # `quantong verify-books` checks what the keys would have (docs/decisions/0004-ledger.md).
    op.execute("""
        CREATE TABLE accounts (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            asset text NOT NULL,
            kind text NOT NULL,
            owner_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, asset, kind, owner_id)
        );

        CREATE TABLE journals (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            kind text NOT NULL,
            principal_id uuid NOT NULL,
            occurred_at timestamptz NOT NULL,
            recorded_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id)
        );

        CREATE TABLE transfers (
            district_id uuid NOT NULL,
            journal_id uuid NOT NULL,
            line smallint NOT NULL,
            asset text NOT NULL,
            debit_account_id uuid NOT NULL,
            credit_account_id uuid NOT NULL,
            amount bigint NOT NULL CHECK (amount > 0),
            code text NOT NULL,
            subject_id uuid,
            holder_id uuid,
            holder_sequence bigint,
            holder_balance bigint,
            PRIMARY KEY (district_id, journal_id, line),
            CHECK (debit_account_id <> credit_account_id)
        );
        CREATE UNIQUE INDEX transfers_by_holder ON transfers (district_id, holder_id, holder_sequence)
            WHERE holder_id IS NOT NULL;

        CREATE TABLE programmes (
            district_id uuid NOT NULL PRIMARY KEY REFERENCES districts,
            point_value numeric NOT NULL CHECK (point_value > 0),
            rounding text NOT NULL CHECK (rounding IN ('floor', 'half_up')),
            pending_days integer NOT NULL CHECK (pending_days >= 0),
            expiry jsonb NOT NULL,
            refund_policy text NOT NULL CHECK (refund_policy IN ('owe', 'take', 'forgive')),
            max_spend_percent integer NOT NULL CHECK (max_spend_percent BETWEEN 0 AND 100),
            min_spend_points bigint NOT NULL CHECK (min_spend_points >= 0),
            late_sale_days integer CHECK (late_sale_days >= 0),
            spend_proof text NOT NULL CHECK (spend_proof IN ('code', 'any')),
            updated_at timestamptz NOT NULL
        );

        CREATE TABLE rule_sets (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            name text NOT NULL,
            version integer CHECK (version > 0),
            rules jsonb NOT NULL,
            effective_at timestamptz,
            created_at timestamptz NOT NULL,
            published_at timestamptz,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, version),
            CHECK ((version IS NULL) = (published_at IS NULL)),
            CHECK (version IS NULL OR version = 1 OR effective_at IS NOT NULL)
        );

        CREATE TABLE lots (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            member_id uuid NOT NULL,
            merchant_id uuid NOT NULL,
            funder text NOT NULL CHECK (funder IN ('merchant', 'district')),
            source_id uuid NOT NULL,
            points bigint NOT NULL CHECK (points > 0),
            remaining bigint NOT NULL CHECK (remaining BETWEEN 0 AND points),
            available_at timestamptz NOT NULL,
            expires_at timestamptz,
            recorded_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id)
        );
        CREATE INDEX lots_by_member ON lots (district_id, member_id) WHERE remaining > 0;

        CREATE TABLE point_balances (
            district_id uuid NOT NULL,
            member_id uuid NOT NULL,
            ledger bigint NOT NULL DEFAULT 0,
            available bigint NOT NULL DEFAULT 0,
            pending bigint NOT NULL DEFAULT 0,
            owed bigint NOT NULL DEFAULT 0 CHECK (owed >= 0),
            earned bigint NOT NULL DEFAULT 0,
            spent bigint NOT NULL DEFAULT 0,
            expired bigint NOT NULL DEFAULT 0,
            sequence bigint NOT NULL DEFAULT 0,
            next_change_at timestamptz,
            PRIMARY KEY (district_id, member_id),
            CHECK (available >= 0 AND pending >= 0 AND ledger >= available + pending)
        ) WITH (fillfactor = 80);
    """)
    for table, grants in {
        "accounts": "SELECT, INSERT",
        "journals": "SELECT, INSERT",
        "transfers": "SELECT, INSERT",
        "programmes": "SELECT, INSERT, UPDATE",
        "rule_sets": "SELECT, INSERT, UPDATE",
        "lots": "SELECT, INSERT, UPDATE",
        "point_balances": "SELECT, INSERT, UPDATE",
    }.items():
        op.execute(behind_the_wall(table, grants=grants))
