"""Read models of stores' and campaigns' days, of the district's, of points and of members; what they are counted from."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0060"
down_revision = "0059"

KEPT = ("store_days", "campaign_days", "district_days", "point_ends", "point_flows", "member_facts")


def upgrade() -> None:
    op.execute("""
        ALTER TABLE members ADD COLUMN gone_at timestamptz;
        CREATE INDEX members_by_creation ON members (district_id, created_at);
        CREATE INDEX members_gone ON members (district_id, gone_at) WHERE gone_at IS NOT NULL;
        -- What of a refund's discount_reversed each campaign had given, by its id; of refunds from before, all by a sale's last.
        ALTER TABLE refunds ADD COLUMN discounts jsonb;
        UPDATE refunds AS r SET discounts = d.discounts
        FROM (
            SELECT u.district_id, u.refund_id, jsonb_object_agg('cam_' || replace(u.campaign_id::text, '-', ''), u.returned)
                AS discounts
            FROM (
                SELECT m.district_id, m.campaign_id, sum(m.discount_returned) AS returned,
                       (SELECT max(l.id::text)::uuid FROM refunds AS l
                        WHERE l.district_id = m.district_id AND l.transaction_id = m.transaction_id) AS refund_id
                FROM redemptions AS m WHERE m.transaction_id IS NOT NULL AND m.discount_returned > 0
                GROUP BY m.district_id, m.campaign_id, m.transaction_id
            ) AS u GROUP BY u.district_id, u.refund_id
        ) AS d
        WHERE r.district_id = d.district_id AND r.id = d.refund_id;

        ALTER TABLE store_hours ADD COLUMN coupons_redeemed bigint NOT NULL DEFAULT 0;
        CREATE TABLE store_days (
            district_id uuid NOT NULL,
            store_id uuid NOT NULL,
            day date NOT NULL,
            sales bigint NOT NULL,
            net_amount bigint NOT NULL,
            member_sales bigint NOT NULL,
            member_net_amount bigint NOT NULL,
            coupon_sales bigint NOT NULL,
            coupon_bill_amount bigint NOT NULL,
            discount_amount bigint NOT NULL,
            points_earned bigint NOT NULL,
            points_spent bigint NOT NULL,
            coupons_redeemed bigint NOT NULL,
            PRIMARY KEY (district_id, store_id, day)
        ) WITH (fillfactor = 70);
        CREATE INDEX ON store_days (district_id, day);
        CREATE TABLE campaign_days (
            district_id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            day date NOT NULL,
            issued bigint NOT NULL,
            claimed bigint NOT NULL,
            redeemed bigint NOT NULL,
            returned bigint NOT NULL,
            sales bigint NOT NULL,
            bill_amount bigint NOT NULL,
            net_amount bigint NOT NULL,
            discount_amount bigint NOT NULL,
            PRIMARY KEY (district_id, campaign_id, day)
        ) WITH (fillfactor = 70);
        CREATE INDEX ON campaign_days (district_id, day);
        CREATE TABLE district_days (
            district_id uuid NOT NULL,
            day date NOT NULL,
            enrolled bigint NOT NULL,
            merged bigint NOT NULL,
            erased bigint NOT NULL,
            points_adjusted bigint NOT NULL,
            points_expired bigint NOT NULL,
            points_change bigint NOT NULL,
            PRIMARY KEY (district_id, day)
        ) WITH (fillfactor = 70);
        CREATE TABLE point_ends (
            district_id uuid NOT NULL,
            ends_at timestamptz NOT NULL,
            points bigint NOT NULL,
            PRIMARY KEY (district_id, ends_at)
        ) WITH (fillfactor = 70);
        CREATE TABLE point_flows (
            district_id uuid NOT NULL,
            day date NOT NULL,
            issuer_id uuid NOT NULL,
            accepted_by uuid NOT NULL,
            points bigint NOT NULL,
            PRIMARY KEY (district_id, day, issuer_id, accepted_by)
        ) WITH (fillfactor = 70);
        CREATE TABLE member_facts (
            district_id uuid NOT NULL,
            member_id uuid NOT NULL,
            sales bigint NOT NULL,
            net_amount bigint NOT NULL,
            last_on date,
            PRIMARY KEY (district_id, member_id)
        ) WITH (fillfactor = 70);
        CREATE INDEX ON member_facts (district_id, last_on);
    """)
    for table in KEPT:
        op.execute(behind_the_wall(table, grants="SELECT, INSERT, UPDATE, DELETE"))
