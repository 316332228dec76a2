"""Tiers: their terms, what members bought by day, and who holds which."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("""
        -- `terms_at`: since when its terms are what they are; `reviewed_at`: the `terms_at` by which all members were
        -- looked at.
        CREATE TABLE tiers (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            name text NOT NULL,
            rank integer NOT NULL CHECK (rank >= 0),
            qualifies_by text NOT NULL CHECK (qualifies_by IN ('points_earned', 'amount_spent')),
            threshold bigint NOT NULL CHECK (threshold > 0),
            period_days integer NOT NULL CHECK (period_days > 0),
            terms_at timestamptz NOT NULL,
            reviewed_at timestamptz,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, rank),
            FOREIGN KEY (district_id) REFERENCES districts
        );

        -- Net of refunds, by the local day of the sale; kept in districts that have tiers.
        CREATE TABLE member_days (
            district_id uuid NOT NULL,
            member_id uuid NOT NULL,
            day date NOT NULL,
            points_earned bigint NOT NULL CHECK (points_earned >= 0),
            amount_spent bigint NOT NULL CHECK (amount_spent >= 0),
            PRIMARY KEY (district_id, member_id, day)
        ) WITH (fillfactor = 80);

        -- Tiers held, with the terms by which they were reached; from `ends_on` on they are looked at again.
        CREATE TABLE member_tiers (
            district_id uuid NOT NULL,
            member_id uuid NOT NULL,
            tier_id uuid NOT NULL,
            since timestamptz NOT NULL,
            reached_on date NOT NULL,
            qualifies_by text NOT NULL CHECK (qualifies_by IN ('points_earned', 'amount_spent')),
            threshold bigint NOT NULL,
            period_days integer NOT NULL,
            ends_on date NOT NULL GENERATED ALWAYS AS (reached_on + period_days) STORED,
            PRIMARY KEY (district_id, member_id, tier_id),
            FOREIGN KEY (district_id, tier_id) REFERENCES tiers
        );
        CREATE INDEX ON member_tiers (district_id, ends_on);
    """)
    op.execute(behind_the_wall("tiers", grants="SELECT, INSERT, UPDATE"))
    op.execute(behind_the_wall("member_days", grants="SELECT, INSERT, UPDATE"))
    op.execute(behind_the_wall("member_tiers", grants="SELECT, INSERT, UPDATE, DELETE"))
