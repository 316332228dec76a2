"""Coupons: rushes of claims against what the database alone could do, sales with coupons against sales without, and many stored.

Speeds that are compared are taken by turns, for a machine's changes within minutes.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from app.config import Settings
from app.coupons.issuing.tasks import expire_coupons, move_ends
from app.factory import create_app
from benchmarks import claim_limit, load, sales
from benchmarks.load import post
from benchmarks.stage import Stage, call
from benchmarks.stored_coupons import Minted, give, publish, store

FLOORS = {"claim": 0.5, "single": 0.75, "bulk": 0.7}
CLIENTS = 32
BATCH = 500
TURNS = 3
SLICE_SECONDS = 2.0
KINDS: Sequence[Mapping[str, Any]] = (
    {"kind": "exchange", "amount_off": None, "sku": "tea", "exchange_price": 0},
    {"amount_off": 300},
    {"amount_off": 500, "min_amount": 5_000},
    {"amount_off": 800, "stacking_group": "a"},
    {"amount_off": 900, "stacking_group": "a", "exclusive": True},
    {"kind": "percent_off", "amount_off": None, "percent_off": 12},
    {"kind": "percent_off", "amount_off": None, "percent_off": 20, "max_discount": 1_000},
    {"kind": "percent_off", "amount_off": None, "percent_off": 5, "stacking_group": "b"},
)
"""What the eight coupons give among which the best are chosen."""


def claims(stage: Stage, seconds: float, *, quick: bool) -> None:
    """Claims by a key that names members, each with an idempotency key, against one SQL call that does the same."""
    claim_limit.install(stage)
    _run(stage, _claims(stage, _flash(stage)), clients=8, seconds=2.0)
    for clients in (8, 32, 64):
        ratios = []
        for _ in range(TURNS):
            limit = claim_limit.claims(stage, _flash(stage), seconds / TURNS)
            claimed = _run(stage, _claims(stage, _flash(stage)), clients=clients, seconds=seconds / TURNS)
            ratios.append(claimed.per_second / limit)
            _line(f"a claim over HTTP, {clients} clients", claimed)
            _figure("  SQL limit, one claim a call, 8 clients", f"{limit:,.0f}/s")
        _ratio(f"  claims at {clients} clients against it", ratios, FLOORS["claim"])


def selling(stage: Stage, seconds: float, *, quick: bool) -> None:
    """Sales with a coupon each against the same without, one by one and in bulk."""
    campaign_id = publish(stage)
    coupons = iter(_coupons(stage, campaign_id, 40_000 if quick else 150_000))
    _run(stage, sales.singles(stage), clients=8, seconds=2.0)
    _run(stage, _with_coupons(stage, coupons), clients=8, seconds=1.0)
    for clients in (1, CLIENTS):
        ratios = []
        for _ in range(TURNS):
            without = _run(stage, sales.singles(stage), clients=clients, seconds=seconds / TURNS)
            with_one = _run(stage, _with_coupons(stage, coupons), clients=clients, seconds=seconds / TURNS)
            ratios.append(with_one.per_second / without.per_second)
            _line(f"a sale without a coupon, {clients} clients", without)
            _line("  with one", with_one)
        _ratio("  with one against without", ratios, FLOORS["single"])
    ratios = []
    for _ in range(TURNS):
        most = 20 if quick else 60
        without = _run(
            stage, itertools.islice(sales.batches(stage, BATCH), most), clients=4, seconds=seconds, status=b"200"
        )
        requests = iter(list(itertools.islice(_in_bulk(stage, coupons), most)))
        with_one = _run(stage, requests, clients=4, seconds=seconds, status=b"200")
        ratios.append(with_one.per_second / without.per_second)
        _line(f"sales in bulk, {BATCH} a request", without, times=BATCH)
        _line("  with a coupon each", with_one, times=BATCH)
    _ratio("  with one against without", ratios, FLOORS["bulk"])


def best(stage: Stage, seconds: float, *, quick: bool) -> None:
    """The best of eight coupons of a member, which a till asks for."""
    members = stage.member_ids[:1000]
    for terms in KINDS:
        give(stage, publish(stage, **{"stacking_group": None, **terms}), members)
    stage.rest()
    for clients in (1, 8):
        answers = _run(stage, _asking_for_best(stage, members), clients=clients, seconds=seconds, status=b"200")
        _line(f"the best of 8 coupons, {clients} clients", answers)


def expiring(stage: Stage, seconds: float, *, quick: bool) -> None:
    """Many coupons that have ended are let expire while sales go on."""
    many = 100_000 if quick else 1_000_000
    ended = [publish(stage, budget=10**10) for _ in range(10)]
    store(stage, ended, many, ends=datetime.now(UTC) - timedelta(hours=1), set_aside=1_000)
    _run(stage, sales.singles(stage), clients=CLIENTS, seconds=SLICE_SECONDS)
    alone = _run(stage, sales.singles(stage), clients=CLIENTS, seconds=seconds)
    _line(f"one sale over HTTP, {CLIENTS} clients", alone)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as other:
        job = other.submit(_expire, stage.env)
        meanwhile = _while(job, lambda: sales.singles(stage), stage)
    _figure(f"{many:,} coupons that expire meanwhile", f"{many / job.result():,.0f}/s")
    _line("  one sale meanwhile", meanwhile)
    _ratio("  sales meanwhile against alone", [meanwhile.per_second / alone.per_second])
    _figure("  refused meanwhile", f"{meanwhile.unwanted:,}")
    for campaign_id in ended:
        counts = call("GET", f"/v1/campaigns/{campaign_id}", stage.key)["counts"]
        assert counts["expired"] == many // 10 and counts["budget_left"] == 10**10, counts


def moving(stage: Stage, seconds: float, *, quick: bool) -> None:
    """The end of a campaign is put off while many coupons of it are out, and are used."""
    many, until = 100_000 if quick else 1_000_000, datetime.now(UTC) + timedelta(days=30)
    terms = {"from": datetime.now(UTC).isoformat(), "to": until.isoformat()}
    campaign_id = publish(stage, validity=terms)
    store(stage, [campaign_id], many, ends=until)
    coupons = iter(_coupons(stage, campaign_id, 20_000 if quick else 200_000))
    alone = _run(stage, _with_coupons(stage, coupons), clients=8, seconds=SLICE_SECONDS)
    _line("a sale with a coupon, 8 clients", alone)
    started = time.perf_counter()
    later = {"validity": {**terms, "to": (until + timedelta(days=30)).isoformat()}}
    call("PATCH", f"/v1/campaigns/{campaign_id}", stage.key, later)
    _figure(f"the end of {many:,} coupons is put off", f"{1000 * (time.perf_counter() - started):,.0f} ms")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as other:
        job = other.submit(_move, stage.env, stage.district_id, campaign_id)
        meanwhile = _while(job, lambda: _with_coupons(stage, coupons), stage, clients=8)
    _figure("  and comes to their rows in", f"{job.result():,.1f} s")
    _line("  a sale with one of them meanwhile", meanwhile)
    _figure("  the longest that one of these took", f"{meanwhile.percentile(100):,.0f} ms")
    _figure("  refused meanwhile", f"{meanwhile.unwanted:,}")


def stored(stage: Stage, seconds: float, *, quick: bool) -> None:
    """Claims with few coupons stored, and with very many of the same members and campaigns."""
    few, many = 10_000, 1_000_000 if quick else 10_000_000
    campaigns = [publish(stage, per_member_limit=1_000_000, stock=10**9) for _ in range(10)]
    until = datetime.now(UTC) + timedelta(days=30)
    found = {}
    for count in (few, many - few):
        store(stage, campaigns, count, ends=until)
        _run(stage, _claims(stage, *campaigns), clients=8, seconds=2.0)
        found[count] = [
            _run(stage, _claims(stage, *campaigns), clients=CLIENTS, seconds=seconds / TURNS) for _ in range(TURNS)
        ]
        for one in found[count]:
            _line(f"a claim with {count:,} stored, {CLIENTS} clients", one)
    before = _mean(one.per_second for one in found[few])
    _ratio("  with many against few", [one.per_second / before for one in found[many - few]])


PARTS: Mapping[str, Callable[..., None]] = {
    "claims": claims,
    "selling": selling,
    "best": best,
    "moving": moving,
    "expiring": expiring,
    "stored": stored,
}


def measure(stage: Stage, seconds: float, *, quick: bool, parts: Sequence[str] = ()) -> None:
    """Prints what was measured, part by part."""
    stage.fill(10_000)
    for name in parts or PARTS:
        print(f"\n{name}", flush=True)
        PARTS[name](stage, seconds, quick=quick)
        stage.rest()


def _flash(stage: Stage) -> str:
    """A campaign that many want, one coupon each."""
    return publish(stage, stock=1_000_000, budget=10**9, per_member_limit=1)


def _claims(stage: Stage, *campaign_ids: str) -> Iterator[bytes]:
    """Members in turn, from anywhere on, of campaigns in turn."""
    start = random.randrange(len(stage.member_ids))
    campaigns = itertools.cycle(campaign_ids)
    for member_id in (*stage.member_ids[start:], *stage.member_ids[:start]):
        body, campaign_id = json.dumps({"member_id": member_id}).encode(), next(campaigns)
        yield post(f"/v1/campaigns/{campaign_id}/claims", stage.key, body, f"c-{member_id}-{campaign_id}-{start}")


def _coupons(stage: Stage, campaign_id: str, count: int) -> list[Minted]:
    """Coupons for members in turn, in an order that tables and indexes don't follow."""
    coupons = give(stage, campaign_id, list(itertools.islice(itertools.cycle(stage.member_ids), count)))
    random.Random(23).shuffle(coupons)
    stage.rest()
    return coupons


