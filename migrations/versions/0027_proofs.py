"""Memberships that the member has proved, when members last proved to be there, and whose key wrote of them."""

from alembic import op

from app.foundation.tenant_tables import APPLICATION_ROLE

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.execute(f"""
        ALTER TABLE members ADD COLUMN proved_at timestamptz, ADD COLUMN written_by uuid;
        ALTER TABLE merchant_memberships ADD COLUMN proved_at timestamptz;
        ALTER TABLE merchant_memberships
            DROP CONSTRAINT merchant_memberships_way_check,
            ADD CHECK (way IN ('enrolment', 'purchase', 'sign-in', 'code', 'claim', 'consent'));
        GRANT UPDATE (proved_at) ON merchant_memberships TO {APPLICATION_ROLE};

        UPDATE members AS m SET proved_at = p.at
        FROM (
            SELECT district_id, member_id, max(at) AS at FROM (
                SELECT district_id, member_id, used_at FROM sessions
                UNION ALL SELECT district_id, member_id, used_at FROM member_code_uses
            ) AS proofs (district_id, member_id, at) GROUP BY 1, 2
        ) AS p
        WHERE m.district_id = p.district_id AND m.id = p.member_id;

        -- Who signed in at a store joined its merchant at the instant at which the session began.
        UPDATE merchant_memberships AS m SET way = 'sign-in', proved_at = m.since
        WHERE m.way = 'enrolment' AND EXISTS (
            SELECT FROM sessions AS s
            WHERE s.district_id = m.district_id AND s.member_id = m.member_id AND s.started_at = m.since
        );

        -- What members themselves consented to, and didn't withdraw.
        UPDATE merchant_memberships AS m SET proved_at = c.recorded_at
        FROM consents AS c
        WHERE m.proved_at IS NULL AND c.district_id = m.district_id AND c.member_id = m.member_id
          AND c.controller = 'mer_' || replace(m.merchant_id::text, '-', '') AND c.granted
          AND (c.way = 'member' OR (c.way = 'enrolment' AND NOT EXISTS (
              SELECT FROM api_keys AS k WHERE k.district_id = c.district_id AND k.id = c.principal_id
          )))
          AND NOT EXISTS (
              SELECT FROM consents AS w
              WHERE w.district_id = c.district_id AND w.member_id = c.member_id AND w.controller = c.controller
                AND w.purpose IN (c.purpose, 'membership') AND NOT w.granted AND w.id > c.id
          );

        -- Codes shown of late.
        UPDATE merchant_memberships AS m SET proved_at = u.used_at
        FROM member_code_uses AS u JOIN stores AS s ON s.district_id = u.district_id AND s.id = u.store_id
        WHERE m.proved_at IS NULL AND m.district_id = u.district_id AND m.member_id = u.member_id
          AND m.merchant_id = s.merchant_id;

        -- Whom a merchant's key enrolled, as its consent tells, and nobody has changed since.
        UPDATE members AS m SET written_by = k.merchant_id
        FROM consents AS c JOIN api_keys AS k ON k.district_id = c.district_id AND k.id = c.principal_id
        WHERE m.district_id = c.district_id AND m.id = c.member_id AND m.status IN ('active', 'frozen')
          AND c.way = 'enrolment' AND c.recorded_at = m.created_at AND k.merchant_id IS NOT NULL
          AND NOT EXISTS (
              SELECT FROM audit_entries AS a
              WHERE a.district_id = m.district_id AND a.action IN ('member.changed', 'member.merged')
                AND ('mem_' || replace(m.id::text, '-', '')) IN (a.subject_id, a.details ->> 'into')
          );
    """)
