"""Sessions that can be told apart and ended one by one, each with its own key of member codes; guesses by who asked."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    # A key that phones have fetched before belongs to no session: it ends with the member's last one, or with the first
    # that is ended before its time, whichever phone that was.
    op.execute("""
        ALTER TABLE sessions DROP CONSTRAINT sessions_ended_by_check;
        ALTER TABLE sessions ADD CHECK (ended_by IN (
            'revoked', 'reused', 'phone-changed', 'phone-recycled', 'erased', 'merged', 'too-many', 'all-ended'
        ));
        ALTER TABLE sessions ADD COLUMN device text NOT NULL DEFAULT '', ADD COLUMN proven_at timestamptz;
        UPDATE sessions SET proven_at = started_at;
        ALTER TABLE sessions ALTER COLUMN proven_at SET NOT NULL;

        ALTER TABLE member_code_keys ADD COLUMN session_id uuid;
        DROP INDEX member_code_keys_district_id_member_id_idx;
        UPDATE member_code_keys AS k SET ended_at = coalesce(
            (SELECT max(s.expires_at) FROM sessions AS s
             WHERE s.district_id = k.district_id AND s.member_id = k.member_id AND s.ended_at IS NULL),
            now()
        ) WHERE ended_at IS NULL;
        ALTER TABLE member_code_keys ALTER COLUMN ended_at SET NOT NULL;

        ALTER TABLE sign_in_challenges ADD COLUMN asked_from bytea NOT NULL DEFAULT '';
    """)
