"""How much of a credit limit is used, and until when a merchant gives points, and takes any."""

from alembic import op

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE settlement_accounts
            ADD COLUMN credit_state text NOT NULL DEFAULT 'within' CHECK (credit_state IN ('within', 'near', 'beyond')),
            ADD COLUMN paused_at timestamptz;
        ALTER TABLE merchants ADD COLUMN awards_until timestamptz, ADD COLUMN accepts_until timestamptz;
    """)
