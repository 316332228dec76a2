"""Codes for bearers: ordered at once, made in the queue, given out once."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import openpyxl
import psycopg
import pytest

from app.coupons.bill import codes as bill_codes
from app.coupons.bulk import making
from app.coupons.bulk.tasks import ask_in_district, make_codes
from app.coupons.issuing import code_index
from tests.factories.books import broken
from tests.factories.clock import ago, ahead
from tests.factories.coupons import (
    act,
    bearer_codes,
    campaign_of,
    change,
    claim,
    download,
    draft_campaign,
    new_campaign,
    order_codes,
)
from tests.factories.districts import District

pytestmark = pytest.mark.usefixtures("context")
BEARERS: dict[str, Any] = {"issuing": ["claim", "code_batch"]}


def batch_of(district: District, batch_id: str, *, key: str | None = None) -> Any:
    return district.api.get(f"/v1/code-batches/{batch_id}", key or district.key).ok(200)


def told(district: District, kind: str) -> list[Any]:
    events = district.api.get("/v1/events?limit=100", district.key).ok(200)["data"]
    return [one["data"] for one in events if one["type"] == kind]


def test_a_batch_is_ordered_made_and_downloaded(district: District) -> None:
    campaign = new_campaign(district, **BEARERS, stock=3_000, budget=5_000_000)
    batch = order_codes(district, campaign["id"], 2_500, name="国庆传单").ok(202)
    assert batch["id"].startswith("cbt_")
    assert (batch["status"], batch["issued"], batch["left_out"], batch["quantity"]) == ("queued", 0, 0, 2_500)
    counts = campaign_of(district, campaign["id"])["counts"]
    assert (counts["issued"], counts["left"], counts["budget_left"]) == (2_500, 500, 2_500_000), "taken at once"
    assert broken(district.id) == {}
    make_codes(district.id, batch["id"])
    made = batch_of(district, batch["id"])
    assert (made["status"], made["issued"], made["downloads"]) == ("done", 2_500, [])
    assert told(district, "code_batch.made") == [{"code_batch_id": batch["id"], "quantity": 2_500}]
    assert told(district, "coupon.issued") == []
    reply = download(district, batch["id"])
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Type"].startswith("text/csv")
    [heading, *codes] = reply.ok(200).split("\r\n")[:-1]
    assert (heading, len(set(codes))) == ("code", 2_500)
    coupon = district.api.get(f"/v1/coupons/{codes[7]}", district.key).ok(200)
    assert (coupon["member_id"], coupon["status"], coupon["campaign_id"]) == (None, "issued", campaign["id"])
    assert campaign_of(district, campaign["id"])["counts"] == counts
    assert broken(district.id) == {}


def test_a_batch_is_stopped_and_what_isn_t_made_returns_to_the_campaign(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "COUPONS_A_SET", 4)
    campaign = new_campaign(district, **BEARERS, stock=12, budget=20_000)
    batch_id = order_codes(district, campaign["id"], 10).ok(202)["id"]
    assert making._make_some(district.id, batch_id)
    path = f"/v1/code-batches/{batch_id}/cancel"
    assert district.api.post(path, {}, district.other_shop.key).status in (403, 404)
    assert batch_of(district, batch_id)["status"] == "running"
    stopped = district.api.post(path, {}, district.key).ok(200)
    assert (stopped["status"], stopped["issued"], stopped["left_out"]) == ("done", 4, 6)
    assert broken(district.id) == {}
    counts = campaign_of(district, campaign["id"])["counts"]
    assert (counts["issued"], counts["left"], counts["budget_left"]) == (4, 8, 16_000)
    make_codes(district.id, batch_id)
    assert district.api.post(path, {}, district.key).ok(200) == stopped
    assert told(district, "code_batch.made") == [{"code_batch_id": batch_id, "quantity": 4}]
    assert len(download(district, batch_id).ok(200).split("\r\n")[:-1]) == 1 + 4
    assert order_codes(district, campaign["id"], 9).code == "campaign-sold-out"
    order_codes(district, campaign["id"], 8).ok(202)
    assert broken(district.id) == {}


def test_codes_are_given_out_once_and_again_for_a_reason(district: District) -> None:
    campaign = new_campaign(district, **BEARERS)
    batch = order_codes(district, campaign["id"], 10).ok(202)
    refused = download(district, batch["id"])
    assert (refused.status, refused.code) == (409, "code-batch-not-made")
    make_codes(district.id, batch["id"])
    head = district.api.call("HEAD", f"/v1/code-batches/{batch['id']}/download", key=district.key)
    assert (head.status, batch_of(district, batch["id"])["downloads"]) == (200, []), "who asks for heads gets no codes"
    first = download(district, batch["id"]).ok(200)
    refused = download(district, batch["id"], format="xlsx")
    assert (refused.status, refused.code) == (409, "code-batch-downloaded")
    sheet = download(district, batch["id"], format="xlsx", reason="打印机卡纸").ok(200)
    book = openpyxl.load_workbook(io.BytesIO(sheet.encode("latin-1")))
    cells = [cell for [cell] in book.active.iter_rows()]
    assert [cell.value for cell in cells] == first.split()
    assert {cell.data_type for cell in cells} == {"s"}, "texts, none a formula"
    downloads = batch_of(district, batch["id"])["downloads"]
    assert [one["reason"] for one in downloads] == [None, "打印机卡纸"]
    entries = district.api.get("/v1/audit-entries?action=code_batch.downloaded", district.key).ok(200)["data"]
    assert [one["subject"]["id"] for one in entries] == [batch["id"]] * 2


@pytest.mark.parametrize("terms", [{"stock": 100}, {"budget": 100_999}])
def test_all_or_nothing(district: District, terms: dict[str, Any]) -> None:
    campaign = new_campaign(district, **BEARERS, **terms)
    claim(district, campaign["id"], district.member()).ok(201)
    refused = order_codes(district, campaign["id"], 100)
    assert (refused.status, refused.code) == (409, "campaign-sold-out")
    assert campaign_of(district, campaign["id"])["counts"]["issued"] == 1
    assert told(district, "code_batch.made") == []
    order_codes(district, campaign["id"], 99).ok(202)
    assert claim(district, campaign["id"], district.member()).code == "campaign-sold-out"


def test_limits_of_claims_are_not_those_of_batches(district: District) -> None:
    """The stock a day, the window and the audience are for claims; what a batch takes leaves the day's stock as it was."""
    window = {"from": ago(days=2), "to": ago(days=1)}
    campaign = new_campaign(
        district, **BEARERS, per_day_stock=2, claim_window={"from": window["from"], "to": ahead(days=1)}
    )
    order_codes(district, campaign["id"], 50).ok(202)
    for _ in range(2):
        claim(district, campaign["id"], district.member()).ok(201)
    assert claim(district, campaign["id"], district.member()).code == "campaign-sold-out"
    later = new_campaign(district, **BEARERS, claim_window={"from": ahead(days=1), "to": ahead(days=2)})
    order_codes(district, later["id"], 5).ok(202)


