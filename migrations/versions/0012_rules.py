"""What caps and budgets of rules count, and members' tags."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE members ADD COLUMN tags text[] NOT NULL DEFAULT '{}';

        -- `points` by rule key; the day '0001-01-01' holds what the member had in all.
        CREATE TABLE rule_usage (
            district_id uuid NOT NULL,
            member_id uuid NOT NULL,
            day date NOT NULL,
            points jsonb NOT NULL,
            PRIMARY KEY (district_id, member_id, day)
        ) WITH (fillfactor = 80);

        CREATE TABLE rule_budgets (
            district_id uuid NOT NULL,
            rule_key text NOT NULL,
            slice smallint NOT NULL,
            budget bigint,
            allotted bigint NOT NULL,
            spent bigint NOT NULL CHECK (spent >= 0),
            is_spent boolean NOT NULL,
            PRIMARY KEY (district_id, rule_key, slice),
            CHECK (budget IS NULL OR spent <= allotted)
        ) WITH (fillfactor = 50);
    """)
    for table in ("rule_usage", "rule_budgets"):
        op.execute(behind_the_wall(table, grants="SELECT, INSERT, UPDATE"))
