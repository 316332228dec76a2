"""Two districts side by side, each with one of everything that has an id: for showing that neither reaches the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.coupons.bulk.tasks import make_codes
from app.districts.rules import MERCHANT_SCOPES
from app.exports.tasks import make_export
from app.foundation.http.routing import ANYONE, OPERATOR, SHOPPER, STAFF, TILL, RouteSpec
from app.imports.tasks import work_on
from tests.factories.api import Api
from tests.factories.cases import complain
from tests.factories.clock import ago, ahead
from tests.factories.coupons import claim, issue, new_campaign, order_codes, redeem
from tests.factories.districts import District, new_district, new_phone
from tests.factories.passkeys import add_passkey
from tests.factories.payments import draft as draft_payment
from tests.factories.payments import receive, slip
from tests.factories.points import adjust, base_rule, draft
from tests.factories.refunds import give_back
from tests.factories.settlement import settle_by_hand
from tests.factories.settlement_accounts import BANK, another_key, change_account, deposit, leave
from tests.factories.shoppers import signed_in
from tests.factories.specs import FAR, FILE, SPECS
from tests.factories.staff import Person, hire, invite
from tests.factories.staffed_tills import PairedTill, open_till
from tests.factories.tiers import new_tier

SHOP_SCOPES = sorted(
    {
        *MERCHANT_SCOPES,
        "campaigns:read",
        "campaigns:write",
        "coupons:issue",
        "merchants:read",
        "programme:read",
        "tills:write",
        "transactions:backdate",
        "webhooks:write",
    }
)
"""All that a shop's key may hold and that routes ask for."""


PLAN = {"name": "Street", "base_amount": 29900, "sale_amount": "0.5", "trial_days": 30}


@dataclass(frozen=True, slots=True)
class World:
    """A district, and the ids in it by prefix: the first shop's, and the second's of what belongs to a shop.

    `merchant_key` is the first shop's and may all that a shop can; `token` is the first member's; `till` stands
    in the first shop, and is open. `admin` works for the whole district, `manager` for the first shop.
    """

    district: District
    ids: dict[str, str]
    other_shops: dict[str, str]
    merchant_key: str
    store_key: str
    token: str
    till: PairedTill
    admin: Person
    manager: Person

    def key_of(self, spec: RouteSpec) -> str:
        """The key or token of one who may call a route."""
        special = {
            OPERATOR: self.district.api.operator_key,
            SHOPPER: self.token,
            STAFF: self.admin.token,
            TILL: self.till.token,
        }
        return special.get(spec.scope, self.district.key)

    def shop_keys_of(self, spec: RouteSpec) -> tuple[str, ...]:
        """The keys of the first shop that may call a route; who works there, only its manager may manage."""
        if spec.scope not in ("staff:read", "staff:write"):
            return self.merchant_key, self.store_key
        self.manager.step_up()
        return (self.manager.token,)

    def scoped_key(self, *scopes: str) -> str:
        """A new key of the district with these scopes alone."""
        body = {"name": "narrow", "scopes": list(scopes)}
        return str(self.district.api.post("/v1/api-keys", body, self.district.key).ok(201)["secret"])


