"""What districts on servers of their own need: narrow ways for a server at a time."""

from alembic import op

from app.foundation.tenant_tables import APPLICATION_ROLE

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    # `among` names the districts of the server that is asked, which are looked at one by one: a question about one goes to
    # its server, one about several would go to all. Without it all are meant.
    op.execute("""
        DROP FUNCTION outbox_districts();
        CREATE FUNCTION outbox_districts(among uuid[] DEFAULT NULL) RETURNS SETOF uuid LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = pg_catalog, public AS $$
        DECLARE
            district uuid;
        BEGIN
            IF among IS NULL THEN  -- district by district too: LIMIT keeps a planner from reading all that waits
                RETURN QUERY SELECT d.id FROM districts AS d CROSS JOIN LATERAL (
                    SELECT FROM outbox AS o WHERE o.district_id = d.id AND NOT o.is_taken LIMIT 1
                ) AS waiting;
                RETURN;
            END IF;
            FOREACH district IN ARRAY among LOOP
                IF EXISTS (SELECT FROM outbox AS o WHERE o.district_id = district AND NOT o.is_taken) THEN
                    RETURN NEXT district;
                END IF;
            END LOOP;
        END $$;

        DROP FUNCTION webhooks_due(timestamptz);
        CREATE FUNCTION webhooks_due(now timestamptz, among uuid[] DEFAULT NULL)
            RETURNS TABLE (district_id uuid, endpoint_id uuid) LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = pg_catalog, public AS $$
        DECLARE
            district uuid;
        BEGIN
            IF among IS NULL THEN
                RETURN QUERY SELECT e.district_id, e.id FROM webhook_endpoints AS e
                WHERE e.status = 'enabled' AND EXISTS (
                    SELECT FROM webhook_deliveries AS d
                    WHERE d.district_id = e.district_id AND d.endpoint_id = e.id AND d.status = 'pending'
                      AND d.next_attempt_at <= now
                );
                RETURN;
            END IF;
            FOREACH district IN ARRAY among LOOP
                RETURN QUERY SELECT e.district_id, e.id FROM webhook_endpoints AS e
                WHERE e.district_id = district AND e.status = 'enabled' AND EXISTS (
                    SELECT FROM webhook_deliveries AS d
                    WHERE d.district_id = district AND d.endpoint_id = e.id AND d.status = 'pending'
                      AND d.next_attempt_at <= now
                );
            END LOOP;
        END $$;

        DROP FUNCTION codes_waiting(timestamptz);
        CREATE FUNCTION codes_waiting(due timestamptz, among uuid[] DEFAULT NULL)
            RETURNS TABLE (district_id uuid, id uuid) LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = pg_catalog, public AS $$
        DECLARE
            district uuid;
        BEGIN
            IF among IS NULL THEN
                RETURN QUERY SELECT c.district_id, c.id FROM sign_in_challenges AS c
                WHERE c.send_at <= due ORDER BY c.send_at LIMIT 1000;
                RETURN;
            END IF;
            FOREACH district IN ARRAY among LOOP
                RETURN QUERY SELECT c.district_id, c.id FROM sign_in_challenges AS c
                WHERE c.district_id = district AND c.send_at <= due ORDER BY c.send_at LIMIT 1000;
            END LOOP;
        END $$;

        DROP FUNCTION notices_waiting(timestamptz);
        CREATE FUNCTION notices_waiting(due timestamptz, among uuid[] DEFAULT NULL)
            RETURNS TABLE (district_id uuid, id uuid) LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = pg_catalog, public AS $$
        DECLARE
            district uuid;
        BEGIN
            IF among IS NULL THEN
                RETURN QUERY SELECT n.district_id, n.id FROM phone_notices AS n
                WHERE n.send_at <= due ORDER BY n.send_at LIMIT 1000;
                RETURN;
            END IF;
            FOREACH district IN ARRAY among LOOP
                RETURN QUERY SELECT n.district_id, n.id FROM phone_notices AS n
                WHERE n.district_id = district AND n.send_at <= due ORDER BY n.send_at LIMIT 1000;
            END LOOP;
        END $$;

        DROP FUNCTION outbox_figures();
        CREATE FUNCTION outbox_figures(among uuid[] DEFAULT NULL) RETURNS TABLE (waiting bigint, oldest timestamptz)
            LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        DECLARE
            district uuid;
        BEGIN
            IF among IS NULL THEN
                RETURN QUERY SELECT count(*), min(o.recorded_at) FROM outbox AS o WHERE NOT o.is_taken;
                RETURN;
            END IF;
            FOREACH district IN ARRAY among LOOP
                RETURN QUERY SELECT count(*), min(o.recorded_at) FROM outbox AS o
                WHERE o.district_id = district AND NOT o.is_taken;
            END LOOP;
        END $$;

        DROP FUNCTION webhook_figures(timestamptz);
        CREATE FUNCTION webhook_figures(now timestamptz, among uuid[] DEFAULT NULL)
            RETURNS TABLE (pending bigint, oldest_due timestamptz, disabled bigint)
            LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        DECLARE
            district uuid;
        BEGIN
            IF among IS NULL THEN
                RETURN QUERY SELECT count(d.id), min(d.next_attempt_at) FILTER (WHERE d.next_attempt_at <= now),
                    (SELECT count(*) FROM webhook_endpoints WHERE status = 'disabled')
                FROM webhook_deliveries AS d
                JOIN webhook_endpoints AS e ON e.district_id = d.district_id AND e.id = d.endpoint_id
                WHERE d.status = 'pending' AND e.status = 'enabled';
                RETURN;
            END IF;
            FOREACH district IN ARRAY among LOOP
                RETURN QUERY SELECT count(d.id), min(d.next_attempt_at) FILTER (WHERE d.next_attempt_at <= now),
                    (SELECT count(*) FROM webhook_endpoints AS w WHERE w.district_id = district AND w.status = 'disabled')
                FROM webhook_deliveries AS d
                JOIN webhook_endpoints AS e ON e.district_id = d.district_id AND e.id = d.endpoint_id
                WHERE d.district_id = district AND d.status = 'pending' AND e.status = 'enabled';
            END LOOP;
        END $$;

        CREATE OR REPLACE FUNCTION district_of_slug(wanted text) RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
            SET search_path = pg_catalog, public AS $$
        BEGIN
            RETURN (SELECT d.id FROM districts AS d WHERE d.slug = wanted);
        END $$;

        -- Where tables are spread, columns take no statistics target.
        CREATE OR REPLACE FUNCTION outbox_add_day(day date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = pg_catalog, public AS $$
        DECLARE
            part text := 'outbox_' || to_char(day, 'YYYYMMDD');
        BEGIN
            IF to_regclass('public.' || part) IS NOT NULL THEN
                RETURN false;
            END IF;
            EXECUTE format('CREATE TABLE public.%I PARTITION OF public.outbox FOR VALUES FROM (%L) TO (%L)
                            WITH (autovacuum_analyze_scale_factor = 0.5)',
                           part, first_id_of(day), first_id_of(day + 1));
            IF to_regclass('pg_dist_partition') IS NULL THEN
                EXECUTE format('ALTER TABLE public.%I ALTER COLUMN payload SET STATISTICS 0', part);
            END IF;
            EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', part);
            RETURN true;
        EXCEPTION WHEN check_violation OR duplicate_table THEN
            RETURN false;
        END $$;
    """)
    ways = "outbox_districts, webhooks_due, codes_waiting, notices_waiting, outbox_figures, webhook_figures"
    op.execute(f"""
        REVOKE ALL ON FUNCTION {ways} FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION {ways} TO {APPLICATION_ROLE};
    """)
