"""Billing: the operator's plans, a subscription for each district, usage of days told once, invoices."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0078"
down_revision = "0077"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE plans (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            name text NOT NULL,
            currency text NOT NULL,
            base_amount bigint NOT NULL CHECK (base_amount >= 0),
            sale_amount numeric NOT NULL CHECK (sale_amount >= 0),
            trial_days integer NOT NULL CHECK (trial_days >= 0),
            created_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id)
        );
        CREATE TABLE subscriptions (
            district_id uuid NOT NULL PRIMARY KEY REFERENCES districts,
            plan_id uuid NOT NULL,
            plan_name text NOT NULL,
            currency text NOT NULL,
            base_amount bigint NOT NULL CHECK (base_amount >= 0),
            sale_amount numeric NOT NULL CHECK (sale_amount >= 0),
            trial_ends_at timestamptz,
            status text NOT NULL CHECK (status IN ('beginning', 'trialing', 'active', 'past_due', 'limited', 'ended')),
            told text,
            customer text,
            reference text,
            has_mandate boolean NOT NULL,
            period_ends_at timestamptz,
            retries integer NOT NULL CHECK (retries >= 0),
            retry_at timestamptz,
            ends boolean NOT NULL,
            seen_at timestamptz,
            created_at timestamptz NOT NULL,
            CHECK (reference IS NULL OR customer IS NOT NULL)
        );
        CREATE TABLE usage_reports (
            district_id uuid NOT NULL REFERENCES districts,
            meter text NOT NULL,
            day date NOT NULL,
            quantity bigint NOT NULL CHECK (quantity >= 0),
            state text NOT NULL CHECK (state IN ('sent', 'taken')),
            sent_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, meter, day)
        );
        CREATE TABLE billing_invoices (
            district_id uuid NOT NULL REFERENCES districts,
            reference text NOT NULL,
            number text,
            status text NOT NULL,
            currency text NOT NULL,
            amount bigint NOT NULL,
            paid_amount bigint NOT NULL,
            page text,
            issued_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, reference),
            CHECK (status <> 'paid' OR paid_amount >= amount)
        );
    """)
    op.execute(behind_the_wall("plans", grants="SELECT, INSERT"))
    op.execute(behind_the_wall("subscriptions", grants="SELECT, INSERT, UPDATE"))
    op.execute(behind_the_wall("usage_reports", grants="SELECT, INSERT, UPDATE (state)"))
    op.execute(behind_the_wall("billing_invoices", grants="SELECT, INSERT, UPDATE"))
