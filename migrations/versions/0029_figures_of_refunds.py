"""Figures below none, or beyond their whole, are refused by the tables too, as `assert`s refuse them before."""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE transactions
            ADD CHECK (discount_amount >= 0 AND points_spent >= 0 AND points_amount >= 0);
        ALTER TABLE refunds
            ADD CHECK (money_amount BETWEEN 0 AND amount AND discount_reversed BETWEEN 0 AND amount),
            ADD CHECK (points_lapsed >= 0 AND points_taken >= 0 AND points_owed >= 0 AND points_forgiven >= 0),
            ADD CHECK (points_restored >= 0);
        ALTER TABLE point_balances
            ADD CHECK (earned >= 0 AND spent >= 0 AND expired >= 0 AND sequence >= 0);
    """)
