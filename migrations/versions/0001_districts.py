"""Districts, merchants, stores, API keys; idempotency keys and the outbox."""

from alembic import op

from app.foundation.tenant_tables import APPLICATION_ROLE, TENANT, behind_the_wall

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(f"""
        DO $$ BEGIN
            CREATE ROLE {APPLICATION_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS;
            GRANT {APPLICATION_ROLE} TO CURRENT_USER;
        EXCEPTION
            WHEN duplicate_object THEN NULL;
            WHEN insufficient_privilege THEN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APPLICATION_ROLE}') THEN
                    RAISE EXCEPTION 'create the role {APPLICATION_ROLE} first (NOSUPERUSER NOBYPASSRLS), see docs/settings.md';
                END IF;
        END $$;
        GRANT USAGE ON SCHEMA public TO {APPLICATION_ROLE};
        GRANT SELECT ON alembic_version TO {APPLICATION_ROLE};

        CREATE TABLE districts (
            id uuid PRIMARY KEY,
            name text NOT NULL,
            slug text NOT NULL UNIQUE,
            currency text NOT NULL,
            time_zone text NOT NULL,
            mode text NOT NULL CHECK (mode IN ('live', 'sandbox')),
            revision bigint NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL
        );
        ALTER TABLE districts ENABLE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON districts
            USING (id = {TENANT} OR (SELECT current_setting('app.operator', true)) = 'on')
            WITH CHECK (id = {TENANT} OR (SELECT current_setting('app.operator', true)) = 'on');
        GRANT SELECT, INSERT, UPDATE ON districts TO {APPLICATION_ROLE};

        -- Sales hold a district's configuration still together; whoever changes rules or shops takes the same lock
        -- alone. A function, so that the revision is read after the lock is had, in one call.
        CREATE FUNCTION hold_configuration(district uuid) RETURNS bigint LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock_shared(hashtextextended(district::text, 1));
            RETURN (SELECT revision FROM districts WHERE id = district);
        END $$;

        CREATE TABLE merchants (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            code text NOT NULL,
            name text NOT NULL,
            category text,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, code)
        );

        CREATE TABLE stores (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            merchant_id uuid NOT NULL,
            code text NOT NULL,
            name text NOT NULL,
            zone text,
            area_m2 integer CHECK (area_m2 >= 0),
            created_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, code),
            FOREIGN KEY (district_id, merchant_id) REFERENCES merchants
        );
        CREATE INDEX ON stores (district_id, merchant_id);

        CREATE TABLE api_keys (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            name text NOT NULL,
            merchant_id uuid,
            store_id uuid,
            scopes text[] NOT NULL,
            secret_hash bytea NOT NULL,
            secret_hint text NOT NULL,
            previous_hash bytea,
            previous_until timestamptz,
            expires_at timestamptz,
            revoked_at timestamptz,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, secret_hash),
            FOREIGN KEY (district_id, merchant_id) REFERENCES merchants,
            FOREIGN KEY (district_id, store_id) REFERENCES stores
        );
        CREATE INDEX ON api_keys (district_id, previous_hash);

        CREATE TABLE idempotency_keys (
            district_id uuid NOT NULL,
            principal_id uuid NOT NULL,
            key text NOT NULL,
            fingerprint bytea NOT NULL,
            status smallint NOT NULL,
            answer jsonb NOT NULL,
            recorded_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, principal_id, key)
        );
        CREATE INDEX ON idempotency_keys USING brin (recorded_at);

        -- Partitioned by the day in an event's id (UUID version 7: 48 bits of milliseconds come first).
        CREATE TABLE outbox (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            type text NOT NULL,
            payload jsonb NOT NULL,
            recorded_at timestamptz NOT NULL,
            is_taken boolean NOT NULL DEFAULT false,
            PRIMARY KEY (district_id, id)
        ) PARTITION BY RANGE (id);
        CREATE INDEX outbox_waiting ON outbox (district_id, id) WHERE NOT is_taken;
        CREATE TABLE outbox_rest PARTITION OF outbox DEFAULT;
        ALTER TABLE outbox_rest ENABLE ROW LEVEL SECURITY;

        CREATE FUNCTION first_id_of(day date) RETURNS uuid LANGUAGE sql STABLE AS $$
            SELECT rpad(lpad(to_hex((extract(epoch FROM day::timestamp AT TIME ZONE 'UTC') * 1000)::bigint), 12, '0'), 32, '0')::uuid
        $$;

        -- The application can't make tables: this narrow way adds the outbox's partition of one day, or leaves the
        -- default one to hold that day if rows have come before it.
        CREATE FUNCTION outbox_add_day(day date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = pg_catalog, public AS $$
        DECLARE
            part text := 'outbox_' || to_char(day, 'YYYYMMDD');
        BEGIN
            IF to_regclass('public.' || part) IS NOT NULL THEN
                RETURN false;
            END IF;
            EXECUTE format('CREATE TABLE public.%I PARTITION OF public.outbox FOR VALUES FROM (%L) TO (%L)',
                           part, first_id_of(day), first_id_of(day + 1));
            EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', part);
            RETURN true;
        EXCEPTION WHEN check_violation OR duplicate_table THEN
            RETURN false;
        END $$;

        -- The relay must know where events wait before it can act in a district: another narrow way, ids only.
        CREATE FUNCTION outbox_districts() RETURNS SETOF uuid LANGUAGE sql SECURITY DEFINER
            SET search_path = pg_catalog, public AS $$
            SELECT d.id FROM districts AS d
            WHERE EXISTS (SELECT FROM outbox AS o WHERE o.district_id = d.id AND NOT o.is_taken)
        $$;
        REVOKE ALL ON FUNCTION outbox_districts FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION outbox_districts TO {APPLICATION_ROLE};
        REVOKE ALL ON FUNCTION outbox_add_day FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION outbox_add_day TO {APPLICATION_ROLE};
        SELECT outbox_add_day(current_date + i) FROM generate_series(0, 7) AS i;
    """)
    for table, grants in {
        "merchants": "SELECT, INSERT, UPDATE",
        "stores": "SELECT, INSERT, UPDATE",
        "api_keys": "SELECT, INSERT, UPDATE",
        "idempotency_keys": "SELECT, INSERT, UPDATE, DELETE",
        "outbox": "SELECT, INSERT, UPDATE (is_taken)",
    }.items():
        op.execute(behind_the_wall(table, grants=grants))
