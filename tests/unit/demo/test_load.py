from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo import complaints, coupons, history, load
from demo.campaigns import OFFERS
from demo.errors import LoadError
from demo.history import Purchase
from demo.load import Front, Loader
from demo.months import CLOSED
from demo.state import StateError, recall, remember
from demo.street import MERCHANTS, STORES
from merchant_sdk import Client
from tests.unit.demo.fake_campaigns import FakeCampaigns

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PURCHASES = history.first_customers(history.read(), 60)
FIRST_MONTH = 70
"""So many of them are of the first month, and told without coupons."""
MakeLoader = Callable[..., Loader]


@pytest.fixture
def loader(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeLoader:
    """Makes runs of the demo; a quick one has 20 customers here, and a batch 50 sales."""
    monkeypatch.setattr(load, "QUICK_CUSTOMERS", 20)
    monkeypatch.setattr(coupons, "REGULARS", 20)
    monkeypatch.setattr(load, "BATCH_SIZE", 50)
    monkeypatch.setattr(load, "SALES_PER_SAVE", 40)

    def make(mode: str = "full", now: datetime = NOW) -> Loader:
        return Loader(
            connect=lambda key: Client(key, base_url="http://quantong.test", transport=server.transport),
            operator_key="operator-key",
            base_url="http://quantong.test",
            mode=mode,
            out=tmp_path / "demo.json",
            now=now,
            present=lambda: now,
        )

    return make


def _assert_complete(server: Any, purchases: list[Purchase] = PURCHASES, now: datetime = NOW) -> None:
    """Everything is there, once."""
    assert [row["slug"] for row in server.districts] == ["hubin"]
    assert {row["code"] for row in server.merchants} == {merchant.code for merchant in MERCHANTS}
    assert {row["code"] for row in server.stores} == {store.code for store in STORES}
    assert [row["name"] for row in server.keys] == ["till"] * len(MERCHANTS) + ["office"]
    assert set(server.members) == {history.phone(customer) for customer in history.customers(purchases)}
    assert set(server.sales) == {purchase.reference for purchase in purchases}
    ordered = history.by_date(purchases)
    planned = coupons.plan(ordered, history.day_shift(now.date()), complaints.WHOSE)
    used = [sale["coupons"] for sale in server.sales.values() if "coupons" in sale]
    assert [one["description"] for one in server.complaints] == [one.words for one in complaints.COMPLAINTS]
    assert len(used) == len(planned.uses)
    assert [row["name"] for row in server.tiers] == ["银卡会员", "金卡会员"]
    assert set(server.street.by_name) == {offer.name for offer in OFFERS}
    assert len(server.months.terms) == 1
    assert len(server.months.closed) == CLOSED


def test_a_full_load_and_what_it_leaves(server: Any, loader: MakeLoader, tmp_path: Path) -> None:
    summary = loader().run(PURCHASES)
    _assert_complete(server)
    assert (summary.merchants, summary.stores) == (len(MERCHANTS), len(STORES))
    assert (summary.members, summary.sales, summary.sent) == (60, len(PURCHASES), len(PURCHASES))
    assert max(sale["occurred_at"] for sale in server.sales.values()) < "2026-03-02"
    for name in ("demo.json", "demo-state.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"demo.json", "demo-state.json"}


def test_the_demo_s_operator_takes_up_one_invitation(loader: MakeLoader, tmp_path: Path) -> None:
    run = loader()
    for link in ("http://quantong.test/console/invitations/in_a", "http://quantong.test/console/invitations/in_b"):
        replace(run, operator_invitation=("operator@quantong.example", link)).run(PURCHASES)
        [operator] = json.loads((tmp_path / "demo.json").read_text())["staff"]
        assert (operator["role"], operator["login"]) == ("operator", "operator@quantong.example")
        assert operator["totp_secret"]


def test_demo_json_has_the_shape_of_the_contract(server: Any, loader: MakeLoader, tmp_path: Path) -> None:
    loader().run(PURCHASES)
    found = json.loads((tmp_path / "demo.json").read_text())
    assert list(found) == ["base_url", "operator_key", "districts", "staff"]
    assert found["staff"] == []
    assert (found["base_url"], found["operator_key"]) == ("http://quantong.test", "operator-key")
    [district] = found["districts"]
    assert list(district) == ["id", "slug", "alliance_key", "merchants", "campaigns", "member", "staff", "tills"]
    campaigns = server.street.rows["campaigns"]
    assert {(one["id"], one["kind"]) for one in district["campaigns"]} == {
        (one["id"], one["kind"]) for one in campaigns.values()
    }
    assert all(list(one) == ["id", "kind"] for one in district["campaigns"])
    at = [merchant["stores"][0]["id"] for merchant in district["merchants"][:3]]
    assert [one["store_id"] for one in district["tills"]] == at
    assert all(one["pairing_code"] == "4821093755162048" and len(one["pins"]) == 2 for one in district["tills"])
    assert server.members[district["member"]["phone"]]["id"] == district["member"]["member_id"]
    assert [(one["role"], one["totp_secret"] is not None) for one in district["staff"]] == [
        ("alliance_admin", True),
        ("alliance_operator", True),
        ("alliance_viewer", False),
        ("merchant_manager", True),
        ("cashier", False),
    ]
    assert [one["login"] for one in district["staff"]] == [one["login"] for one in server.invited]
    assert district["alliance_key"] == "sk_test_alliance_0"
    stores = {row["id"]: row for row in server.stores}
    keys = {row["merchant_id"] for row in server.keys if row["name"] == "till"}
    assert [merchant["code"] for merchant in district["merchants"]] == [merchant.code for merchant in MERCHANTS]
    for merchant in district["merchants"]:
        assert list(merchant) == ["id", "code", "key", "stores"]
        assert merchant["id"] in keys
        assert merchant["key"].startswith("sk_test_till_")
        for store in merchant["stores"]:
            assert list(store) == ["id", "code"]
            assert stores[store["id"]]["merchant_id"] == merchant["id"]
            assert stores[store["id"]]["code"] == store["code"]
    assert len({merchant["key"] for merchant in district["merchants"]}) == len(MERCHANTS)


def test_again_does_nothing(server: Any, loader: MakeLoader, tmp_path: Path) -> None:
    loader().run(PURCHASES)
    before, calls = (tmp_path / "demo.json").read_bytes(), server.calls.total()
    summary = loader(now=NOW + timedelta(days=5)).run(PURCHASES)
    assert (summary.sent, summary.sales) == (0, len(PURCHASES))
    assert server.calls.total() == calls + 1
    assert (tmp_path / "demo.json").read_bytes() == before


def test_quick_then_full_on_the_same_district(server: Any, loader: MakeLoader) -> None:
    quick = history.first_customers(PURCHASES, 20)
    assert loader("quick").run(PURCHASES).sales == len(quick)
    _assert_complete(server, quick)
    # Three days later: the shift is remembered, so the bodies are the same (the server checks).
    assert loader(now=NOW + timedelta(days=3)).run(PURCHASES).sent == len(PURCHASES)
    _assert_complete(server)
    assert server.replays == len(quick)
    assert len(server.members) == 60
    assert loader("quick").run(PURCHASES).sent == 0


STEPS = [
    ("GET /v1/districts", 0),
    ("POST /v1/districts", 0),
    ("GET /v1/merchants", 0),
    ("POST /v1/merchants", 0),
    ("POST /v1/merchants", 17),
    ("POST /v1/stores", 3),
    ("POST /v1/api-keys", 5),
    ("PATCH /v1/programme", 0),
    ("POST /v1/campaigns", 0),
    ("POST /v1/campaigns", 7),
    ("POST /v1/members/batch", 0),
    ("POST /v1/members/batch", 1),
    ("POST /v1/test-clock", 0),
    ("POST /v1/test-clock", 3),
    ("POST /v1/settlement-terms", 0),
    ("POST /v1/settlement-periods/per_2/close", 0),
    ("POST /v1/transactions/batch", 0),
    ("POST /v1/transactions/batch", 2),
    ("POST /v1/refunds/batch", 0),
    ("POST /v1/tills", 1),
]


@pytest.mark.parametrize("late", [False, True], ids=["before", "after the commit"])
@pytest.mark.parametrize(("call", "after"), STEPS)
def test_a_crash_anywhere_is_continued(
    server: Any, loader: MakeLoader, tmp_path: Path, call: str, after: int, late: bool
) -> None:
    server.crash_after, server.late = {call: after}, late
    with pytest.raises(server.crash):
        loader().run(PURCHASES)
    assert not (tmp_path / "demo.json").exists()
    server.crash_after = {}
    loader(now=NOW + timedelta(hours=20)).run(PURCHASES)
    _assert_complete(server)
    assert len(json.loads((tmp_path / "demo.json").read_text())["districts"][0]["merchants"]) == len(MERCHANTS)


def test_sales_go_on_behind_those_known_recorded(
    server: Any, loader: MakeLoader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "BATCH_WORKERS", 1)  # more workers may send the third batch before the second
    server.crash_after = {"POST /v1/transactions/batch": 2}
    with pytest.raises(server.crash):
        loader().run(PURCHASES)
    state = recall(tmp_path / "demo-state.json")
    assert state is not None
    assert state.sales_sent == {"full": FIRST_MONTH}
    server.crash_after = {}
    assert loader().run(PURCHASES).sent == len(PURCHASES) - FIRST_MONTH
    assert server.replays == 0


def test_a_refused_sale_fails_and_is_sent_again(server: Any, loader: MakeLoader, tmp_path: Path) -> None:
    ordered = history.by_date(PURCHASES)
    plan = coupons.plan(ordered, history.day_shift(NOW.date()), complaints.WHOSE)
    bad = [one for one in ordered if not plan.waits_for_coupons(one)][32].reference
    server.refuse = {bad}
    with pytest.raises(LoadError, match=f"^1 sales were refused; .*\n  {bad}: 422 .*validation-failed"):
        loader().run(PURCHASES)
    assert not (tmp_path / "demo.json").exists()
    assert len(server.sales) == FIRST_MONTH - 1, "the others of its month, and none of a later one"
    server.refuse = set()
    assert loader().run(PURCHASES).sent == len(PURCHASES) - 32
    _assert_complete(server)


def test_many_refusals_stop_the_load_early(server: Any, loader: MakeLoader) -> None:
    server.refuse = {purchase.reference for purchase in PURCHASES}
    with pytest.raises(LoadError, match="at least 20 sales were refused") as raised:
        loader().run(PURCHASES)
    assert len(str(raised.value).splitlines()) == 6
    assert server.sales == {}


def test_a_district_without_its_state_is_left_alone(server: Any, loader: MakeLoader, tmp_path: Path) -> None:
    loader("quick").run(PURCHASES)
    for path in tmp_path.iterdir():
        path.unlink()
    there = server.districts
    server.wipe()
    server.districts = there  # of which a new district sees nothing but the slug
    loader("quick").run(PURCHASES)
    assert [row["slug"] for row in server.districts] == ["hubin", "hubin-2"]
    assert json.loads((tmp_path / "demo.json").read_text())["districts"][0]["slug"] == "hubin-2"


def test_a_state_whose_district_is_gone_starts_anew(server: Any, loader: MakeLoader, tmp_path: Path) -> None:
    loader().run(PURCHASES)
    server.wipe()
    later_on = NOW + timedelta(days=9)
    summary = loader(now=later_on).run(PURCHASES)
    assert summary.sent == len(PURCHASES)
    _assert_complete(server, now=later_on)
    later = history.occurred_at(PURCHASES[0], history.day_shift(later_on.date()))
    assert server.sales[PURCHASES[0].reference]["occurred_at"] == later.isoformat()


def test_a_key_that_is_past_having_means_another_slug(server: Any, loader: MakeLoader, tmp_path: Path) -> None:
    server.crash_after, server.late = {"POST /v1/districts": 0}, True
    with pytest.raises(server.crash):
        loader().run(PURCHASES)
    server.crash_after = {}
    loader(now=NOW + timedelta(hours=25)).run(PURCHASES)
    assert [row["slug"] for row in server.districts] == ["hubin", "hubin-2"]
    state = recall(tmp_path / "demo-state.json")
    assert state is not None
    assert (state.slug, state.alliance_key) == ("hubin-2", "sk_test_alliance_1")


def test_a_damaged_state_stops_it_at_the_start(server: Any, loader: MakeLoader, tmp_path: Path) -> None:
    (tmp_path / "demo-state.json").write_text("{}")
    with pytest.raises(StateError, match=r"demo-state\.json is not a state"):
        loader().run(PURCHASES)
    assert server.districts == []


def test_merchants_found_by_code_are_not_made_again(server: Any, loader: MakeLoader, tmp_path: Path) -> None:
    loader().run(PURCHASES)
    state = recall(tmp_path / "demo-state.json")
    assert state is not None
    state.merchants, state.stores, state.keys, state.finished = {}, {}, {}, []
    remember(tmp_path / "demo-state.json", state)
    loader().run(PURCHASES)
    _assert_complete(server)


def test_a_street_without_campaigns_goes_on_without(server: Any, loader: MakeLoader, tmp_path: Path) -> None:
    """A version before them has sent these sales, and they never change."""
    quick = history.first_customers(PURCHASES, 20)
    loader("quick").run(PURCHASES)
    state = recall(tmp_path / "demo-state.json")
    assert state is not None
    state.campaigns, state.coupons, state.handed = {}, {}, []
    remember(tmp_path / "demo-state.json", state)
    server.street = FakeCampaigns()
    for sale in server.sales.values():
        sale.pop("coupons", None)
        sale.pop("payment_reference", None)
    assert loader().run(PURCHASES).campaigns == 0
    assert server.replays == len(quick)
    assert server.street.by_name == {}
    assert not any("coupons" in sale for sale in server.sales.values())
    assert json.loads((tmp_path / "demo.json").read_text())["districts"][0]["campaigns"] == []


def test_front_waits_for_gaps() -> None:
    front = Front(["a", "b", "c", "d"])
    positions = []
    for reference in ("b", "a", "d", "c"):
        front.add(reference)
        positions.append(front.position)
    assert positions == [0, 2, 2, 4]


def test_free_slug() -> None:
    assert load.free_slug(set()) == "hubin"
    assert load.free_slug({"hubin"}) == "hubin-2"
    assert load.free_slug({"hubin", "hubin-2", "hubin-4"}) == "hubin-3"
