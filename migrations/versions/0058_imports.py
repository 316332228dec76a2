"""Imports: files of rows that the queue records; opening balances of members of another programme."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0058"
down_revision = "0057"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE adjustments ADD COLUMN merchant_id uuid, ADD COLUMN opening_of text, ADD COLUMN reverses_id uuid;
        CREATE INDEX adjustments_reversed ON adjustments (district_id, reverses_id) WHERE reverses_id IS NOT NULL;

        CREATE TABLE imports (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            kind text NOT NULL CHECK (kind IN ('sales', 'refunds', 'members', 'merchants')),
            source text NOT NULL,
            file_name text NOT NULL,
            status text NOT NULL,
            starts boolean NOT NULL,
            attempt integer NOT NULL DEFAULT 0,
            settings jsonb NOT NULL,
            header jsonb NOT NULL DEFAULT '[]',
            fields jsonb NOT NULL DEFAULT '{}',
            flaw jsonb,
            actor jsonb NOT NULL,
            merchant_id uuid,
            store_id uuid,
            rows integer NOT NULL DEFAULT 0,
            done integer NOT NULL DEFAULT 0,
            recorded integer NOT NULL DEFAULT 0,
            known integer NOT NULL DEFAULT 0,
            refused integer NOT NULL DEFAULT 0,
            left_out integer NOT NULL DEFAULT 0,
            undone integer NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL,
            alive_at timestamptz NOT NULL,
            finished_at timestamptz,
            kept_until timestamptz NOT NULL,
            is_forgotten boolean NOT NULL DEFAULT false,
            PRIMARY KEY (district_id, id)
        );
        CREATE INDEX imports_at_work ON imports (district_id, alive_at)
            WHERE status IN ('queued', 'reading', 'running', 'undoing');
        CREATE INDEX imports_kept ON imports (district_id, kept_until) WHERE NOT is_forgotten;

        CREATE TABLE import_pieces (
            district_id uuid NOT NULL,
            import_id uuid NOT NULL,
            number integer NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (district_id, import_id, number)
        );

        CREATE TABLE import_rows (
            district_id uuid NOT NULL,
            import_id uuid NOT NULL,
            number integer NOT NULL,
            rows integer NOT NULL,
            status text NOT NULL,
            sealed bytea,
            reason jsonb,
            made_id uuid,
            adjustment_id uuid,
            PRIMARY KEY (district_id, import_id, number)
        );
        CREATE INDEX import_rows_to_do ON import_rows (district_id, import_id, status, number);
    """)
    for table, grants in (
        ("imports", "SELECT, INSERT, UPDATE"),
        ("import_pieces", "SELECT, INSERT, DELETE"),
        ("import_rows", "SELECT, INSERT, UPDATE, DELETE"),
    ):
        op.execute(behind_the_wall(table, grants=grants))
