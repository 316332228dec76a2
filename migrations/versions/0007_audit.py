"""The audit log."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # Partitioned by id, which grows with time, so that old months can be given partitions and detached; until somebody
    # does, the default one holds everything. Ids of actors and subjects are texts, for their prefixes say their kinds.
    op.execute("""
        CREATE TABLE audit_entries (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            actor_kind text NOT NULL,
            actor_id text,
            action text NOT NULL,
            subject_id text NOT NULL,
            details jsonb NOT NULL,
            request_id text,
            address text,
            recorded_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id)
        ) PARTITION BY RANGE (id);
        CREATE INDEX ON audit_entries (district_id, subject_id, id);
        CREATE INDEX ON audit_entries (district_id, actor_id, id);
        CREATE INDEX ON audit_entries (district_id, recorded_at);
        CREATE TABLE audit_entries_rest PARTITION OF audit_entries DEFAULT;
        ALTER TABLE audit_entries_rest ENABLE ROW LEVEL SECURITY;
    """)
    op.execute(behind_the_wall("audit_entries", grants="SELECT, INSERT"))
