"""Spending, refunds and adjustments: what becomes of lots after they were earned."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("""
        -- `expired`: points that ended unused; `reclaimed`: how many of those a refund has counted as given back.
        -- A restored lot has the source, issuer and funder of the lot that it was spent from.
        ALTER TABLE lots
            ADD COLUMN expired bigint NOT NULL DEFAULT 0,
            ADD COLUMN reclaimed bigint NOT NULL DEFAULT 0,
            ADD COLUMN restored_from uuid,
            ALTER COLUMN merchant_id DROP NOT NULL;
        UPDATE lots AS l SET expired = t.points FROM (
            SELECT district_id, subject_id, sum(amount) AS points FROM transfers WHERE code = 'expire'
            GROUP BY district_id, subject_id
        ) AS t WHERE t.district_id = l.district_id AND t.subject_id = l.id;
        ALTER TABLE lots
            ADD CHECK (expired BETWEEN 0 AND points - remaining),
            ADD CHECK (reclaimed BETWEEN 0 AND expired + remaining),
            ADD CHECK (merchant_id IS NOT NULL OR funder = 'district');
        CREATE INDEX lots_restored ON lots (district_id, source_id) WHERE restored_from IS NOT NULL;

        ALTER TABLE point_balances
            ADD COLUMN is_frozen boolean NOT NULL DEFAULT false,
            ADD COLUMN is_spend_locked boolean NOT NULL DEFAULT false;

        CREATE TABLE refunds (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            transaction_id uuid NOT NULL,
            merchant_id uuid NOT NULL,
            member_id uuid,
            reference text NOT NULL,
            body_print bytea NOT NULL,
            amount bigint NOT NULL CHECK (amount > 0),
            eligible_amount bigint CHECK (eligible_amount >= 0),
            money_amount bigint NOT NULL,
            discount_reversed bigint NOT NULL,
            points_reversed bigint NOT NULL,
            merchant_reversed bigint NOT NULL,
            points_lapsed bigint NOT NULL,
            points_taken bigint NOT NULL,
            points_owed bigint NOT NULL,
            points_forgiven bigint NOT NULL,
            points_restored bigint NOT NULL,
            reason text,
            principal_id uuid NOT NULL,
            occurred_at timestamptz NOT NULL,
            recorded_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, merchant_id, reference),
            FOREIGN KEY (district_id, transaction_id) REFERENCES transactions,
            CHECK (merchant_reversed BETWEEN 0 AND points_reversed),
            CHECK (points_lapsed + points_taken + points_owed + points_forgiven <= points_reversed)
        );
        CREATE INDEX ON refunds (district_id, transaction_id);

        CREATE TABLE adjustments (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            member_id uuid NOT NULL,
            points bigint NOT NULL CHECK (points <> 0),
            reason text NOT NULL,
            principal_id uuid NOT NULL,
            recorded_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            FOREIGN KEY (district_id, member_id) REFERENCES members
        );
        CREATE INDEX ON adjustments (district_id, member_id, id);
    """)
    for table in ("refunds", "adjustments"):
        op.execute(behind_the_wall(table, grants="SELECT, INSERT"))
