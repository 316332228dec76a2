"""The same lives with tills: coupons are held, redeemed apart from their sales and given back, beside the same by pencil."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask

from tests.factories.api import Reply
from tests.factories.bill_lives import BillLife
from tests.factories.clock import SetClock
from tests.factories.reckoning.bills import Gone
from tests.factories.reckoning.campaigns import Coupon, Redemption
from tests.factories.reckoning.tills import Basket, Sold


class TillLife(BillLife):
    """What shops do before a sale is reported, and after."""

    def __init__(self, app: Flask, clock: SetClock, operator_key: str, seed: object) -> None:
        super().__init__(app, clock, operator_key, seed)
        self.redemption_ids: dict[str, Redemption] = {}
        self.channels: dict[int, str | None] = {}

    def weights(self) -> dict[str, int]:
        return {
            **super().weights(),
            "reserve": 6,
            "release": 2,
            "redeem": 6,
            "redeem_again": 4,
            "sell_what_was_redeemed": 6,
            "roll_back": 2,
            "refund": 6,
            "refund_items": 6,
        }

    # Coupons held and used before their sale.

    def act_on(self, coupon: Coupon, verb: str, body: dict[str, Any]) -> Reply:
        body = {name: value for name, value in body.items() if value is not None}
        return self.post(f"/v1/coupons/{self.typed(coupon)}/{verb}", body)

    def one_more(self, basket: Basket) -> Coupon | None:
        """Another coupon for a bill, mostly one that it takes beside those that were redeemed for it."""
        before = [one.coupon for one in self.tills.open_redemptions(basket.shop, basket.reference)]
        others = [one for one in self.tills.coupons if one.code and one not in before]
        able = [one for one in others if self.is_able(basket, one)] if self.chance.random() < 0.8 else []
        return self.chance.choice(able or others) if others else None

    def reserve(self) -> None:
        basket, coupons = self.some_bill(1)
        if not coupons:
            return
        basket, [coupon], ttl = replace(basket, member=None), coupons, self.chance.choice((30, 600, 1800))
        known = self.chance.choice((None, coupon.hold))
        if known is not None:
            basket = replace(basket, shop=known.shop, reference=known.reference)
        codes = self.tills.reserve(basket, coupon, ttl, self.now)
        store_id = self.shops[basket.shop].store_id
        body = {"reference": basket.reference, "store_id": store_id, "ttl_seconds": ttl, "channel": basket.channel}
        reply = self.act_on(coupon, "reserve", body)
        if codes:
            assert (reply.status in (409, 422), told_codes(reply) & codes != set()) == (True, True), (reply.body, codes)
        else:
            reply.ok()

    def release(self) -> None:
        held = [one for one in self.tills.coupons if one.held(self.now)]
        if not held:
            return
        coupon = self.chance.choice(held)
        assert coupon.hold is not None
        shop, reference = self.chance.choice(((coupon.hold.shop, coupon.hold.reference), (0, "another")))
        body = {"reference": reference, "store_id": self.shops[shop].store_id}
        reply = self.act_on(coupon, "release", body)
        if reference == "another":
            assert reply.status in (409, 422), reply.body
        else:
            reply.ok()
            coupon.hold = None

    def redeem(self) -> None:
        basket, coupons = self.some_bill(1)
        if coupons:
            self.redeem_on(replace(basket, member=None), coupons[0])

    def redeem_again(self) -> None:
        """Another coupon on a bill on which one was redeemed, or the same again."""
        every = [one for coupon in self.tills.coupons for one in coupon.redemptions if one.is_own]
        if not every:
            return
        one = self.chance.choice(every)
        amount, items = one.bill
        basket = Basket(one.shop, one.reference, amount, items)
        other = self.one_more(basket)
        if other is not None and self.chance.random() < 0.7 and self.tills.is_open(one):
            self.redeem_on(basket, other)
            return
        basket = replace(basket, channel=self.channels[id(one)])
        reply = self.act_on(one.coupon, "redeem", {**self.bill_body(basket), "reference": one.reference})
        self.agree(reply.ok(), self.redemption(one))

    def redeem_on(self, basket: Basket, coupon: Coupon) -> None:
        if any(one.coupon is coupon for one in self.tills.open_redemptions(basket.shop, basket.reference)):
            return
        judged = self.tills.judge(basket, [coupon], self.now)
        made = self.tills.redeem(basket, coupon, self.now)
        body = {**self.bill_body(basket), "reference": basket.reference}
        reply = self.act_on(coupon, "redeem", body)
        if made is None:
            against = judged.against[coupon.id].keys()
            assert reply.status in (409, 422), reply.body
            assert told_codes(reply) & against, (reply.body, against)
            return
        told = reply.ok()
        self.redemption_ids[told["id"]] = made
        self.channels[id(made)] = basket.channel
        self.agree(told, self.redemption(made))

    def redemption(self, one: Redemption) -> dict[str, Any]:
        """A redemption as it is shown; its sale's figures may change it."""
        shop = self.shops[one.shop]
        wanted = {
            "coupon_id": one.coupon.id,
            "campaign_id": one.coupon.campaign.id,
            "merchant_id": shop.merchant_id,
            "store_id": shop.store_id,
            "reference": one.reference,
            "discount_amount": one.discount,
            "funding": one.funding,
            "state": one.state,
            "reasons": one.reasons,
        }
        sales = {(sold.basket.shop, sold.basket.reference): sold.id for sold in self.tills.sales}
        return {**wanted, "transaction_id": None if one.sale is None else sales[one.shop, one.sale]}

    def sell_what_was_redeemed(self) -> None:
        """The sale of a bill on which coupons were redeemed, on the same bill or another, with their codes or without."""
        open_ = [one for coupon in self.tills.coupons for one in coupon.redemptions if self.tills.is_open(one)]
        open_ = [one for one in open_ if one.coupon.member not in self.tills.erased]
        if not open_:
            return
        one = self.chance.choice(open_)
        member = self.chance.choice((None, one.coupon.member))
        other = self.basket(member, one.reference)
        amount, items = self.chance.choice((one.bill, one.bill, (other.amount, other.items)))
        basket = replace(other, shop=one.shop, amount=amount, items=items)
        linked = self.tills.open_redemptions(one.shop, one.reference)
        if basket.member is not None and any(used.coupon.member not in (None, member) for used in linked):
            reply = self.post("/v1/transactions", self.body(basket, []))
            assert (reply.status, reply.pointers) == (422, {"/member_id"}), reply.body
            return
        new = self.chance.choice((None, self.one_more(basket)))
        more = [] if new is None else [new]
        codes = self.chance.choice(([], [used.coupon for used in linked]))
        expected = self.expect_sale(basket, more)[1]
        reply = self.post("/v1/transactions", self.body(basket, [*more, *codes]))
        if isinstance(expected, Sold):
            expected.coupons = [*more, *codes]
        self.check_sale(reply.status, reply.body, expected, more)

    def roll_back(self) -> None:
        own = {key: one for key, one in self.redemption_ids.items() if one.is_own}
        if not own:
            return
        redemption_id = self.chance.choice(list(own))
        one, reference = own[redemption_id], self.chance.choice(("B1", "B2"))
        path = f"/v1/redemptions/{redemption_id}/rollback"
        reply = self.post(path, {"reference": reference, "reason": "x"})
        if one.sale is not None:
            assert (reply.status, reply.code) == (409, "redemption-of-a-sale"), reply.body
        elif one.rolled_back_by not in (None, reference):
            assert reply.status == 409, reply.body
        else:
            if one.rolled_back_by is None:
                self.tills.roll_back(one, reference, self.now)
            self.agree(reply.ok(), self.redemption(one))

    # Refunds.

    def left_to_refund(self) -> Sold | None:
        some = [sold for sold in self.tills.sales[-8:] if sold.gone.amount < sold.basket.amount]
        return self.chance.choice(some) if some else None

    def refund(self) -> None:
        """In proportion."""
        sold = self.left_to_refund()
        if sold is None:
            return
        left = sold.basket.amount - sold.gone.amount
        amount = self.chance.choice((left, self.chance.randint(1, left), min(left, 1)))
        body = {"transaction_id": sold.id, "reference": self.reference(), "amount": amount}
        reply = self.post("/v1/refunds", body)
        if sold.way == "items" and amount < left:
            assert (reply.status, reply.code) == (409, "refund-way"), reply.body
            return
        gone = sold.paid.gone_in_proportion(sold.gone.amount + amount)
        self.check_refund(reply, sold, gone, "proportion")

    def refund_items(self) -> None:
        sold = self.left_to_refund()
        if sold is None or not sold.basket.items:
            return
        units, named = dict(sold.units), []
        for line, item in enumerate(sold.basket.items):
            count = self.chance.randint(0, item.quantity - units.get(line, 0))
            if count:
                named.append({"line": line, "quantity": count})
                units[line] = units.get(line, 0) + count
        amount = sold.paid.worth(units) - sold.paid.worth(sold.units)
        if not amount:
            return
        reply = self.post(
            "/v1/refunds",
            {"transaction_id": sold.id, "reference": self.reference(), "amount": amount, "items": named},
        )
        is_rest = amount == sold.basket.amount - sold.gone.amount
        if sold.way == "proportion" and not is_rest:
            assert (reply.status, reply.code) == (409, "refund-way"), reply.body
            return
        gone = sold.paid.all_gone() if is_rest else sold.paid.gone_by_items(units, sold.gone)
        sold.units = units
        self.check_refund(reply, sold, gone, "items")

    def check_refund(self, reply: Reply, sold: Sold, gone: Gone, way: str) -> None:
        before, earned = sold.gone, sold.earned
        sold.way = sold.way or way
        self.tills.refund(sold, gone, self.now)
        discounts = sum(gone.discounts.values()) - sum(before.discounts.values())
        told = reply.ok(201)
        self.agree(told, {"money_amount": gone.money - before.money, "discount_reversed": discounts})
        if sold.member is None or sold.member in self.present:
            wanted = {"points_reversed": earned - sold.earned, "points_restored": gone.points - before.points}
            self.agree(told, wanted)

    def erase(self) -> None:
        before = set(self.present)
        super().erase()
        self.tills.erased |= before - set(self.present)

    def compare(self) -> None:
        super().compare()
        for redemption_id, one in self.redemption_ids.items():
            told = self.district.api.get(f"/v1/redemptions/{redemption_id}", self.district.key).ok(200)
            self.agree(told, self.redemption(one))


def told_codes(reply: Reply) -> set[str]:
    """The code of a problem, and those of its flaws."""
    return {str(reply.code), *(one["code"] for one in reply.body.get("errors", ()))}
