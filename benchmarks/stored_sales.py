"""A district as it is after a year: straight into the tables, for selling isn't what is measured.

Sales come in the order of time, in shops that are open from ten to ten, two in three by members. Their points aren't in
the ledger, so the books of such a district don't balance.
"""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.stage import ROOT, Stage

PORTION = 250_000
DAYS = 365
MORE_MERCHANTS = """
    INSERT INTO merchants SELECT (jsonb_populate_record(m, jsonb_build_object(
        'id', bench_id(), 'code', 'X' || n, 'name', 'X' || n))).*
    FROM merchants AS m CROSS JOIN generate_series(1, %(more)s) AS n
    WHERE m.district_id = %(district)s AND m.code = 'M0'
"""
THEIR_STORES = """
    INSERT INTO stores SELECT (jsonb_populate_record(s, jsonb_build_object(
        'id', bench_id(), 'merchant_id', m.id, 'code', m.code || '-1'))).*
    FROM stores AS s JOIN merchants AS m ON m.district_id = s.district_id AND m.code LIKE 'X%%'
    WHERE s.district_id = %(district)s AND s.code = 'M0-1'
"""
_MEMBERS = """
    INSERT INTO members (district_id, id, number, created_at)
    SELECT %(district)s, bench_id(), lpad((%(known)s + n)::text, 10, '0'), now() - (random() * 365) * interval '1 day'
    FROM generate_series(1, %(more)s) AS n
"""
_BALANCES = """
    INSERT INTO point_balances (district_id, member_id)
    SELECT district_id, id FROM members AS m WHERE district_id = %(district)s
    ON CONFLICT DO NOTHING
"""
_NUMBERED = """
    CREATE TABLE bench_shops AS
        SELECT (row_number() OVER () - 1)::integer AS n, id, merchant_id FROM stores WHERE district_id = %(district)s;
    CREATE TABLE bench_people AS
        SELECT (row_number() OVER () - 1)::integer AS n, id FROM members WHERE district_id = %(district)s;
    ALTER TABLE bench_shops ADD PRIMARY KEY (n);
    ALTER TABLE bench_people ADD PRIMARY KEY (n);
    ANALYZE bench_shops; ANALYZE bench_people;
"""
_SALES = """
    INSERT INTO transactions (district_id, id, merchant_id, store_id, member_id, reference, body_print, member_print,
        amount, discount_amount, points_spent, points_amount, paid_amount, eligible_amount, currency, points_earned,
        available_at, expires_at, rule_set_version, rounding, outcomes, channel, payment_method, principal_id,
        occurred_at, recorded_at)
    SELECT %(district)s, d.id, s.merchant_id, s.id, p.id, d.id::text, decode(md5(d.id::text), 'hex'), NULL,
        d.amount, 0, 0, 0, d.amount, d.amount, 'CNY', CASE WHEN p.id IS NULL THEN 0 ELSE d.amount / 100 END, d.at,
        d.at + interval '1 year', 1, 'floor', '[["base", 12, "applied"]]', 'till', 'wechat', s.merchant_id, d.at, d.at
    FROM (
        SELECT x.*, uuidv7(x.at - clock_timestamp()) AS id FROM (
            SELECT n, date_trunc('day', now(), 'Asia/Shanghai') + interval '10 hours'
                       + (n / %(a_day)s - %(days)s + 1) * interval '1 day'
                       + (n %% %(a_day)s)::float / %(a_day)s * interval '12 hours' AS at,
                   (500 + random() * 30000)::integer AS amount, (random() * %(last_shop)s)::integer AS shop,
                   CASE WHEN random() < 0.66 THEN (random() * %(last_person)s)::integer END AS person
            FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
        ) AS x WHERE x.at < now()
    ) AS d
    JOIN bench_shops AS s ON s.n = d.shop LEFT JOIN bench_people AS p ON p.n = d.person
"""


def store(stage: Stage, *, sales: int, members: int, merchants: int) -> None:
    """Fills the district until it has so many of each, and counts its figures anew."""
    began = time.monotonic()
    values = {"district": stage.district, "days": DAYS, "a_day": -(-sales // DAYS)}
    with stage.superuser() as connection:
        connection.execute(MORE_MERCHANTS, {**values, "more": merchants - len(stage.store_ids)})
        connection.execute(THEIR_STORES, values)
        known = len(stage.member_ids)
        connection.execute(_MEMBERS, {**values, "known": known, "more": members - known})
        connection.execute(_BALANCES, values)
        for statement in _NUMBERED.split(";")[:-1]:
            connection.execute(statement, values if "%(" in statement else None)
        lasts = {"last_shop": merchants - 1, "last_person": members - 1}
        for first in range(0, sales, PORTION):
            portion = {"first": first, "last": min(first + PORTION, sales) - 1}
            connection.execute(_SALES, {**values, **lasts, **portion})
    stage.rest()
    subprocess.run([sys.executable, "-m", "app.cli", "count-anew"], env=stage.env, cwd=ROOT, check=True)
    stage.rest()
    print(
        f"{sales:,} sales of {members:,} members at {merchants:,} merchants: {time.monotonic() - began:.0f} s",
        flush=True,
    )