def new_world(api: Api, **more: Any) -> World:
    """A district with one of everything."""
    district = new_district(api, **more)
    shop, other = district.shop, district.other_shop
    members = [district.member(key=one.key, store_id=one.store_id) for one in (shop, other)]
    sales = [
        district.report(store_id=one.store_id, member_id=member).ok(201)["id"]
        for one, member in zip((shop, other), members, strict=True)
    ]
    adjust(district, members[0], 7)
    survivor = district.member()
    api.delete(f"/v1/members/{district.member()}", district.key).ok(200)
    unclaimed = district.report(phone=new_phone()).ok(201)["id"]
    api.patch("/v1/programme", {"merchant_campaigns": True}, district.key).ok(200)
    keys = [district.merchant_key(one, scopes=SHOP_SCOPES) for one in (shop, other)]
    old = api.post("/v1/api-keys", {"name": "old", "merchant_id": shop.merchant_id}, district.key).ok(201)
    rules = draft(district, base_rule()).ok(201)["id"]
    replay = api.post(f"/v1/rule-sets/{rules}/replay", {"from": ago(days=1), "to": ahead(days=1)}, district.key).ok(202)
    tier = new_tier(district, rank=1, threshold=1)
    ways = ["claim", "code_batch", "targeted", "automatic"]
    automatic = {"issuing": ways, "trigger": {"on": "tier_reached", "tier_ids": [tier]}}
    campaigns = [new_campaign(district, key=key, **automatic)["id"] for key in keys]
    coupons = [claim(district, *pair).ok(201) for pair in zip(campaigns, members, strict=True)]
    batches = [order_codes(district, campaign, 1).ok(202)["id"] for campaign in campaigns]
    used = [claim(district, *pair).ok(201)["code"] for pair in zip(campaigns, members, strict=True)]
    redeemed = [
        redeem(district, code, store_id=one.store_id).ok(201)["id"]
        for one, code in zip((shop, other), used, strict=True)
    ]
    issues = [issue(district, *pair).ok(202)["id"] for pair in zip(campaigns, members, strict=True)]
    at_tills = [open_till(district, one.store_id) for one in (shop, other)]
    ids = {
        "dis": district.id,
        "slug": district.slug,
        "mer": shop.merchant_id,
        "str": shop.store_id,
        "key": old["id"],
        "mem": members[0],
        "into": survivor,
        "txn": unclaimed,
        "rfd": give_back(district, unclaimed, 100)["id"],
        "tir": tier,
        "rls": rules,
        "rpl": replay["id"],
        "cam": campaigns[0],
        "cbt": batches[0],
        "iss": issues[0],
        "cpn": coupons[0]["id"],
        "code": coupons[0]["code"],
        "red": redeemed[0],
        "til": at_tills[0].id,
        "csh": at_tills[0].cashier_id,
        **_webhook(api, keys[0]),
        "imp": _import(api, keys[0]),
        "exp": _export(api, district.key),
        "aud": api.get("/v1/audit-entries?limit=1", district.key).ok(200)["data"][0]["id"],
    }
    others = {
        "mer": other.merchant_id,
        "str": other.store_id,
        "mem": members[1],
        "txn": sales[1],
        "rfd": give_back(district, sales[1], 100)["id"],
        "cam": campaigns[1],
        "cbt": batches[1],
        "iss": issues[1],
        "cpn": coupons[1]["id"],
        "code": coupons[1]["code"],
        "red": redeemed[1],
        "til": at_tills[1].id,
        "csh": at_tills[1].cashier_id,
        "imp": _import(api, keys[1]),
        "exp": _export(api, keys[1]),
        **_webhook(api, keys[1]),
    }
    assert api.app is not None, "a world is made inside this process"
    with api.app.app_context():
        for batch in batches:
            make_codes(district.id, batch)
        for one in (ids, others):
            work_on(district.id, one["imp"])
            make_export(district.id, one["exp"])
        token = signed_in(district.id, members[0]).access_token
        ids["cas"] = complain(district, members[0], sales[0], token).ok(201)["id"]
        ids["per"], ids["stm"], others["stm"] = settle_by_hand(district)
        receive(district, slip(100)).ok(201)
        ids["pay"] = draft_payment(district, shop, 100)
        api.post("/v1/bank-statements", "日期,金额\r\n20260415,1.00\r\n".encode(), district.key).ok(200)
        ids["bat"] = _batch(district, ids["per"], others["stm"])
        for one, key in ((ids, keys[0]), (others, keys[1])):
            body = {"lines": [{"amount": 100}], "reason": "missing"}
            one["dsp"] = api.post(f"/v1/statements/{one['stm']}/dispute", body, key).ok(201)["id"]
            one["cor"] = api.get("/v1/corrections", key).ok(200)["data"][0]["id"]
        ids["trm"] = api.get("/v1/settlement-terms", district.key).ok(200)["data"][0]["id"]
        ids["pln"] = api.post("/v1/plans", PLAN, api.operator_key).ok(201)["id"]
        ids["jou"] = f"jou{sales[0][3:]}"
        leave(district, shop, FAR, FAR).ok(201)
        ids["dep"] = deposit(district, shop, 500).ok(201)["id"]
        change_account(district, shop, key=another_key(district), bank_details=BANK).ok(200)
        others["cas"] = complain(district, members[1], sales[1]).ok(201)["id"]
    api.get("/v1/me/code-key", token).ok(200)  # made when it is first asked for
    [session] = api.get("/v1/me/sessions", token).ok(200)["data"]
    ids["ses"] = session["id"]
    own = {"controller": shop.merchant_id, "purpose": "membership", "version": "2026-01"}
    api.post(f"/v1/members/{members[0]}/consents", own, token).ok(201)  # so that the shop may read it
    admin, manager = hire(district), hire(district, "merchant_manager")
    hire(district)  # so that the first may go
    add_passkey(admin)
    [passkey] = admin.call("GET", "/v1/staff/me/passkeys").ok(200)["data"]
    [staff_session, *_] = admin.call("GET", "/v1/staff/sessions").ok(200)["data"]
    own_shop, other_shop = {"merchant_id": shop.merchant_id}, {"merchant_id": other.merchant_id}
    ids |= {
        "acc": hire(district, "cashier", strong=False).account_id,
        "sts": staff_session["id"],
        "inv": invite(district, "merchant_manager", **own_shop).ok(201)["id"],
        "pky": passkey["id"],
    }
    others |= {
        "acc": hire(district, "merchant_manager", strong=False, **other_shop).account_id,
        "inv": invite(district, "merchant_manager", **other_shop).ok(201)["id"],
    }
    store_key = district.store_key(shop, scopes=SHOP_SCOPES)
    return World(district, ids, others, keys[0], store_key, token, at_tills[0], admin, manager)


