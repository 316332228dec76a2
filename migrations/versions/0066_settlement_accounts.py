"""How merchants are billed, and their deposits."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0066"
down_revision = "0065"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE settlement_accounts (
            district_id uuid NOT NULL REFERENCES districts,
            merchant_id uuid NOT NULL,
            provider text NOT NULL DEFAULT 'manual' CHECK (provider IN ('manual', 'bank_file', 'stripe')),
            credit_limit bigint CHECK (credit_limit > 0),
            beyond_limit text NOT NULL DEFAULT 'warn' CHECK (beyond_limit IN ('warn', 'pause_awards')),
            deposit bigint NOT NULL DEFAULT 0 CHECK (deposit >= 0),
            bank_details bytea,
            bank_changed_by uuid,
            bank_changed_at timestamptz,
            bank_approved_by uuid CHECK (bank_approved_by <> bank_changed_by),
            bank_approved_at timestamptz,
            PRIMARY KEY (district_id, merchant_id),
            CHECK ((bank_details IS NULL) = (bank_changed_at IS NULL)),
            CHECK ((bank_changed_by IS NULL) = (bank_changed_at IS NULL)),
            CHECK ((bank_approved_by IS NULL) = (bank_approved_at IS NULL)),
            CHECK (bank_approved_at IS NULL OR bank_changed_at IS NOT NULL)
        );
        CREATE TABLE deposit_movements (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            merchant_id uuid NOT NULL,
            kind text NOT NULL CHECK (kind IN ('received', 'returned', 'set_off')),
            amount bigint NOT NULL CHECK (amount > 0),
            deposit bigint NOT NULL CHECK (deposit >= 0),
            reference text,
            principal_id uuid NOT NULL,
            recorded_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id)
        );
        CREATE INDEX ON deposit_movements (district_id, merchant_id, id);
    """)
    for table, grants in {
        "settlement_accounts": "SELECT, INSERT, UPDATE",
        "deposit_movements": "SELECT, INSERT",
    }.items():
        op.execute(behind_the_wall(table, grants=grants))
