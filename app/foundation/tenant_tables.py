"""SQL that puts a table behind the tenant wall; used by migrations, checked by `tests/house`."""

APPLICATION_ROLE = "quantong_app"
TENANT = "nullif(current_setting('app.district', true), '')::uuid"
"""Without a question in it: in a policy Citus refuses those (docs/scaling.md)."""


def behind_the_wall(table: str, *, grants: str, column: str = "district_id") -> str:
    """Row-level security by district, what the application role may do with the table, and a place on districts' servers."""
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON {table} USING ({column} = {TENANT}) WITH CHECK ({column} = {TENANT});
        GRANT {grants} ON {table} TO {APPLICATION_ROLE};
        DO $$ BEGIN
            IF to_regclass('pg_dist_partition') IS NOT NULL THEN  -- else there is one server
                IF EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = to_regclass('merchants')) THEN
                    PERFORM create_distributed_table('{table}', '{column}', colocate_with := 'merchants');
                END IF;
            END IF;
        END $$;
    """
