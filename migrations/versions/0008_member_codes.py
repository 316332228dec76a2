"""Keys from which phones make member codes, and the codes that were used."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE member_code_keys (
            district_id uuid NOT NULL,
            member_id uuid NOT NULL,
            version integer NOT NULL,
            secret bytea NOT NULL,
            started_at timestamptz NOT NULL,
            ended_at timestamptz,
            PRIMARY KEY (district_id, member_id, version),
            FOREIGN KEY (district_id, member_id) REFERENCES members
        );
        CREATE UNIQUE INDEX ON member_code_keys (district_id, member_id) WHERE ended_at IS NULL;

        CREATE TABLE member_code_uses (
            district_id uuid NOT NULL,
            member_id uuid NOT NULL,
            step bigint NOT NULL,
            store_id uuid NOT NULL,
            used_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, member_id, step)
        );
        CREATE INDEX ON member_code_uses (district_id, used_at);
    """)
    for table, grants in {
        "member_code_keys": "SELECT, INSERT, UPDATE, DELETE",
        "member_code_uses": "SELECT, INSERT, DELETE",
    }.items():
        op.execute(behind_the_wall(table, grants=grants))
