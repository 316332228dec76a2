"""Sessions end with their member: erased, or merged into another."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE sessions DROP CONSTRAINT sessions_ended_by_check;
        ALTER TABLE sessions ADD CHECK (
            ended_by IN ('revoked', 'reused', 'phone-changed', 'phone-recycled', 'erased', 'merged')
        );
    """)
