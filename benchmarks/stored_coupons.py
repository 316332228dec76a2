"""Coupons that members hold before something is measured: straight into the tables, for issuing them isn't what is measured."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from app.config import Settings
from app.coupons.bill.codes import shown
from app.coupons.issuing import code_index
from app.factory import create_app
from app.foundation.ids import new_id
from benchmarks.stage import Stage, call

PORTION = 50_000
TEN_OFF: Mapping[str, Any] = {
    "name": "周末满减",
    "kind": "amount_off",
    "amount_off": 1_000,
    "validity": {"days_after_issue": 30},
}
_COLUMNS = "district_id, id, campaign_id, member_id, code_key, code_index, status, way, issued_at, usable_from, expires_at, set_aside"
_STORE = f"""
    INSERT INTO coupons ({_COLUMNS})
    SELECT %(district)s, bench_id(), %(campaign)s, m.id, 1, decode(md5(bench_id()::text), 'hex'), 'issued', 'claim',
           i.issued_at, i.issued_at, %(ends)s, %(set_aside)s
    FROM generate_series(%(first)s::bigint, %(first)s::bigint + %(count)s - 1) AS g (n)
    JOIN bench_members AS m ON m.n = g.n %% %(members)s
    CROSS JOIN (SELECT least(now(), %(ends)s::timestamptz - interval '30 days') AS issued_at) AS i
"""
_COUNT = """
    UPDATE campaign_slices SET issued = issued + %(count)s, set_aside = set_aside + %(count)s::bigint * %(set_aside)s
    WHERE campaign_id = %(campaign)s AND slice = 0
"""


class Minted(NamedTuple):
    """A coupon and its code; whose it is, and the key and the index of the code."""

    coupon_id: str
    member_id: str
    code: str
    code_key: int
    code_index: bytes


def campaign(**terms: Any) -> dict[str, Any]:
    """The terms of a campaign of 10.00 off, unless told otherwise."""
    return {**TEN_OFF, **terms}


def publish(stage: Stage, **terms: Any) -> str:
    """A campaign that runs; gives its id."""
    made = call("POST", "/v1/campaigns", stage.key, campaign(**terms))
    call("POST", f"/v1/campaigns/{made['id']}/publish", stage.key, {})
    return str(made["id"])


def give(stage: Stage, campaign_id: str, member_ids: Sequence[str]) -> list[Minted]:
    """A coupon for each of some members, whose codes are known; usable for a month."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as other:
        minted = other.submit(_mint, stage.env, stage.district_id, list(member_ids)).result()
    now = datetime.now(UTC)
    with stage.superuser() as connection:
        with connection.cursor() as cursor, cursor.copy(f"COPY coupons ({_COLUMNS}) FROM STDIN") as copy:
            for one in minted:
                ids = stage.district, one.coupon_id[-32:], campaign_id[-32:], one.member_id[-32:]
                times = now, now, now + timedelta(days=30)
                copy.write_row((*ids, one.code_key, one.code_index, "issued", "claim", *times, 0))
        connection.execute(_COUNT, {"campaign": campaign_id[-32:], "count": len(minted), "set_aside": 0})
    return minted


def _mint(env: Mapping[str, str], district_id: str, member_ids: Sequence[str]) -> list[Minted]:
    """Codes as the product makes them, in a process of its own."""
    with create_app(Settings.from_environment(env)).app_context():
        return list(_minted(district_id, member_ids))


def _minted(district_id: str, member_ids: Sequence[str]) -> Iterator[Minted]:
    for member_id in member_ids:
        coupon_id = new_id("cpn")
        made = code_index.make(district_id, coupon_id)
        code = code_index.code_again(coupon_id, made.key)
        assert code is not None, "it was made under this key"
        yield Minted(coupon_id, member_id, shown(code), made.key, made.code_index)


def store(stage: Stage, campaign_ids: Sequence[str], count: int, *, ends: datetime, set_aside: int = 0) -> None:
    """Stores many coupons of campaigns, alike of each, for members in turn; nobody knows their codes.

    They were issued 30 days before their end, or now.
    """
    each = count // len(campaign_ids)
    values = {"district": stage.district, "members": len(stage.member_ids), "ends": ends, "set_aside": set_aside}
    with stage.superuser() as connection:
        for campaign_id in campaign_ids:
            for first in range(0, each, PORTION):
                portion = {"campaign": campaign_id[-32:], "first": first, "count": min(PORTION, each - first)}
                connection.execute(_STORE, {**values, **portion})
                connection.execute(_COUNT, {**values, **portion})
    stage.rest()
