"""The same lives with bills: coupons are looked at and used on sales, beside the same by pencil."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask

from tests.factories.any_bills import any_line
from tests.factories.clock import SetClock
from tests.factories.coupon_lives import CouponLife
from tests.factories.reckoning.campaigns import Coupon
from tests.factories.reckoning.tills import Basket, Judged, Sold

SIZE = 3_000


class BillLife(CouponLife):
    """Three shops sell to the members of a district."""

    def __init__(self, app: Flask, clock: SetClock, operator_key: str, seed: object) -> None:
        super().__init__(app, clock, operator_key, seed)
        self.number = 0

    def weights(self) -> dict[str, int]:
        return {
            **super().weights(),
            "claim": 30,
            "validate": 5,
            "choose_best": 4,
            "sell": 12,
            "sell_together": 3,
            "report_again": 2,
        }

    # What is on bills.

    def reference(self) -> str:
        self.number += 1
        return f"R{self.number}"

    def basket(self, member: int | None, reference: str = "") -> Basket:
        size = self.chance.choice((10, SIZE, SIZE, 12_800))
        items = tuple(any_line(self.chance, size) for _ in range(self.chance.choice((0, 0, 1, 2, 4))))
        rest = self.chance.choice((0, 1, 700, 4_000)) if items else self.chance.randint(0, 2 * size)
        return Basket(
            self.chance.choice((0, 0, 0, 1, 2)),
            reference or self.reference(),
            sum(line.amount for line in items) + rest,
            items,
            self.chance.choice((None, "till", "till", "app")),
            member,
        )

    def some_coupons(self, member: int | None, most: int = 3) -> list[Coupon]:
        """Mostly a member's own that can be used, now and then any."""
        any_ = [one for one in self.tills.coupons if one.code]
        likely = [one for one in any_ if one.status(self.now) in ("issued", "reserved") and one.member == member]
        pool = likely if likely and self.chance.random() < 0.85 else any_
        return self.chance.sample(pool, min(len(pool), self.chance.randint(0, most)))

    def some_bill(self, most: int = 3) -> tuple[Basket, list[Coupon]]:
        """A bill with coupons, which it mostly takes; its buyer is named by the bill, or by a coupon, or by neither."""
        if self.chance.random() < 0.3:
            buyer = self.any_member()
            return self.basket(self.chance.choice((None, buyer, buyer))), self.some_coupons(buyer, most)
        for _ in range(6):
            buyer = self.any_member()
            basket = self.basket(self.chance.choice((None, buyer, buyer)))
            able = [one for one in self.coupons_of(buyer) if self.is_able(basket, one)]
            if able:
                break
        return basket, self.chance.sample(able, min(len(able), self.chance.randint(1, most)))

    def is_able(self, basket: Basket, coupon: Coupon) -> bool:
        return not self.tills.judge(basket, [coupon], self.now).against[coupon.id]

    def typed(self, coupon: Coupon) -> str:
        """A code as somebody may type it."""
        code = self.chance.choice((coupon.code, coupon.code.lower(), coupon.code.replace("-", "")))
        return code.replace("0", self.chance.choice("0oO")).replace("1", self.chance.choice("1iL"))

    def bill_body(self, basket: Basket) -> dict[str, Any]:
        return {
            "store_id": self.shops[basket.shop].store_id,
            "amount": basket.amount,
            "items": [line._asdict() for line in basket.items],
            "channel": basket.channel,
        }

    def body(self, basket: Basket, coupons: list[Coupon]) -> dict[str, Any]:
        """A sale, or what is asked of `validate`."""
        body = {
            **self.bill_body(basket),
            "reference": basket.reference,
            "points_to_spend": basket.points,
            "member_id": None if basket.member is None else self.members[basket.member],
            "coupons": [self.typed(one) for one in coupons],
        }
        return {name: value for name, value in body.items() if value is not None}

    def asked(self, basket: Basket, coupons: list[Coupon]) -> dict[str, Any]:
        """A bill that isn't paid yet."""
        return self.body(replace(basket, occurred_at=None), coupons)

    # What is asked.

    def validate(self) -> None:
        basket, coupons = self.some_bill()
        if not coupons:
            return
        judged = self.tills.judge(basket, coupons, self.now)
        told = self.post("/v1/coupons/validate", self.asked(basket, coupons)).ok(200)
        assert len(told["coupons"]) == len(coupons)
        for coupon, one in zip(coupons, told["coupons"], strict=True):
            self.compare_judged(one, coupon, judged)
        discount = judged.taken.discount
        self.agree(told, {"discount_amount": discount, "payable_amount": basket.amount - discount})

    def compare_judged(self, told: dict[str, Any], coupon: Coupon, judged: Judged) -> None:
        against = judged.against[coupon.id]
        wanted = 0 if against else judged.taken.of(coupon.id)
        self.agree(told, {"applicable": not against, "discount_amount": wanted})
        if against:
            why = told["why_not"]
            assert why["code"] in against, (why, against)
            assert why["code"] == "wrong-shop" or "wrong-shop" not in against, (why, against)
            assert why.get("missing") == against[why["code"]], (why, against)

    def choose_best(self) -> None:
        member = self.any_member()
        basket = replace(self.basket(member), channel="till")
        body = {**self.asked(basket, []), "best": True}
        told = self.post("/v1/coupons/validate", {k: v for k, v in body.items() if k != "coupons"}).ok(200)
        chosen = self.tills.best(basket, self.coupons_of(member), self.now)
        by_code = {one.code: one for one in self.coupons_of(member)}
        ids = [by_code[one["code"]].id for one in told["coupons"] if one["applicable"]]
        assert set(ids) == set(chosen), (told, chosen)

    # Sales.

    def with_points(self, basket: Basket, coupons: list[Coupon]) -> Basket:
        """Some points on it, as many as can be spent."""
        if basket.member is None or basket.member in self.tills.frozen or self.chance.random() < 0.6:
            return basket
        judged = self.tills.judge(replace(basket, points=1), coupons, self.now)
        spendable = self.district.balance(self.members[basket.member])["spendable"]
        most = min(spendable, basket.amount - judged.taken.discount)
        return replace(basket, points=self.chance.randint(0, most))

    def expect_sale(self, basket: Basket, coupons: list[Coupon]) -> tuple[Basket, Sold | Judged]:
        sold = self.tills.sell(basket, coupons, self.now, worth=basket.points)
        return basket, sold or self.tills.judge(basket, coupons, self.now)

    def check_sale(self, status: int, told: dict[str, Any], expected: Sold | Judged, coupons: list[Coupon]) -> None:
        if isinstance(expected, Judged):
            assert status == 422, told
            self.check_flaws(told, expected, coupons)
            return
        assert status == 201, told
        expected.id = told["id"]
        self.agree(told, self.figures(expected))
        lines = sorted((one["campaign_id"], one["discount_amount"]) for one in told["coupons"])
        assert lines == sorted((one.coupon.campaign.id, one.discount) for one in expected.redemptions), told

    def check_flaws(self, told: dict[str, Any], judged: Judged, coupons: list[Coupon]) -> None:
        wrong = {f"/coupons/{n}": judged.against[one.id] for n, one in enumerate(coupons) if judged.against[one.id]}
        flaws = {one["pointer"]: one["code"] for one in told["errors"]}
        assert flaws, told
        for pointer, code in flaws.items():
            assert code in wrong.get(pointer, {}), (flaws, wrong)

    def figures(self, sold: Sold) -> dict[str, Any]:
        basket, paid = sold.basket, sold.paid
        return {
            "reference": basket.reference,
            "amount": basket.amount,
            "discount_amount": sum(paid.discounts.values()),
            "points_spent": basket.points,
            "points_amount": sold.points_amount,
            "paid_amount": paid.money,
            "eligible_amount": sold.eligible,
            "points_earned": sold.eligible // 100 if sold.member is not None else 0,
            "member_id": None if sold.member is None else self.members[sold.member],
        }

    def sell(self) -> None:
        """A quote says what the sale will."""
        basket, coupons = self.some_bill()
        basket = self.with_points(basket, coupons)
        body = self.body(basket, coupons)
        quoted = self.post("/v1/transactions/quote", body)
        basket, expected = self.expect_sale(basket, coupons)
        if isinstance(expected, Judged):
            assert quoted.status == 422, quoted.body
            self.check_flaws(quoted.body, expected, coupons)
        else:
            self.agree(quoted.ok(200), self.figures(expected))
        reply = self.post("/v1/transactions", body)
        self.check_sale(reply.status, reply.body, expected, coupons)

    def sell_together(self) -> None:
        rows = [self.some_bill() for _ in range(self.chance.randint(2, 5))]
        bodies = [self.body(*row) for row in rows]
        expected = [self.expect_sale(*row)[1] for row in rows]
        told = self.post("/v1/transactions/batch", {"transactions": bodies}).ok(200)["results"]
        for row, wanted, (_, coupons) in zip(told, expected, rows, strict=True):
            self.check_sale(row["status"], row.get("transaction", row.get("problem")), wanted, coupons)

    def report_again(self) -> None:
        """The same with its codes in another order, or with others."""
        if not self.tills.sales:
            return
        sold = self.chance.choice(self.tills.sales[-5:])
        if sold.member not in self.present and sold.member is not None:
            return
        codes = self.chance.sample(sold.coupons, len(sold.coupons))
        reply = self.post("/v1/transactions", self.body(sold.basket, codes))
        assert (reply.status, reply.body["id"]) == (200, sold.id), reply.body
        self.agree(reply.body, {name: one for name, one in self.figures(sold).items() if name != "balance"})
        if codes:
            reply = self.post("/v1/transactions", self.body(sold.basket, codes[1:]))
            assert (reply.status, reply.code) == (409, "reference-conflict"), reply.body
