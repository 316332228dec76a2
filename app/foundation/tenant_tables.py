"""SQL that puts a table behind the tenant wall; used by migrations, checked by `tests/house`."""

APPLICATION_ROLE = "quantong_app"
_SHOWN = "nullif(current_setting('app.district', true), '')::uuid"
TENANT = f"(SELECT {_SHOWN})"
"""As a question of its own, which is answered once a statement, and not for each row that is written."""


def behind_the_wall(table: str, *, grants: str, column: str = "district_id") -> str:
    """Row-level security by district, what the application role may do with the table, and a place on districts' servers."""
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON {table} USING ({column} = {TENANT}) WITH CHECK ({column} = {TENANT});
        GRANT {grants} ON {table} TO {APPLICATION_ROLE};
        DO $$ BEGIN
            IF to_regclass('pg_dist_partition') IS NOT NULL THEN  -- else there is one server
                IF EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = to_regclass('merchants')) THEN
                    {wall_of_spread(table, column)};
                    PERFORM create_distributed_table('{table}', '{column}', colocate_with := 'merchants');
                END IF;
            END IF;
        END $$;
    """


def wall_of_spread(table: str, column: str = "district_id") -> str:
    """The same policy without a question in it, which Citus refuses there; that of `districts` opens to the operator too."""
    shown = f"{column} = {_SHOWN}"
    if table == "districts":
        shown += " OR current_setting('app.operator', true) = 'on'"
    return f"ALTER POLICY tenant ON {table} USING ({shown}) WITH CHECK ({shown})"
