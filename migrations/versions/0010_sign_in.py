"""Sign-in of shoppers: codes asked for, sessions, refresh tokens."""

from alembic import op

from app.foundation.tenant_tables import APPLICATION_ROLE, behind_the_wall

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(f"""
        CREATE TABLE sign_in_challenges (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            phone bytea NOT NULL,
            wrong_tries smallint NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz,
            sends smallint NOT NULL DEFAULT 0,
            send_at timestamptz,
            PRIMARY KEY (district_id, id)
        );
        CREATE INDEX sign_in_challenges_waiting ON sign_in_challenges (send_at) WHERE send_at IS NOT NULL;

        CREATE TABLE sessions (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            member_id uuid NOT NULL,
            started_at timestamptz NOT NULL,
            used_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            ended_at timestamptz,
            ended_by text CHECK (ended_by IN ('revoked', 'reused', 'phone-changed', 'phone-recycled')),
            PRIMARY KEY (district_id, id),
            FOREIGN KEY (district_id, member_id) REFERENCES members
        );
        CREATE INDEX ON sessions (district_id, member_id);

        CREATE TABLE session_tokens (
            district_id uuid NOT NULL,
            token_hash bytea NOT NULL,
            session_id uuid NOT NULL,
            issued_at timestamptz NOT NULL,
            used_at timestamptz,
            PRIMARY KEY (district_id, token_hash),
            FOREIGN KEY (district_id, session_id) REFERENCES sessions ON DELETE CASCADE
        );
        CREATE INDEX ON session_tokens (district_id, session_id);

        -- Whoever signs in names a district by its slug before any district is known: a narrow way, the id only.
        CREATE FUNCTION district_of_slug(wanted text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
            SET search_path = pg_catalog, public AS $$ SELECT id FROM districts WHERE slug = wanted $$;
        REVOKE ALL ON FUNCTION district_of_slug FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION district_of_slug TO {APPLICATION_ROLE};

        -- Codes whose sending was lost on the way, in all districts: another narrow way, ids only.
        CREATE FUNCTION codes_waiting(due timestamptz) RETURNS TABLE (district_id uuid, id uuid) LANGUAGE sql
            SECURITY DEFINER SET search_path = pg_catalog, public AS $$
            SELECT c.district_id, c.id FROM sign_in_challenges AS c WHERE c.send_at <= due ORDER BY c.send_at LIMIT 1000
        $$;
        REVOKE ALL ON FUNCTION codes_waiting FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION codes_waiting TO {APPLICATION_ROLE};
    """)
    for table, grants in {
        "sign_in_challenges": "SELECT, INSERT, UPDATE, DELETE",
        "sessions": "SELECT, INSERT, UPDATE, DELETE",
        "session_tokens": "SELECT, INSERT, UPDATE, DELETE",
    }.items():
        op.execute(behind_the_wall(table, grants=grants))
