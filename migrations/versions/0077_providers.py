"""A district's account at a payment provider, its secrets sealed; and what the provider tells, each event once."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0077"
down_revision = "0076"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE provider_accounts (
            district_id uuid NOT NULL REFERENCES districts,
            provider text NOT NULL CHECK (provider IN ('stripe')),
            account text NOT NULL,
            secret_key bytea NOT NULL,
            webhook_secret bytea NOT NULL,
            previous_webhook_secret bytea,
            hint text NOT NULL,
            changed_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, provider)
        );
        CREATE TABLE provider_events (
            district_id uuid NOT NULL,
            account text NOT NULL,
            event_id text NOT NULL,
            type text NOT NULL,
            object_id text NOT NULL,
            looks integer NOT NULL CHECK (looks >= 0),
            look_at timestamptz,
            received_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, account, event_id)
        );
        CREATE INDEX provider_events_waiting ON provider_events (district_id, look_at) WHERE look_at IS NOT NULL;
    """)
    op.execute(behind_the_wall("provider_accounts", grants="SELECT, INSERT, UPDATE"))
    op.execute(behind_the_wall("provider_events", grants="SELECT, INSERT, UPDATE (looks, look_at), DELETE"))
