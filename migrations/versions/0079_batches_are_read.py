"""A batch's file is read, and that is nothing of the batch: the audit log tells who has it."""

from alembic import op

revision = "0079"
down_revision = "0078"


def upgrade() -> None:
    op.execute("ALTER TABLE payment_batches DROP COLUMN downloaded_at")
