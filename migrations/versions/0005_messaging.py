"""Webhook endpoints, what is delivered to them, and every attempt."""

from alembic import op

from app.foundation.tenant_tables import APPLICATION_ROLE, behind_the_wall

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(f"""
        CREATE TABLE webhook_endpoints (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            merchant_id uuid,
            url text NOT NULL,
            description text,
            events text[] NOT NULL,
            secret bytea NOT NULL,
            previous_secret bytea,
            previous_until timestamptz,
            status text NOT NULL CHECK (status IN ('enabled', 'disabled', 'deleted')),
            disabled_reason text,
            failing_since timestamptz,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            FOREIGN KEY (district_id, merchant_id) REFERENCES merchants
        );

        CREATE TABLE webhook_deliveries (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            endpoint_id uuid NOT NULL,
            event_id uuid NOT NULL,
            event_type text NOT NULL,
            status text NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
            attempts integer NOT NULL DEFAULT 0,
            tries_left integer NOT NULL,
            next_attempt_at timestamptz,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, endpoint_id, event_id),
            FOREIGN KEY (district_id, endpoint_id) REFERENCES webhook_endpoints,
            CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
        ) WITH (fillfactor = 80);
        CREATE INDEX webhook_deliveries_due ON webhook_deliveries (district_id, endpoint_id, next_attempt_at)
            WHERE status = 'pending';
        CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (district_id, endpoint_id, id);

        CREATE TABLE webhook_attempts (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            delivery_id uuid NOT NULL,
            attempted_at timestamptz NOT NULL,
            duration_ms integer NOT NULL,
            status_code integer,
            error text,
            request jsonb NOT NULL,
            answer jsonb,
            PRIMARY KEY (district_id, id),
            FOREIGN KEY (district_id, delivery_id) REFERENCES webhook_deliveries
        );
        CREATE INDEX ON webhook_attempts (district_id, delivery_id, id);

        -- The courier must know where something is due before it can act in a district: a narrow way, ids only.
        CREATE FUNCTION webhooks_due(now timestamptz) RETURNS TABLE (district_id uuid, endpoint_id uuid)
            LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
            SELECT e.district_id, e.id FROM webhook_endpoints AS e
            WHERE e.status = 'enabled' AND EXISTS (
                SELECT FROM webhook_deliveries AS d
                WHERE d.district_id = e.district_id AND d.endpoint_id = e.id AND d.status = 'pending'
                  AND d.next_attempt_at <= now
            )
        $$;
        REVOKE ALL ON FUNCTION webhooks_due FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION webhooks_due TO {APPLICATION_ROLE};
    """)
    for table, grants in {
        "webhook_endpoints": "SELECT, INSERT, UPDATE",
        "webhook_deliveries": "SELECT, INSERT, UPDATE",
        "webhook_attempts": "SELECT, INSERT",
    }.items():
        op.execute(behind_the_wall(table, grants=grants))
