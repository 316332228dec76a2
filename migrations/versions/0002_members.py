"""Members, their identities, merchant memberships and consents."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE members (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            number text NOT NULL,
            phone bytea,
            name bytea,
            birthday bytea,
            status text NOT NULL DEFAULT 'active' CHECK (status IN ('active')),
            created_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, number)
        );

        CREATE TABLE member_identities (
            district_id uuid NOT NULL,
            kind text NOT NULL,
            value_index bytea NOT NULL,
            key_version smallint NOT NULL,
            member_id uuid NOT NULL,
            value bytea,
            recorded_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, kind, value_index),
            FOREIGN KEY (district_id, member_id) REFERENCES members
        );
        CREATE INDEX ON member_identities (district_id, member_id);

        CREATE TABLE merchant_memberships (
            district_id uuid NOT NULL,
            member_id uuid NOT NULL,
            merchant_id uuid NOT NULL,
            since timestamptz NOT NULL,
            way text NOT NULL CHECK (way IN ('enrolment', 'purchase')),
            PRIMARY KEY (district_id, member_id, merchant_id)
        );
        CREATE INDEX ON merchant_memberships (district_id, merchant_id, member_id);

        CREATE TABLE consents (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            member_id uuid NOT NULL,
            controller text NOT NULL,
            purpose text NOT NULL,
            version text NOT NULL,
            granted boolean NOT NULL,
            way text NOT NULL,
            principal_id uuid NOT NULL,
            recorded_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            FOREIGN KEY (district_id, member_id) REFERENCES members
        );
        CREATE INDEX ON consents (district_id, member_id, id);
    """)
    for table, grants in {
        "members": "SELECT, INSERT, UPDATE",
        "member_identities": "SELECT, INSERT, DELETE",
        "merchant_memberships": "SELECT, INSERT",
        "consents": "SELECT, INSERT",
    }.items():
        op.execute(behind_the_wall(table, grants=grants))
