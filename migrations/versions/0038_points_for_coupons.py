"""Coupons that cost points give these back where they are taken back; a code may prove presence where no store is named."""

from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE coupons ADD COLUMN points_returned_in uuid;
        ALTER TABLE coupons ADD CHECK (points_returned_in IS NULL OR (way = 'points' AND status = 'voided'));
        ALTER TABLE member_code_uses ALTER COLUMN store_id DROP NOT NULL;
    """)
