"""Drafts of rules that nobody wants are put aside; what was rehearsed by them still names them."""

from alembic import op

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    op.execute("ALTER TABLE rule_sets ADD COLUMN discarded_at timestamptz")
    op.execute("CREATE INDEX ON replays (district_id, rule_set_id, id)")
