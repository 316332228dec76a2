"""Tills, their tokens, the PINs that open them, and the shifts at them."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0047"
down_revision = "0046"
TABLES = {
    "tills": "SELECT, INSERT, UPDATE",
    "till_tokens": "SELECT, INSERT, UPDATE, DELETE",
    "cashiers": "SELECT, INSERT, UPDATE",
    "pin_tries": "SELECT, INSERT, UPDATE, DELETE",
    "shifts": "SELECT, INSERT, UPDATE, DELETE",
}


def upgrade() -> None:
    op.execute("""
        CREATE TABLE tills (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            store_id uuid NOT NULL,
            name text NOT NULL,
            locks_after_minutes smallint NOT NULL,
            closes_at text,
            pairing_hash bytea,
            pairing_ends_at timestamptz,
            pairing_is_for_tests boolean NOT NULL DEFAULT false,
            pairing_maker_ends_at timestamptz,
            ends_at timestamptz,
            paired_at timestamptz,
            seen_at timestamptz,
            revoked_at timestamptz,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id)
        );
        CREATE INDEX ON tills (district_id, store_id);

        CREATE TABLE till_tokens (
            district_id uuid NOT NULL,
            token_hash bytea NOT NULL,
            till_id uuid NOT NULL,
            replaces bytea,
            issued_at timestamptz NOT NULL,
            used_at timestamptz,
            ends_at timestamptz,
            PRIMARY KEY (district_id, token_hash)
        );
        CREATE INDEX ON till_tokens (district_id, till_id);

        CREATE TABLE cashiers (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            store_id uuid NOT NULL,
            name text NOT NULL,
            pin_hash text NOT NULL,
            removed_at timestamptz,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id)
        );
        CREATE INDEX ON cashiers (district_id, store_id);

        CREATE TABLE pin_tries (
            district_id uuid NOT NULL,
            till_id uuid NOT NULL,
            cashier_id uuid NOT NULL,
            wrong smallint NOT NULL,
            locked_until timestamptz,
            PRIMARY KEY (district_id, till_id, cashier_id)
        );

        CREATE TABLE shifts (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            till_id uuid NOT NULL,
            cashier_id uuid NOT NULL,
            opened_at timestamptz NOT NULL,
            used_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL,
            closed_at timestamptz,
            PRIMARY KEY (district_id, id)
        );
        CREATE UNIQUE INDEX shifts_open ON shifts (district_id, till_id) WHERE closed_at IS NULL;
    """)
    for table, grants in TABLES.items():
        op.execute(behind_the_wall(table, grants=grants))
    op.execute("""
        ALTER TABLE tills ADD FOREIGN KEY (district_id, store_id) REFERENCES stores;
        ALTER TABLE cashiers ADD FOREIGN KEY (district_id, store_id) REFERENCES stores;
        ALTER TABLE till_tokens ADD FOREIGN KEY (district_id, till_id) REFERENCES tills;
        ALTER TABLE shifts ADD FOREIGN KEY (district_id, till_id) REFERENCES tills;
    """)
