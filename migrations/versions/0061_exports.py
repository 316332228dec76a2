"""Exports: lists as files, made in the queue."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0061"
down_revision = "0060"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE exports (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            list text NOT NULL,
            format text NOT NULL,
            filter jsonb NOT NULL,
            language text NOT NULL,
            principal_id uuid NOT NULL,
            actor jsonb NOT NULL,
            status text NOT NULL,
            attempt integer NOT NULL DEFAULT 0,
            rows integer NOT NULL DEFAULT 0,
            size_bytes integer NOT NULL DEFAULT 0,
            downloads integer NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL,
            alive_at timestamptz NOT NULL,
            finished_at timestamptz,
            expires_at timestamptz,
            PRIMARY KEY (district_id, id)
        );
        CREATE INDEX exports_of_principal ON exports (district_id, principal_id, id);
        CREATE INDEX exports_at_work ON exports (district_id, alive_at) WHERE status IN ('queued', 'running');
        CREATE INDEX exports_kept ON exports (district_id, expires_at) WHERE status = 'done';

        CREATE TABLE export_pieces (
            district_id uuid NOT NULL,
            export_id uuid NOT NULL,
            number integer NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (district_id, export_id, number)
        );
    """)
    op.execute(behind_the_wall("exports", grants="SELECT, INSERT, UPDATE"))
    op.execute(behind_the_wall("export_pieces", grants="SELECT, INSERT, DELETE"))
