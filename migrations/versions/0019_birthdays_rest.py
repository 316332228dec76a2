"""Since when a member's birthday rests: once changed, it stays for a year."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("ALTER TABLE members ADD COLUMN birthday_changed_at timestamptz")
