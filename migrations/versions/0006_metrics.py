"""Narrow ways for the exporter of metrics: counts and oldest instants over all districts, no row of any."""

from alembic import op

from app.foundation.tenant_tables import APPLICATION_ROLE

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(f"""
        CREATE FUNCTION outbox_figures() RETURNS TABLE (waiting bigint, oldest timestamptz)
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
            SELECT count(*), min(recorded_at) FROM outbox WHERE NOT is_taken
        $$;

        CREATE FUNCTION webhook_figures(now timestamptz)
            RETURNS TABLE (pending bigint, oldest_due timestamptz, disabled bigint)
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
            SELECT count(d.id), min(d.next_attempt_at) FILTER (WHERE d.next_attempt_at <= now),
                   (SELECT count(*) FROM webhook_endpoints WHERE status = 'disabled')
            FROM webhook_deliveries AS d
            JOIN webhook_endpoints AS e ON e.district_id = d.district_id AND e.id = d.endpoint_id
            WHERE d.status = 'pending' AND e.status = 'enabled'
        $$;

        REVOKE ALL ON FUNCTION outbox_figures, webhook_figures FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION outbox_figures, webhook_figures TO {APPLICATION_ROLE};
    """)
