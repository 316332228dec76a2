"""Test clocks: the time of sandboxes."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.execute("""
        -- By how much a sandbox's time is ahead, which only grows; and the advance under way, until `advancing_to`.
        -- `walker`: the job that does it; it tells by `alive_at` (real time) that it lives.
        CREATE TABLE test_clocks (
            district_id uuid NOT NULL PRIMARY KEY REFERENCES districts,
            ahead_us bigint NOT NULL DEFAULT 0 CHECK (ahead_us >= 0),
            advancing_from timestamptz,
            advancing_to timestamptz,
            walker uuid,
            alive_at timestamptz NOT NULL,
            CHECK ((advancing_from IS NULL) = (advancing_to IS NULL))
        );

        -- Shows a transaction its district and tells its mode; of a sandbox also the time, which then holds until the
        -- commit: whoever moves the clock takes the same lock alone. Snapshots read, and need no hold.
        CREATE FUNCTION enter_district(district uuid, OUT mode text, OUT ahead_us bigint) LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM set_config('app.district', district::text, true);
            SELECT d.mode INTO mode FROM districts AS d WHERE d.id = district;
            IF mode = 'sandbox' THEN
                IF current_setting('transaction_read_only') = 'off' THEN
                    PERFORM pg_advisory_xact_lock_shared(hashtextextended(district::text, 2));
                END IF;
                SELECT c.ahead_us INTO ahead_us FROM test_clocks AS c WHERE c.district_id = district;
            END IF;
        END $$;
    """)
    op.execute(behind_the_wall("test_clocks", grants="SELECT, INSERT, UPDATE"))
