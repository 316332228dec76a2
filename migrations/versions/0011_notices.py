"""Notices of points that end soon; lots are found by member and end. Holds up sales while it builds the index."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    # The index takes the place of one without the end, so that a sale writes no more of them: whoever walks the members
    # for lots that end by some day reads the index and no lot besides (docs/decisions/0021-notices.md).
    op.execute("""
        CREATE TABLE points_notices (
            district_id uuid NOT NULL,
            ends_on date NOT NULL,
            stage smallint NOT NULL,
            reached uuid NOT NULL,
            members bigint NOT NULL,
            started_at timestamptz NOT NULL,
            finished_at timestamptz,
            PRIMARY KEY (district_id, ends_on, stage)
        );
        CREATE INDEX lots_by_member_and_end ON lots (district_id, member_id, expires_at) WHERE remaining > 0;
        DROP INDEX lots_by_member;
    """)
    op.execute(behind_the_wall("points_notices", grants="SELECT, INSERT, UPDATE"))
