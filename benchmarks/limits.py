"""The SQL limit: the rows of one sale, written by one SQL call under row-level security, driven by pgbench."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import psycopg

_COLUMNS = """district_id, id, merchant_id, store_id, member_id, reference, body_print, member_print, amount,
    discount_amount, points_spent, points_amount, paid_amount, eligible_amount, currency, points_earned, available_at,
    expires_at, rule_set_version, rounding, outcomes, channel, payment_method, principal_id, occurred_at, recorded_at"""

FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION bench_id() RETURNS uuid LANGUAGE sql AS 'SELECT {{new_id}}()';
CREATE TABLE IF NOT EXISTS bench_members (n bigint PRIMARY KEY, id uuid NOT NULL, account uuid NOT NULL);
CREATE TABLE IF NOT EXISTS bench_stores (n bigint PRIMARY KEY, id uuid NOT NULL, merchant uuid NOT NULL, account uuid NOT NULL);
GRANT SELECT ON bench_members, bench_stores TO quantong_app;

-- One sale: what it reads and locks, then a row each in eight tables.
CREATE OR REPLACE FUNCTION bench_sale(district uuid, member_number bigint, store_number bigint, points bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    m bench_members; s bench_stores; b point_balances;
    sale uuid := bench_id(); lot uuid := bench_id(); instant timestamptz := clock_timestamp();
BEGIN
    PERFORM set_config('app.district', district::text, true);
    SELECT * INTO m FROM bench_members WHERE n = member_number;
    SELECT * INTO s FROM bench_stores WHERE n = store_number;
    SELECT * INTO b FROM point_balances WHERE district_id = district AND member_id = m.id FOR UPDATE;
    INSERT INTO idempotency_keys VALUES (district, s.merchant, sale::text, decode(md5(sale::text), 'hex'), 201,
        jsonb_build_object('transaction', sale), instant);
    INSERT INTO transactions ({_COLUMNS}) VALUES (district, sale, s.merchant, s.id, m.id, sale::text,
        decode(md5(sale::text), 'hex'), decode(md5(m.id::text), 'hex'), points * 100, 0, 0, 0, points * 100, points * 100,
        'CNY', points, instant, instant + interval '1 year', 1, 'floor',
        '[["base", 12, "applied"]]', 'till', 'wechat', s.merchant, instant, instant);
    INSERT INTO journals VALUES (district, sale, 'sale', s.merchant, instant, instant);
    INSERT INTO transfers VALUES (district, sale, 0, 'points', s.account, m.account, points, 'earn', lot, m.account,
        b.sequence + 1, b.ledger + points);
    INSERT INTO lots VALUES (district, lot, m.id, s.merchant, 'merchant', sale, points, points, instant,
        instant + interval '1 year', instant);
    UPDATE point_balances SET ledger = ledger + points, available = available + points, earned = earned + points,
        sequence = sequence + 1 WHERE district_id = district AND member_id = m.id;
    INSERT INTO outbox VALUES (district, bench_id(), 'transaction.recorded',
        jsonb_build_object('transaction_id', sale, 'member_id', m.id, 'merchant_id', s.merchant, 'store_id', s.id,
                           'amount', points * 100, 'points_earned', points), instant);
    RETURN b.ledger + points;
END $$;

-- A thousand sales of different members: a statement for each table.
CREATE OR REPLACE FUNCTION bench_sales(district uuid, first_member bigint, size bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    instant timestamptz := clock_timestamp(); sold bench_sold[];
BEGIN
    PERFORM set_config('app.district', district::text, true);
    SELECT array_agg((bench_id(), bench_id(), m.id, m.account, s.id, s.merchant, s.account,
                      1 + m.n % 97, b.ledger, b.sequence)::bench_sold ORDER BY m.id)
    INTO sold
    FROM bench_members m
    JOIN bench_stores s ON s.n = m.n % (SELECT count(*) FROM bench_stores)
    JOIN LATERAL (SELECT * FROM point_balances WHERE district_id = district AND member_id = m.id FOR UPDATE) b ON true
    WHERE m.n >= first_member AND m.n < first_member + size;
    INSERT INTO transactions ({_COLUMNS})
        SELECT district, sale, merchant, store, member, sale::text, decode(md5(sale::text), 'hex'),
            decode(md5(member::text), 'hex'), points * 100, 0, 0, 0, points * 100, points * 100, 'CNY', points, instant,
            instant + interval '1 year', 1, 'floor', '[["base", 12, "applied"]]', 'till', 'wechat', merchant, instant, instant
        FROM unnest(sold);
    INSERT INTO journals SELECT district, sale, 'sale', merchant, instant, instant FROM unnest(sold);
    INSERT INTO transfers SELECT district, sale, 0, 'points', issued, account, points, 'earn', lot, account,
        sequence + 1, ledger + points FROM unnest(sold);
    INSERT INTO lots SELECT district, lot, member, merchant, 'merchant', sale, points, points, instant,
        instant + interval '1 year', instant FROM unnest(sold);
    UPDATE point_balances b SET ledger = b.ledger + points, available = available + points, earned = earned + points,
        sequence = b.sequence + 1 FROM unnest(sold) AS n WHERE b.district_id = district AND b.member_id = n.member;
    INSERT INTO outbox SELECT district, bench_id(), 'transaction.recorded',
        jsonb_build_object('transaction_id', sale, 'member_id', member, 'merchant_id', merchant, 'store_id', store,
                           'amount', points * 100, 'points_earned', points), instant FROM unnest(sold);
    RETURN array_length(sold, 1);
END $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO quantong_app;
"""

