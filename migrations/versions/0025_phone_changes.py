"""Changes of phones that wait, notices to old numbers, and spending that rests afterwards; debts outlast leaving."""

from alembic import op

from app.foundation.tenant_tables import APPLICATION_ROLE, behind_the_wall

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.execute(f"""
        CREATE TABLE phone_changes (
            district_id uuid NOT NULL,
            member_id uuid NOT NULL,
            session_id uuid NOT NULL,
            phone bytea NOT NULL,
            asked_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, member_id),
            FOREIGN KEY (district_id, member_id) REFERENCES members
        );

        CREATE TABLE phone_notices (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            phone bytea NOT NULL,
            changes_on date NOT NULL,
            created_at timestamptz NOT NULL,
            sends smallint NOT NULL DEFAULT 0,
            send_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id)
        );
        CREATE INDEX phone_notices_waiting ON phone_notices (send_at);

        -- Notices that should have left, in all districts: a narrow way, ids only.
        CREATE FUNCTION notices_waiting(due timestamptz) RETURNS TABLE (district_id uuid, id uuid) LANGUAGE sql
            SECURITY DEFINER SET search_path = pg_catalog, public AS $$
            SELECT n.district_id, n.id FROM phone_notices AS n WHERE n.send_at <= due ORDER BY n.send_at LIMIT 1000
        $$;
        REVOKE ALL ON FUNCTION notices_waiting FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION notices_waiting TO {APPLICATION_ROLE};

        ALTER TABLE sessions DROP CONSTRAINT sessions_ended_by_check;
        ALTER TABLE sessions ADD CHECK (ended_by IN (
            'revoked', 'reused', 'phone-changed', 'phone-kept', 'phone-recycled', 'erased', 'merged', 'too-many', 'all-ended'
        ));
        ALTER TABLE point_balances ADD COLUMN spend_rests_until timestamptz;
        ALTER TABLE phone_traces ADD COLUMN owed bigint NOT NULL DEFAULT 0, ADD COLUMN debt_id uuid;
    """)
    for table, grants in {
        "phone_changes": "SELECT, INSERT, DELETE",
        "phone_notices": "SELECT, INSERT, UPDATE, DELETE",
    }.items():
        op.execute(behind_the_wall(table, grants=grants))
