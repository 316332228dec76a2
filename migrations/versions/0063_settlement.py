"""Settlement: terms, periods that take journals, statements of parties and their lines."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0063"
down_revision = "0062"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE settlement_terms (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            version integer NOT NULL CHECK (version > 0),
            effective_from date NOT NULL,
            starts_at timestamptz NOT NULL,
            period text NOT NULL CHECK (period IN ('month', 'week')),
            issue_price numeric NOT NULL CHECK (issue_price > 0),
            redemption_price numeric NOT NULL CHECK (redemption_price >= 0 AND redemption_price <= issue_price),
            breakage_share integer NOT NULL CHECK (breakage_share BETWEEN 0 AND 100),
            own_points text NOT NULL CHECK (own_points IN ('redemption', 'cost')),
            least_payment bigint NOT NULL CHECK (least_payment >= 0),
            dispute_days integer NOT NULL CHECK (dispute_days >= 0),
            payment_days integer NOT NULL CHECK (payment_days >= 0),
            exit_days integer NOT NULL CHECK (exit_days >= 0),
            principal_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, version)
        );
        CREATE TABLE price_overrides (
            district_id uuid NOT NULL REFERENCES districts,
            version integer NOT NULL,
            merchant_id uuid NOT NULL,
            issue_price numeric NOT NULL CHECK (issue_price > 0),
            redemption_price numeric NOT NULL CHECK (redemption_price >= 0 AND redemption_price <= issue_price),
            PRIMARY KEY (district_id, version, merchant_id)
        );
        CREATE TABLE settlement_periods (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            number integer NOT NULL CHECK (number > 0),
            starts_on date NOT NULL,
            ends_on date NOT NULL CHECK (ends_on >= starts_on),
            starts_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
            terms_version integer NOT NULL,
            status text NOT NULL CHECK (status IN ('open', 'closing', 'closed')),
            reached_at timestamptz,
            reached_id uuid,
            pool bigint,
            closed_at timestamptz,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, number),
            CHECK ((status = 'closed') = (closed_at IS NOT NULL AND pool IS NOT NULL)),
            CHECK ((reached_at IS NULL) = (reached_id IS NULL))
        );
        CREATE TABLE settled_journals (
            district_id uuid NOT NULL,
            journal_id uuid NOT NULL,
            period_id uuid NOT NULL,
            PRIMARY KEY (district_id, journal_id)
        );
        CREATE INDEX ON settled_journals (district_id, period_id, journal_id);
        CREATE TABLE statements (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            period_id uuid NOT NULL,
            party_kind text NOT NULL CHECK (party_kind IN ('merchant', 'district', 'public')),
            party_id uuid NOT NULL,
            opening bigint NOT NULL DEFAULT 0,
            net_position bigint NOT NULL DEFAULT 0,
            payments bigint NOT NULL DEFAULT 0,
            closing bigint NOT NULL DEFAULT 0,
            issued_at timestamptz,
            dispute_until timestamptz,
            approved_at timestamptz,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, period_id, party_kind, party_id),
            CHECK (closing = opening + net_position + payments),
            CHECK ((issued_at IS NULL) = (dispute_until IS NULL)),
            CHECK (approved_at IS NULL OR issued_at IS NOT NULL)
        );
        CREATE INDEX ON statements (district_id, party_id, id);
        CREATE TABLE statement_lines (
            district_id uuid NOT NULL REFERENCES districts,
            statement_id uuid NOT NULL,
            key text NOT NULL,
            line integer,
            kind text NOT NULL,
            price numeric,
            campaign_id uuid,
            funder_kind text,
            funder_id uuid,
            terms_version integer,
            points bigint NOT NULL,
            items bigint NOT NULL CHECK (items > 0),
            of_earlier_periods bigint NOT NULL CHECK (of_earlier_periods BETWEEN 0 AND items),
            amount bigint,
            PRIMARY KEY (district_id, statement_id, key),
            CHECK ((funder_kind IS NULL) = (funder_id IS NULL)),
            CHECK ((line IS NULL) = (amount IS NULL))
        );
        CREATE INDEX journals_by_recording ON journals (district_id, recorded_at, id);
        CREATE INDEX coupons_by_points_returned ON coupons (district_id, points_returned_in)
            WHERE points_returned_in IS NOT NULL;
    """)
    for table, grants in {
        "settlement_terms": "SELECT, INSERT",
        "price_overrides": "SELECT, INSERT",
        "settlement_periods": "SELECT, INSERT, UPDATE",
        "settled_journals": "SELECT, INSERT",
        "statements": "SELECT, INSERT, UPDATE",
        "statement_lines": "SELECT, INSERT, UPDATE",
    }.items():
        op.execute(behind_the_wall(table, grants=grants))