def _batch(district: District, period_id: str, statement_id: str) -> str:
    """What the second shop is asked for, as a bank's file."""
    change_account(district, district.other_shop, bank_details=BANK).ok(200)
    draft_payment(district, district.other_shop, 100, statement_id=statement_id)
    body = {"period_id": period_id, "direction": "in", "profile": "ccb"}
    return str(district.api.post("/v1/payment-batches", body, district.key).ok(201)["id"])


def _import(api: Api, key: str) -> str:
    """A table that a shop has sent."""
    query = '?kind=sales&start=false&settings={"now":true}'
    return str(api.post(f"/v1/imports{query}", FILE, key).ok(202)["id"])


def _export(api: Api, key: str) -> str:
    """A list that was asked for as a file."""
    return str(api.post("/v1/exports", {"list": "stores"}, key).ok(202)["id"])


def _webhook(api: Api, key: str) -> dict[str, str]:
    """A shop's endpoint, an event that it was told of, and the delivery."""
    endpoint = api.post("/v1/webhook-endpoints", {"url": "https://example.com/hook"}, key).ok(201)["id"]
    span = {"from": ago(hours=1), "to": ahead(hours=1)}
    api.post(f"/v1/webhook-endpoints/{endpoint}/replay", span, key).ok(202)
    [delivery, *_] = api.get(f"/v1/webhook-endpoints/{endpoint}/deliveries", key).ok(200)["data"]
    return {"whe": endpoint, "whd": delivery["id"], "evt": delivery["event_id"]}


def specs(*, operator: bool | None = None, alliance_only: bool | None = None) -> Iterator[RouteSpec]:
    """The routes that keys may call, of these kinds."""
    for spec in SPECS:
        if spec.scope in (SHOPPER, STAFF, TILL, ANYONE):
            continue
        if operator in (None, spec.scope == OPERATOR) and alliance_only in (None, spec.alliance_only):
            yield spec
