"""Read models: what each store sold by local day and hour."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE read_models (
            district_id uuid PRIMARY KEY,
            version smallint NOT NULL,
            counted_at timestamptz NOT NULL
        );
        CREATE TABLE store_hours (
            district_id uuid NOT NULL,
            store_id uuid NOT NULL,
            day date NOT NULL,
            hour smallint NOT NULL,
            sales bigint NOT NULL,
            net_amount bigint NOT NULL,
            member_sales bigint NOT NULL,
            member_net_amount bigint NOT NULL,
            coupon_sales bigint NOT NULL,
            coupon_bill_amount bigint NOT NULL,
            discount_amount bigint NOT NULL,
            points_earned bigint NOT NULL,
            points_spent bigint NOT NULL,
            PRIMARY KEY (district_id, store_id, day, hour)
        ) WITH (fillfactor = 70);
        CREATE INDEX ON store_hours (district_id, day);
    """)
    op.execute(behind_the_wall("read_models", grants="SELECT, INSERT, UPDATE"))
    op.execute(behind_the_wall("store_hours", grants="SELECT, INSERT, UPDATE, DELETE"))