def test_a_budget_that_is_short_counts_expired_coupons_as_returned(
    district: District, superuser: psycopg.Connection
) -> None:
    campaign = new_campaign(district, **BEARERS, budget=1_200_000)
    bearer_codes(district, campaign["id"], 1_200)
    assert order_codes(district, campaign["id"], 1).code == "campaign-sold-out"
    superuser.execute(
        "UPDATE coupons SET expires_at = now() - interval '1 minute' WHERE campaign_id = %s", (campaign["id"][4:],)
    )
    order_codes(district, campaign["id"], 1_100).ok(202)
    counts = campaign_of(district, campaign["id"])["counts"]
    assert (counts["issued"], counts["budget_left"]) == (2_300, 100_000)
    assert broken(district.id) == {}


@pytest.mark.parametrize(
    ("terms", "verb", "code"),
    [
        ({"issuing": ["claim"]}, None, "not-claimable"),
        (BEARERS, "pause", "campaign-not-running"),
        (BEARERS, "end", "campaign-not-running"),
    ],
)
def test_where_no_codes_are_given(district: District, terms: dict[str, Any], verb: str | None, code: str) -> None:
    campaign = new_campaign(district, **terms)
    if verb is not None:
        act(district, campaign["id"], verb).ok(200)
    assert order_codes(district, campaign["id"], 5).code == code
    assert campaign_of(district, campaign["id"])["counts"]["issued"] == 0
    draft = draft_campaign(district, **BEARERS).ok(201)
    assert order_codes(district, draft["id"], 5).code == "campaign-not-running"


def test_an_order_that_is_repeated_is_one_order(district: District) -> None:
    campaign = new_campaign(district, **BEARERS)
    path, body = f"/v1/campaigns/{campaign['id']}/codes", {"quantity": 5, "name": "传单"}
    first = district.api.post(path, body, district.key, "once").ok(202)
    make_codes(district.id, first["id"])
    again = district.api.post(path, body, district.key, "once").ok(202)
    assert (again["id"], again["status"]) == (first["id"], "done")
    assert campaign_of(district, campaign["id"])["counts"]["issued"] == 5


