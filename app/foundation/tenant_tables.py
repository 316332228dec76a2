"""SQL that puts a table behind the tenant wall; used by migrations, checked by `tests/house`."""

APPLICATION_ROLE = "quantong_app"
TENANT = "(SELECT nullif(current_setting('app.district', true), '')::uuid)"


def behind_the_wall(table: str, *, grants: str, column: str = "district_id") -> str:
    """Row-level security by district, and what the application role may do with the table."""
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON {table} USING ({column} = {TENANT}) WITH CHECK ({column} = {TENANT});
        GRANT {grants} ON {table} TO {APPLICATION_ROLE};
    """
