"""What is held of statements, disputes of them, and corrections."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE statement_holds (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            statement_id uuid NOT NULL,
            kind text NOT NULL CHECK (kind IN ('alliance', 'dispute', 'public-claim')),
            source_id text,
            amount bigint NOT NULL CHECK (amount > 0),
            reason text NOT NULL,
            placed_by uuid NOT NULL,
            placed_at timestamptz NOT NULL,
            released_by uuid,
            released_at timestamptz,
            PRIMARY KEY (district_id, id),
            CHECK ((kind = 'alliance') = (source_id IS NULL)),
            CHECK ((released_by IS NULL) = (released_at IS NULL))
        );
        CREATE INDEX ON statement_holds (district_id, statement_id) WHERE released_at IS NULL;
        CREATE INDEX ON statement_holds (district_id, source_id) WHERE released_at IS NULL;
        CREATE INDEX ON statements (district_id, party_kind, party_id);
        CREATE TABLE disputes (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            statement_id uuid NOT NULL,
            party_kind text NOT NULL CHECK (party_kind IN ('merchant', 'public')),
            party_id uuid NOT NULL,
            status text NOT NULL CHECK (status IN ('open', 'accepted', 'rejected', 'withdrawn')),
            reason text NOT NULL,
            text text,
            amount bigint NOT NULL CHECK (amount > 0),
            lines jsonb NOT NULL,
            opened_by uuid NOT NULL,
            opened_at timestamptz NOT NULL,
            answer text,
            accepted_amount bigint CHECK (accepted_amount BETWEEN 1 AND amount),
            correction_id uuid,
            ended_at timestamptz,
            PRIMARY KEY (district_id, id),
            CHECK ((status = 'open') = (ended_at IS NULL)),
            CHECK ((status = 'accepted') = (correction_id IS NOT NULL)),
            CHECK ((status = 'accepted') = (accepted_amount IS NOT NULL))
        );
        CREATE INDEX ON disputes (district_id, statement_id);
        CREATE TABLE dispute_messages (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            dispute_id uuid NOT NULL,
            side text NOT NULL CHECK (side IN ('merchant', 'alliance')),
            text text NOT NULL,
            principal_id uuid NOT NULL,
            sent_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id)
        );
        CREATE INDEX ON dispute_messages (district_id, dispute_id);
        CREATE TABLE corrections (
            district_id uuid NOT NULL REFERENCES districts,
            id uuid NOT NULL,
            party_kind text NOT NULL CHECK (party_kind IN ('merchant', 'public')),
            party_id uuid NOT NULL,
            amount bigint NOT NULL CHECK (amount <> 0),
            reason text NOT NULL,
            status text NOT NULL CHECK (status IN ('proposed', 'approved', 'rejected')),
            proposed_by uuid NOT NULL,
            proposed_at timestamptz NOT NULL,
            decided_by uuid,
            decided_at timestamptz,
            PRIMARY KEY (district_id, id),
            CHECK ((status = 'proposed') = (decided_by IS NULL)),
            CHECK ((status = 'proposed') = (decided_at IS NULL)),
            CHECK (status <> 'approved' OR decided_by <> proposed_by)
        );
    """)
    for table, grants in {
        "statement_holds": "SELECT, INSERT, UPDATE",
        "disputes": "SELECT, INSERT, UPDATE",
        "dispute_messages": "SELECT, INSERT",
        "corrections": "SELECT, INSERT, UPDATE",
    }.items():
        op.execute(behind_the_wall(table, grants=grants))
