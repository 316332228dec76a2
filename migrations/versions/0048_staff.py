"""Staff: accounts of people with their sessions and second factors, and for each district who works there in which role."""

from alembic import op

from app.foundation.tenant_tables import APPLICATION_ROLE, behind_the_wall

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    # Accounts are of the installation: they and what hangs on them stand under the operator's district, which has no row
    # of its own; and so do codes by which staff signs in.
    op.execute("""
        ALTER TABLE sign_in_challenges DROP CONSTRAINT sign_in_challenges_district_id_fkey;

        CREATE TABLE staff_accounts (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            login_kind text NOT NULL CHECK (login_kind IN ('phone', 'email')),
            login bytea NOT NULL,
            password_hash text,
            totp_secret bytea,
            totp_next_secret bytea,
            totp_step bigint NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id)
        );
        CREATE TABLE staff_logins (
            district_id uuid NOT NULL,
            kind text NOT NULL CHECK (kind IN ('phone', 'email')),
            value_index bytea NOT NULL,
            key_version smallint NOT NULL,
            account_id uuid NOT NULL,
            PRIMARY KEY (district_id, kind, value_index)
        );
        CREATE INDEX ON staff_logins (district_id, account_id);
        CREATE TABLE staff_passkeys (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            account_id uuid NOT NULL,
            name text NOT NULL,
            credential_id bytea NOT NULL,
            public_key bytea NOT NULL,
            sign_count bigint NOT NULL,
            created_at timestamptz NOT NULL,
            used_at timestamptz,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, credential_id)
        );
        CREATE INDEX ON staff_passkeys (district_id, account_id);
        CREATE TABLE staff_recovery_codes (
            district_id uuid NOT NULL,
            account_id uuid NOT NULL,
            code_hash bytea NOT NULL,
            used_at timestamptz,
            PRIMARY KEY (district_id, account_id, code_hash)
        );
        CREATE TABLE staff_notices (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            account_id uuid NOT NULL,
            kind text NOT NULL,
            actor_id text NOT NULL,
            created_at timestamptz NOT NULL,
            seen_at timestamptz,
            PRIMARY KEY (district_id, id)
        );
        CREATE INDEX ON staff_notices (district_id, account_id) WHERE seen_at IS NULL;

        -- A session that waits for its second factor is one, too: `stage` says so.
        CREATE TABLE staff_sessions (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            account_id uuid NOT NULL,
            stage text NOT NULL CHECK (stage IN ('second-factor', 'open')),
            token_hash bytea NOT NULL,
            chosen_district uuid,
            role_version bigint,
            is_strong boolean NOT NULL,
            challenge bytea,
            wrong_tries smallint NOT NULL DEFAULT 0,
            device text NOT NULL,
            started_at timestamptz NOT NULL,
            used_at timestamptz NOT NULL,
            proven_at timestamptz,
            expires_at timestamptz NOT NULL,
            ended_at timestamptz,
            ended_by text,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, token_hash)
        );
        CREATE INDEX ON staff_sessions (district_id, account_id);

        CREATE TABLE staff_members (
            district_id uuid NOT NULL,
            account_id uuid NOT NULL,
            name bytea NOT NULL,
            login_hint bytea NOT NULL,
            role text NOT NULL,
            merchant_id uuid,
            store_id uuid,
            version bigint NOT NULL DEFAULT 1,
            since timestamptz NOT NULL,
            removed_at timestamptz,
            PRIMARY KEY (district_id, account_id)
        );
        CREATE INDEX ON staff_members (account_id) WHERE removed_at IS NULL;

        CREATE TABLE staff_invitations (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            secret_hash bytea NOT NULL,
            name bytea NOT NULL,
            login_kind text NOT NULL CHECK (login_kind IN ('phone', 'email')),
            login bytea NOT NULL,
            role text NOT NULL,
            merchant_id uuid,
            store_id uuid,
            invited_by text,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz,
            account_id uuid,
            withdrawn_at timestamptz,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, secret_hash)
        );
    """)
    change = "SELECT, INSERT, UPDATE"
    for table, grants in {
        "staff_accounts": change,
        "staff_logins": "SELECT, INSERT, DELETE",
        "staff_passkeys": f"{change}, DELETE",
        "staff_recovery_codes": f"{change}, DELETE",
        "staff_notices": f"{change}, DELETE",
        "staff_sessions": f"{change}, DELETE",
        "staff_members": change,
        "staff_invitations": change,
    }.items():
        op.execute(behind_the_wall(table, grants=grants))
    for table in ("staff_logins", "staff_passkeys", "staff_recovery_codes", "staff_notices", "staff_sessions"):
        op.execute(f"ALTER TABLE {table} ADD FOREIGN KEY (district_id, account_id) REFERENCES staff_accounts;")
    # Where somebody who signs in works is asked before any district is known: a narrow way, ids only.
    op.execute(f"""
        CREATE FUNCTION districts_of_account(account uuid, among uuid[] DEFAULT NULL) RETURNS SETOF uuid
            LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        DECLARE
            district uuid;
        BEGIN
            IF among IS NULL THEN
                RETURN QUERY SELECT s.district_id FROM staff_members AS s
                WHERE s.account_id = account AND s.removed_at IS NULL;
                RETURN;
            END IF;
            FOREACH district IN ARRAY among LOOP
                RETURN QUERY SELECT s.district_id FROM staff_members AS s
                WHERE s.district_id = district AND s.account_id = account AND s.removed_at IS NULL;
            END LOOP;
        END $$;
        REVOKE ALL ON FUNCTION districts_of_account FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION districts_of_account TO {APPLICATION_ROLE};
    """)
