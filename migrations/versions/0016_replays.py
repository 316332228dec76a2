"""Replays of rules over past sales."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE replays (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            rule_set_id uuid NOT NULL,
            from_at timestamptz NOT NULL,
            to_at timestamptz NOT NULL,
            status text NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
            sales_total bigint,
            sales_done bigint NOT NULL DEFAULT 0,
            result jsonb,
            principal_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            alive_at timestamptz NOT NULL,
            finished_at timestamptz,
            PRIMARY KEY (district_id, id),
            FOREIGN KEY (district_id, rule_set_id) REFERENCES rule_sets,
            CHECK (from_at < to_at),
            CHECK ((status = 'done') = (result IS NOT NULL))
        );
        CREATE INDEX ON replays (district_id, alive_at) WHERE status IN ('queued', 'running');
    """)
    op.execute(behind_the_wall("replays", grants="SELECT, INSERT, UPDATE"))