def _sale(stage: Stage, coupon: Minted) -> dict[str, object]:
    named = {"store_id": random.choice(stage.store_ids), "member_id": coupon.member_id}
    return {**sales.new_sale(), **named, "coupons": [coupon.code]}


def _with_coupons(stage: Stage, coupons: Iterator[Minted]) -> Iterator[bytes]:
    """Sales of members with a coupon of theirs."""
    for coupon in coupons:
        sale = _sale(stage, coupon)
        yield post("/v1/transactions", stage.key, json.dumps(sale).encode(), f"key-{sale['reference']}")


def _in_bulk(stage: Stage, coupons: Iterator[Minted]) -> Iterator[bytes]:
    while some := [_sale(stage, coupon) for coupon in itertools.islice(coupons, BATCH)]:
        yield post("/v1/transactions/batch", stage.key, json.dumps({"transactions": some}).encode())


def _asking_for_best(stage: Stage, member_ids: Sequence[str]) -> Iterator[bytes]:
    items = [
        {"name": "tea", "sku": "tea", "quantity": 2, "amount": 3_000},
        {"name": "cake", "sku": "cake", "quantity": 1, "amount": 9_000},
    ]
    for member_id in itertools.cycle(member_ids):
        named = {"member_id": member_id, "store_id": random.choice(stage.store_ids)}
        body = {**named, "amount": 12_000, "items": items, "best": True}
        yield post("/v1/coupons/validate", stage.key, json.dumps(body).encode())