SOLD = """
DO $$ BEGIN
    CREATE TYPE bench_sold AS (sale uuid, lot uuid, member uuid, account uuid, store uuid, merchant uuid, issued uuid,
                               points bigint, ledger bigint, sequence bigint);
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;
"""


def install(superuser: psycopg.Connection) -> None:
    """Makes the functions. `uuidv7()` makes ids in time's order, as ours are, where the server has it."""
    new_id = "uuidv7" if superuser.info.server_version >= 180000 else "gen_random_uuid"
    superuser.execute(SOLD)
    superuser.execute(FUNCTIONS.replace("{new_id}", new_id))
    superuser.execute("REVOKE EXECUTE ON FUNCTION outbox_add_day FROM PUBLIC")


def single(
    bin_dir: Path, socket: Path, database: str, district: str, members: int, stores: int, seconds: float
) -> float:
    """Sales a second, one SQL call each, by 8 clients."""
    script = (
        f"\\set m random(0, {members - 1})\n\\set s random(0, {stores - 1})\n\\set p random(1, 300)\n"
        f"SELECT bench_sale('{district}', :m, :s, :p);\n"
    )
    return pgbench(bin_dir, socket, database, script, clients=8, seconds=seconds)


def bulk(bin_dir: Path, socket: Path, database: str, district: str, members: int, seconds: float) -> float:
    """Sales a second, 1,000 in one SQL call, by 2 clients."""
    script = f"\\set m 1000 * random(0, {members // 1000 - 1})\nSELECT bench_sales('{district}', :m, 1000);\n"
    return 1000 * pgbench(bin_dir, socket, database, script, clients=2, seconds=seconds)


def pgbench(bin_dir: Path, socket: Path, database: str, script: str, *, clients: int, seconds: float) -> float:
    """Runs of a script a second, by so many clients that go on for some seconds. Raises RuntimeError where one fails."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        command = [
            str(bin_dir / "pgbench"),
            "-n",
            "-M",
            "prepared",
            "-c",
            str(clients),
            "-j",
            "2",
            "-T",
            str(round(seconds)),
        ]
        address = ["-h", str(socket), "-U", "quantong_app", "-f", file.name, database]
        done = subprocess.run([*command, *address], capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found[1])
