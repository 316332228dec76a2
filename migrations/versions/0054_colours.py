"""The colours of districts."""

from alembic import op

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    op.execute("ALTER TABLE districts ADD COLUMN brand_color text")