def _expire(env: Mapping[str, str]) -> float:
    """Runs the job as a worker does, in a process of its own; gives the seconds that it took."""
    with create_app(Settings.from_environment(env)).app_context():
        started = time.perf_counter()
        expire_coupons()
        return time.perf_counter() - started


def _move(env: Mapping[str, str], district_id: str, campaign_id: str) -> float:
    """The same of later ends."""
    with create_app(Settings.from_environment(env)).app_context():
        started = time.perf_counter()
        move_ends(district_id, campaign_id)
        return time.perf_counter() - started


def _while(
    job: Future[float], requests: Callable[[], Iterator[bytes]], stage: Stage, *, clients: int = CLIENTS
) -> load.Result:
    """What is seen of requests while a job goes on, refusals included."""
    slices: list[load.Result] = []
    while not (slices and job.done()):
        slices.append(load.run(stage.address, requests(), connections=clients, seconds=SLICE_SECONDS))
    latencies = [latency for one in slices for latency in one.latencies]
    return load.Result(sum(one.seconds for one in slices), latencies, sum(one.unwanted for one in slices))


def _run(
    stage: Stage, requests: Iterator[bytes], *, clients: int, seconds: float, status: bytes = b"201"
) -> load.Result:
    """One run against the product. Raises RuntimeError if an answer has another status than wanted."""
    result = load.run(stage.address, requests, connections=clients, seconds=seconds, status=status)
    if result.unwanted:
        raise RuntimeError(f"{result.unwanted} answers were not {status!r}: {result.first_unwanted[:2000]!r}")
    return result


def _line(name: str, result: load.Result, *, times: int = 1) -> None:
    spread = f"p50 {result.percentile(50):6.1f} ms  p99 {result.percentile(99):6.1f} ms"
    print(f"{name:<44}{times * result.per_second:>9,.0f}/s  {spread}", flush=True)


def _figure(name: str, value: str) -> None:
    print(f"{name:<44}{value:>11}", flush=True)


def _ratio(name: str, ratios: Sequence[float], floor: float | None = None) -> None:
    """Prints the mean of some ratios and how far they lie apart."""
    least = "" if floor is None else f", aim {floor}"
    print(f"{name:<44}{_mean(ratios):>11.2f}  ({min(ratios):.2f} to {max(ratios):.2f}{least})", flush=True)


def _mean(values: Sequence[float] | Iterator[float]) -> float:
    found = list(values)
    return sum(found) / len(found)