def test_a_job_that_dies_is_taken_up_exactly_where_it_was(
    district: District, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = new_campaign(district, **BEARERS)
    batch = order_codes(district, campaign["id"], 25).ok(202)
    monkeypatch.setattr(making, "COUPONS_A_SET", 10)
    assert making._make_some(district.id, batch["id"])
    assert (batch_of(district, batch["id"])["status"], batch_of(district, batch["id"])["issued"]) == ("running", 10)
    assert broken(district.id) == {}
    assert ask_in_district(district.id) == 0, "its job has told of itself a moment ago"
    superuser.execute("UPDATE code_batches SET alive_at = alive_at - interval '1 hour'")
    assert ask_in_district(district.id) == 1
    make_codes(district.id, batch["id"])
    make_codes(district.id, batch["id"])
    assert batch_of(district, batch["id"])["issued"] == 25
    assert len(download(district, batch["id"]).ok(200).split()) == 26
    assert len(told(district, "code_batch.made")) == 1


def test_a_code_that_is_taken_asks_for_another_id(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = new_campaign(district, **BEARERS)
    [taken] = bearer_codes(district, campaign["id"], 1)
    real, first = bill_codes.code_of, [bill_codes.read_code(taken)]
    monkeypatch.setattr(bill_codes, "code_of", lambda one, secret: first.pop() if first else real(one, secret))
    batch = order_codes(district, campaign["id"], 5).ok(202)
    make_codes(district.id, batch["id"])
    assert not first, "the first of them had a code that was taken"
    assert batch_of(district, batch["id"])["status"] == "done"
    assert len({taken, *download(district, batch["id"]).ok(200).split()[1:]}) == 6


def test_a_batch_that_fails_says_so_and_is_tried_again(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = new_campaign(district, **BEARERS)
    batch = order_codes(district, campaign["id"], 5).ok(202)

    def broken(*_: object) -> None:
        raise RuntimeError("no keys today")

    with monkeypatch.context() as breaking, pytest.raises(RuntimeError):
        breaking.setattr(code_index, "make", broken)
        make_codes(district.id, batch["id"])
    assert (batch_of(district, batch["id"])["status"], batch_of(district, batch["id"])["issued"]) == ("failed", 0)
    assert ask_in_district(district.id) == 1
    make_codes(district.id, batch["id"])
    assert batch_of(district, batch["id"])["status"] == "done"


def test_coupons_end_by_the_order_and_a_later_end_reaches_those_not_yet_made(district: District) -> None:
    campaign = new_campaign(district, **BEARERS, validity={"from": ago(days=1), "to": ahead(days=10)})
    batch = order_codes(district, campaign["id"], 3).ok(202)
    end = ahead(days=20)
    change(district, campaign["id"], validity={"from": campaign["validity"]["from"], "to": end}).ok(200)
    make_codes(district.id, batch["id"])
    [_, code, *_] = download(district, batch["id"]).ok(200).split()
    coupon = district.api.get(f"/v1/coupons/{code}", district.key).ok(200)
    assert coupon["issued_at"] == batch["created_at"]
    assert coupon["expires_at"][:19] == end[:19]


def test_a_merchant_orders_codes_of_its_own_campaigns_only(district: District) -> None:
    district.api.patch("/v1/programme", {"merchant_campaigns": True}, district.key).ok(200)
    own, other = (district.merchant_key(one, scopes=SCOPES) for one in (district.shop, district.other_shop))
    campaign, alliances = new_campaign(district, key=own, **BEARERS), new_campaign(district, **BEARERS)
    batch = order_codes(district, campaign["id"], 5, key=own).ok(202)
    make_codes(district.id, batch["id"])
    assert order_codes(district, alliances["id"], 5, key=own).status == 403
    assert order_codes(district, campaign["id"], 5, key=other).status == 404
    assert download(district, batch["id"], key=other).status == 404
    assert district.api.get(f"/v1/code-batches/{batch['id']}", other).status == 404
    assert batch_of(district, batch["id"], key=own)["issued"] == 5
    assert campaign_of(district, alliances["id"])["counts"]["issued"] == 0
    assert len(download(district, batch["id"], key=own).ok(200).split()) == 6


SCOPES = ["campaigns:write", "campaigns:read", "coupons:issue", "coupons:read"]


def test_a_quantity_is_bounded(district: District) -> None:
    campaign = new_campaign(district, **BEARERS)
    for quantity in (0, -1, 100_001):
        assert order_codes(district, campaign["id"], quantity).pointers == {"/quantity"}
    assert order_codes(district, campaign["id"], 5, name="").pointers == {"/name"}


def test_codes_of_a_batch_come_in_order_over_pages(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.coupons.bulk.queries.CODES_A_PAGE", 3)
    codes = bearer_codes(district, new_campaign(district, **BEARERS)["id"], 10)
    assert len(set(codes)) == 10
    assert all(one != other for one, other in pairwise(codes))
