"""The SQL limit of claims: the rows of one claim, read, locked and written by one SQL call under row-level security."""

from __future__ import annotations

from benchmarks import limits
from benchmarks.stage import DATABASE, Stage

FUNCTION = """
-- One claim: the campaign shared, its member held, a slice that nobody holds; then a row each in four tables.
CREATE OR REPLACE FUNCTION bench_claim(district uuid, campaign uuid, member_number bigint) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    m bench_members; c campaigns; s campaign_slices; had bigint;
    coupon uuid := bench_id(); instant timestamptz := clock_timestamp();
BEGIN
    PERFORM set_config('app.district', district::text, true);
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(campaign::text, 3));
    SELECT * INTO c FROM campaigns WHERE district_id = district AND id = campaign;
    SELECT * INTO m FROM bench_members WHERE n = member_number;
    PERFORM FROM members WHERE district_id = district AND id = m.id FOR UPDATE;
    INSERT INTO idempotency_keys VALUES (district, m.id, coupon::text, decode(md5(coupon::text), 'hex'), 201,
        jsonb_build_object('coupon_id', coupon), instant);
    SELECT count(*) INTO had FROM coupons WHERE district_id = district AND campaign_id = campaign AND member_id = m.id;
    SELECT * INTO s FROM campaign_slices WHERE district_id = district AND campaign_id = campaign AND allotted > 0
        ORDER BY (slice + member_number) % 16 LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        SELECT * INTO s FROM campaign_slices WHERE district_id = district AND campaign_id = campaign
            AND slice = member_number % 16 FOR UPDATE;
    END IF;
    UPDATE campaign_slices SET issued = issued + 1, set_aside = set_aside + 1000, allotted = greatest(allotted - 1, 0)
        WHERE district_id = district AND campaign_id = campaign AND slice = s.slice;
    INSERT INTO coupons (district_id, id, campaign_id, member_id, code_key, code_index, status, way, issued_at, usable_from,
                         expires_at, set_aside)
        VALUES (district, coupon, campaign, m.id, 1, decode(md5(coupon::text), 'hex'), 'issued', 'claim', instant, instant,
                instant + interval '30 days', 1000);
    INSERT INTO audit_entries (district_id, id, actor_kind, actor_id, action, subject_id, details, request_id, recorded_at)
        VALUES (district, bench_id(), 'key', m.id::text, 'coupon.claimed', campaign::text,
                jsonb_build_object('coupon_id', coupon, 'member_id', m.id), coupon::text, instant);
    INSERT INTO outbox VALUES (district, bench_id(), 'coupon.issued',
        jsonb_build_object('coupon_id', coupon, 'campaign_id', campaign, 'member_id', m.id, 'way', 'claim'), instant);
    RETURN coupon;
END $$;
GRANT EXECUTE ON FUNCTION bench_claim TO quantong_app;
"""


def install(stage: Stage) -> None:
    """Makes the function, beside those of `limits`."""
    with stage.superuser() as connection:
        connection.execute(FUNCTION)


def claims(stage: Stage, campaign_id: str, seconds: float) -> float:
    """Claims a second, one SQL call each, by 8 clients, of members at random."""
    script = (
        f"\\set m random(0, {len(stage.member_ids) - 1})\n"
        f"SELECT bench_claim('{stage.district}', '{campaign_id[-32:]}', :m);\n"
    )
    return limits.pgbench(stage.postgres.bin_dir, stage.postgres.sockets, DATABASE, script, clients=8, seconds=seconds)
