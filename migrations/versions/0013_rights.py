"""Members' rights: frozen, merged and erased members; a trace of those who left."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE members DROP CONSTRAINT members_status_check;
        ALTER TABLE members
            ADD COLUMN merged_into uuid,
            ADD COLUMN returned boolean NOT NULL DEFAULT false,
            ADD CHECK (status IN ('active', 'frozen', 'merged', 'erased')),
            ADD CHECK ((status = 'merged') = (merged_into IS NOT NULL)),
            ADD CHECK (status <> 'erased' OR (phone IS NULL AND name IS NULL AND birthday IS NULL));
        CREATE INDEX members_merged ON members (district_id, merged_into) WHERE merged_into IS NOT NULL;

        ALTER TABLE point_balances
            ADD COLUMN merged_into uuid,
            ADD COLUMN is_erased boolean NOT NULL DEFAULT false;

        -- Of a phone that left: a keyed trace, so that leaving and joining again earns no welcome twice.
        CREATE TABLE phone_traces (
            district_id uuid NOT NULL REFERENCES districts,
            trace bytea NOT NULL,
            left_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, trace)
        );
        CREATE INDEX ON phone_traces (left_at);
    """)
    op.execute(behind_the_wall("phone_traces", grants="SELECT, INSERT, UPDATE, DELETE"))
