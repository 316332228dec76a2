"""Notices: what members are told in the district's own pages."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE member_notices (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            member_id uuid NOT NULL,
            kind text NOT NULL,
            details jsonb NOT NULL,
            told_at timestamptz NOT NULL,
            read_at timestamptz,
            PRIMARY KEY (district_id, id)
        );
        CREATE INDEX ON member_notices (district_id, member_id, id);
        CREATE INDEX ON member_notices (district_id, told_at);
    """)
    op.execute(behind_the_wall("member_notices", grants="SELECT, INSERT, UPDATE, DELETE"))
