"""Letters to staff that wait to leave: invitations, and what others have done to an account."""

from alembic import op

from app.foundation.tenant_tables import APPLICATION_ROLE, behind_the_wall

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    # Those about an account stand where accounts do, under the operator's district, which has no row of its own.
    op.execute(f"""
        CREATE TABLE staff_letters (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            sealed bytea NOT NULL,
            created_at timestamptz NOT NULL,
            sends smallint NOT NULL DEFAULT 0,
            send_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id)
        );
        CREATE INDEX staff_letters_waiting ON staff_letters (send_at);

        -- Letters that should have left, in all districts: a narrow way, ids only.
        CREATE FUNCTION letters_waiting(due timestamptz, among uuid[] DEFAULT NULL)
            RETURNS TABLE (district_id uuid, id uuid) LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = pg_catalog, public AS $$
        DECLARE
            district uuid;
        BEGIN
            IF among IS NULL THEN
                RETURN QUERY SELECT l.district_id, l.id FROM staff_letters AS l
                WHERE l.send_at <= due ORDER BY l.send_at LIMIT 1000;
                RETURN;
            END IF;
            FOREACH district IN ARRAY among LOOP
                RETURN QUERY SELECT l.district_id, l.id FROM staff_letters AS l
                WHERE l.district_id = district AND l.send_at <= due ORDER BY l.send_at LIMIT 1000;
            END LOOP;
        END $$;
        REVOKE ALL ON FUNCTION letters_waiting FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION letters_waiting TO {APPLICATION_ROLE};
    """)
    op.execute(behind_the_wall("staff_letters", grants="SELECT, INSERT, UPDATE, DELETE"))
