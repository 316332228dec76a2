"""Coupons for members who are named, or for an audience."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE issues (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            member_ids jsonb,
            audience jsonb,
            status text NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed')),
            reached uuid NOT NULL,
            issued integer NOT NULL DEFAULT 0 CHECK (issued >= 0),
            left_out integer NOT NULL DEFAULT 0 CHECK (left_out >= 0),
            principal_id uuid NOT NULL,
            alive_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL,
            finished_at timestamptz,
            PRIMARY KEY (district_id, id),
            CHECK ((member_ids IS NULL) <> (audience IS NULL)),
            CHECK (status <> 'done' OR finished_at IS NOT NULL),
            CHECK (status IN ('done', 'failed') OR finished_at IS NULL)
        );
        CREATE INDEX issues_open ON issues (district_id, id) WHERE finished_at IS NULL;

        ALTER TABLE coupons ADD COLUMN issue_id uuid;
        ALTER TABLE coupons ADD CONSTRAINT coupons_of_issues CHECK ((way = 'targeted') = (issue_id IS NOT NULL));
    """)
    op.execute(behind_the_wall("issues", grants="SELECT, INSERT, UPDATE"))
    op.execute("ALTER TABLE issues ADD FOREIGN KEY (district_id, campaign_id) REFERENCES campaigns")
