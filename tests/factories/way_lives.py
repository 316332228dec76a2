"""The same lives with every way of issuing: codes for bearers, coupons for points and for those who are named, audiences,
government vouchers that are screened and reviewed, sales of before and sales that come twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from app.coupons.bulk.tasks import make_codes
from app.coupons.giving.tasks import run_issue
from app.foundation.clock import format_instant
from tests.factories.any_campaigns import soon
from tests.factories.api import Reply
from tests.factories.clock import SetClock
from tests.factories.coupons import bind, download, issue, order_codes, redemptions_of
from tests.factories.points import adjust
from tests.factories.reckoning.campaigns import Campaign, Coupon, Redemption
from tests.factories.reckoning.tills import Basket, Judged, Sold
from tests.factories.sandboxes import advance
from tests.factories.till_lives import TillLife, told_codes

WAYS = (
    ["claim"],
    ["claim", "code_batch"],
    ["claim", "targeted", "code_batch"],
    ["points"],
    ["points", "code_batch", "targeted"],
    ["code_batch", "targeted"],
)
TAGS = ("vip", "staff")
PRICES = (1, 40, 128)


class WayLife(TillLife):
    """Members have points to begin with, and some of them tags."""

    def __init__(self, app: Flask, clock: SetClock, operator_key: str, seed: object) -> None:
        self.tags: list[list[str]] = []
        self.since: list[datetime] = []
        self.payments = 0
        super().__init__(app, clock, operator_key, seed)

    def weights(self) -> dict[str, int]:
        return {
            **super().weights(),
            "make_codes": 4,
            "claim": 40,
            "bind": 10,
            "issue": 5,
            "report_another_way": 4,
            "sell_without_evidence": 3,
            "review": 5,
        }

    def new_member(self) -> str:
        tags = [one for one in TAGS if self.chance.random() < 0.3]
        self.tags.append(tags)
        self.since.append(self.now)
        member = self.district.member(tags=tags)
        if self.chance.random() < 0.7:
            adjust(self.district, member, self.chance.choice((1, 100, 500)))
        return member

    def become_one(self, old: int, survivor: int) -> None:
        """The survivor has the tags of both, and what the other redeemed it has redeemed."""
        self.tags[survivor] = [*self.tags[survivor], *self.tags[old]]
        for one in self.vouchers():
            one.holder = survivor if one.holder == old else one.holder

    # Campaigns, and who may claim of them.

    def any_terms(self) -> dict[str, Any]:
        terms = {**super().any_terms(), "issuing": self.chance.choice(WAYS)}
        if "points" in terms["issuing"]:
            district = self.chance.choice((1, 50, 100))
            funding = {"district": district, "merchant": 100 - district, "government": 0}
            terms |= {"points_price": self.chance.choice(PRICES), "funding": funding}
        elif self.chance.random() < 0.4:
            government = self.chance.choice((1, 50, 100))
            terms["funding"] = {"district": 0, "merchant": 100 - government, "government": government}
            terms["screening"] = {"per_member_per_day": self.chance.choice((1, 2, 3))}
        if self.chance.random() < 0.3:
            terms["audience"] = self.any_audience()
        return terms

    def any_audience(self) -> dict[str, Any]:
        return self.chance.choice(
            (
                {"tags": ["vip"]},
                {"first_purchase_only": True},
                {"member_since_before": soon(self.chance, self.now, -2, 4)},
            )
        )

    def against_claim(self, campaign: Campaign, member: int) -> set[str]:
        codes, wanted = super().against_claim(campaign, member), campaign.terms["audience"]
        bought = any(sold.member == member for sold in self.tills.sales)
        before = wanted["member_since_before"]
        if (
            (wanted["tags"] and not set(wanted["tags"]) & set(self.tags[member]))
            or (wanted["first_purchase_only"] and bought)
            or (before is not None and self.since[member] >= datetime.fromisoformat(before))
        ):
            codes.add("not-in-audience")
        if self.net_points(member) < (campaign.terms["points_price"] or 0):
            codes.add("not-enough-points")
        return codes

    def net_points(self, member: int) -> int:
        told = self.district.balance(self.members[member])
        return int(told["available"] - told["owed"])

    def claim_of(self, campaign: Campaign, member: int) -> Coupon | None:
        before = self.net_points(member)
        made = super().claim_of(campaign, member)
        price = campaign.terms["points_price"] or 0
        assert before - self.net_points(member) == (0 if made is None else price), "a claim costs its price"
        return made

    def void_one(self, coupon: Coupon) -> None:
        """What it cost comes back."""
        owner = coupon.member if coupon.member in self.present else None
        before = None if owner is None else self.net_points(owner)
        is_costly = coupon.way == "points" and coupon.status(self.now) in ("issued", "reserved")
        super().void_one(coupon)
        if owner is not None and before is not None:
            price = coupon.campaign.terms["points_price"] if is_costly else 0
            assert self.net_points(owner) - before == price, "what it cost comes back"

    # Codes for bearers.

    def why_no_issue(self, campaign: Campaign, way: str) -> set[str]:
        codes = set() if way in campaign.terms["issuing"] else {"not-claimable"}
        end = campaign.terms["validity"].get("to")
        is_over = end is not None and datetime.fromisoformat(end) <= self.now
        if is_over or campaign.status(self.now) not in ("scheduled", "running"):
            codes.add("campaign-not-running")
        return codes

    def make_codes(self) -> None:
        campaign, quantity = self.any_campaign(), self.chance.randint(1, 4)
        codes = self.why_no_issue(campaign, "code_batch")
        if not campaign.has_left(quantity, self.now):
            codes.add("campaign-sold-out")
        reply = order_codes(self.district, campaign.id, quantity)
        if codes:
            assert (reply.status, reply.code in codes) == (409, True), (reply.body, codes)
            return
        batch = reply.ok(202)["id"]
        with self.app.app_context():
            make_codes(self.district.id, batch)
        [_, *made] = download(self.district, batch).ok(200).split()
        assert len(made) == quantity
        for code in made:
            told = self.district.api.get(f"/v1/coupons/{code}", self.district.key).ok(200)
            coupon = campaign.issue(told["id"], None, self.now, self.zone, way="code_batch")
            coupon.code = code
            self.compare_coupon(told, coupon)

    def bearers(self) -> list[Coupon]:
        return [one for one in self.tills.coupons if one.way == "code_batch"]

    def bind(self) -> None:
        bearers = self.bearers()
        if not bearers:
            return
        coupon, member = self.chance.choice(bearers[-6:]), self.any_member()
        status, codes = coupon.status(self.now), set()
        if coupon.member != member:
            codes |= {status} - {"issued"}
            codes |= {"coupon-of-another-member"} if coupon.member is not None else set()
            codes |= {"member-frozen"} if member in self.tills.frozen else set()
            if coupon.campaign.is_limit_reached(member, self.now, self.zone):
                codes.add("claim-limit-reached")
        reply = bind(self.district, self.members[member], self.typed(coupon))
        if codes:
            assert reply.status in (409, 422) and told_codes(reply) & codes, (reply.body, codes)
            return
        if coupon.member != member:
            coupon.member, coupon.bound_on = member, self.now.astimezone(self.zone).date()
        self.compare_coupon(reply.ok(200), coupon)

    # Coupons for members who are named.

    def issue(self) -> None:
        campaign = self.any_campaign()
        named = self.chance.sample(self.present, self.chance.randint(1, len(self.present)))
        codes = self.why_no_issue(campaign, "targeted")
        reply = issue(self.district, campaign.id, *(self.members[one] for one in named))
        if codes:
            assert (reply.status, reply.code in codes) == (409, True), (reply.body, codes)
            return
        issue_id = reply.ok(202)["id"]
        with self.app.app_context():
            run_issue(self.district.id, issue_id)
        given = [self.given(campaign, one) for one in sorted(named, key=lambda one: self.members[one])]
        told = self.district.api.get(f"/v1/issues/{issue_id}", self.district.key).ok(200)
        self.agree(told, {"status": "done", "issued": given.count(True), "left_out": given.count(False)})

    def given(self, campaign: Campaign, member: int) -> bool:
        """Whether a member who is named gets one, which is looked up then."""
        is_sated = campaign.is_limit_reached(member, self.now, self.zone)
        if member in self.tills.frozen or is_sated or not campaign.has_left(1, self.now):
            return False
        path = f"/v1/members/{self.members[member]}/coupons?limit=100"
        known = {one.id for one in self.tills.coupons}
        [new] = [
            one for one in self.district.api.get(path, self.district.key).ok(200)["data"] if one["id"] not in known
        ]
        coupon = campaign.issue(new["id"], member, self.now, self.zone, way="targeted")
        coupon.code = new["code"]
        self.compare_coupon(new, coupon)
        return True

    # Bills: paid by numbers of payments, sometimes told late, sometimes with bearers' coupons.

    def basket(self, member: int | None, reference: str = "") -> Basket:
        self.payments += 1
        made = replace(super().basket(member, reference), payment=f"P{self.payments}")
        if self.chance.random() < 0.2:
            ago = timedelta(minutes=self.chance.choice((5, 600, 3 * 24 * 60, 20 * 24 * 60)))
            made = replace(made, occurred_at=format_instant(self.now - ago))
        return made

    def body(self, basket: Basket, coupons: list[Coupon]) -> dict[str, Any]:
        told = {"payment_reference": basket.payment, "occurred_at": basket.occurred_at}
        return {**super().body(basket, coupons), **{name: one for name, one in told.items() if one is not None}}

    def some_bill(self, most: int = 3) -> tuple[Basket, list[Coupon]]:
        basket, coupons = super().some_bill(most)
        able = [one for one in self.bearers() if one not in coupons and self.is_able(basket, one)]
        if able and self.chance.random() < 0.7:
            coupons = [*coupons[: most - 1], self.chance.choice(able)]
        return basket, coupons

    def sell_without_evidence(self) -> None:
        """A government voucher needs the number of a payment; a quote doesn't."""
        basket, coupons = self.some_bill()
        basket = replace(basket, payment=None)
        judged = self.tills.judge(basket, coupons, self.now)
        if not any(map(is_government, coupons)) or any(judged.against.values()):
            return
        self.post("/v1/transactions/quote", self.body(basket, coupons)).ok(200)
        reply = self.post("/v1/transactions", self.body(basket, coupons))
        assert (reply.status, reply.code) == (422, "payment-evidence-missing"), reply.body

    def redeem_on(self, basket: Basket, coupon: Coupon) -> None:
        if not is_government(coupon):
            super().redeem_on(basket, coupon)
            return
        against = {*self.tills.judge(basket, [coupon], self.now).against[coupon.id], "payment-evidence-missing"}
        reply = self.act_on(coupon, "redeem", {**self.bill_body(basket), "reference": basket.reference})
        assert reply.status in (409, 422) and told_codes(reply) & against, (reply.body, against)

    def report_another_way(self) -> None:
        """The same payment comes by another channel, under a reference of its own: the sale counts once."""
        sales = [one for one in self.tills.sales[-6:] if one.basket.payment is not None]
        sales = [one for one in sales if one.member is None or one.member in self.present]
        if not sales:
            return
        sold = self.chance.choice(sales)
        basket = replace(sold.basket, reference=self.reference(), points=0)
        codes = self.chance.choice(([], sold.coupons))
        reply = self.post("/v1/transactions", self.body(basket, codes))
        assert (reply.status, reply.body.get("id")) == (200, sold.id), reply.body
        unused = [one for one in self.unused() if one not in sold.coupons]
        for wrong, more in ((replace(basket, amount=basket.amount + 1), []), (basket, unused)):
            if more or wrong != basket:
                reply = self.post("/v1/transactions", self.body(wrong, more))
                assert (reply.status, reply.code) == (409, "payment-reference-conflict"), reply.body
                assert reply.body["transaction_id"] == sold.id, reply.body

    def unused(self) -> list[Coupon]:
        """A coupon that somebody could use, if there is one."""
        return [one for one in self.tills.coupons if one.code and one.status(self.now) == "issued"][:1]

    # Vouchers after their sale.

    def expect_sale(self, basket: Basket, coupons: list[Coupon]) -> tuple[Basket, Sold | Judged]:
        basket, expected = super().expect_sale(basket, coupons)
        if isinstance(expected, Sold):
            for one in sorted(expected.redemptions, key=lambda used: used.coupon.ticket().place):
                if not one.is_own and is_government(one.coupon):
                    self.screen(one, expected)
        return basket, expected

    def screen(self, one: Redemption, sold: Sold) -> None:
        one.holder = sold.member if one.coupon.member is None else one.coupon.member
        one.redeemed_at = self.now
        today = self.now.astimezone(self.zone).date()
        every = [used for coupon in one.coupon.campaign.coupons for used in coupon.redemptions]
        same = [
            used
            for used in every
            if used.redeemed_at is not None
            and used.holder == one.holder
            and used.redeemed_at.astimezone(self.zone).date() == today
        ]
        most = one.coupon.campaign.terms["screening"]["per_member_per_day"]
        if one.holder is not None and len(same) > most:
            one.reasons.append("same-member")
        if one.holder is not None and "staff" in self.tags[one.holder]:
            one.reasons.append("staff")
        one.is_held = bool(one.reasons)

    def check_refund(self, reply: Reply, sold: Sold, gone: Any, way: str) -> None:
        super().check_refund(reply, sold, gone, way)
        for one in sold.redemptions:
            soon = one.redeemed_at is not None and self.now - one.redeemed_at <= timedelta(minutes=60)
            if soon and "refunded-soon" not in one.reasons:
                one.reasons.append("refunded-soon")
                one.is_held |= one.verdict != "rejected"

    def vouchers(self) -> list[Redemption]:
        every = [one for coupon in self.tills.coupons for one in coupon.redemptions]
        return [one for one in every if one.redeemed_at is not None]

    def told_of(self, campaign: Campaign) -> dict[tuple[str, str], Any]:
        rows = redemptions_of(self.district, f"?campaign_id={campaign.id}&limit=100")
        return {(one["coupon_id"], one["reference"]): one for one in rows}

    def review(self) -> None:
        some = [one for one in self.vouchers() if one.state in ("held", "released", "rejected")]
        some = some or self.vouchers()
        if not some:
            return
        one, verb = self.chance.choice(some), self.chance.choice(("release", "reject"))
        told = self.told_of(one.coupon.campaign)[one.coupon.id, one.reference]
        reply = self.post(f"/v1/redemptions/{told['id']}/{verb}", {"reason": "看过"})
        verdict = {"release": "released", "reject": "rejected"}[verb]
        if one.state not in ("held", verdict):
            assert (reply.status, reply.code) == (409, "redemption-state"), reply.body
            return
        told = reply.ok(200)
        self.agree(told, {"state": verdict})
        if one.state == "held":
            one.is_held, one.verdict = False, verdict
            self.agree(told, {"review_reason": None if one.holder in self.tills.erased else "看过"})

    def compare(self) -> None:
        super().compare()
        for campaign in {one.coupon.campaign.id: one.coupon.campaign for one in self.vouchers()}.values():
            told = self.told_of(campaign)
            for one in self.vouchers():
                if one.coupon.campaign is campaign:
                    row = told[one.coupon.id, one.reference]
                    wanted = {"state": one.state, "reasons": one.reasons, "funding": one.funding}
                    self.agree(row, {**wanted, "discount_amount": one.discount, "discount_returned": one.returned})
        for coupon in self.bearers()[-4:]:
            told = self.district.api.get(f"/v1/coupons/{coupon.code}", self.district.key).ok(200)
            if coupon.member is None or coupon.member in self.present:
                self.compare_coupon(told, coupon)


class SandboxLife(WayLife):
    """The same by a test clock, whose jobs come on the way."""

    MODE = "sandbox"

    def __init__(self, app: Flask, clock: SetClock, operator_key: str, seed: object) -> None:
        self.ahead = timedelta(0)
        super().__init__(app, clock, operator_key, seed)

    @property
    def now(self) -> datetime:
        return self.clock.moment + self.ahead

    def go_to(self, moment: datetime) -> None:
        moment = max(moment, self.now + timedelta(seconds=1))
        with self.app.app_context():
            advance(self.district, to=moment)
        self.ahead = moment - self.clock.moment


def is_government(coupon: Coupon) -> bool:
    return bool(coupon.campaign.terms["funding"]["government"])
