"""The test clock of a new sandbox may begin in the past: by how much it is ahead may be below 0."""

from alembic import op

revision = "0072"
down_revision = "0071"


def upgrade() -> None:
    op.execute("ALTER TABLE test_clocks DROP CONSTRAINT test_clocks_ahead_us_check")
