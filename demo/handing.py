"""Makes the street's campaigns and hands out their coupons, through the SDK. A step repeated never gives a second one."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

from demo.campaigns import BY_CODE, OFFERS, OPENING, Offer
from demo.coupons import Plan
from demo.errors import LoadError
from demo.progress import track
from demo.state import State
from merchant_sdk import Client, Conflict

CALLS_AT_ONCE = 8
OPENING_GUESTS = 60
PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.1
OFFICE = ("campaigns:write", "campaigns:read")
REFUSED = ("campaign-sold-out", "claim-limit-reached", "not-enough-points")
"""As it goes with claims: whoever comes too late buys without a coupon."""


class Claim(NamedTuple):
    """A customer wants a coupon, for the purchase of a line, or (None) to keep."""

    offer: Offer
    customer: int
    line: int | None


@dataclass(slots=True)
class Hand:
    """`client` acts for the alliance, `connect` makes one of another key, `save` writes the state."""

    client: Client
    connect: Callable[[str], Client]
    state: State
    save: Callable[[], None]

    def build(self) -> None:
        """Makes and publishes the campaigns, all but that of the opening."""
        offers = [offer for offer in OFFERS if offer.code != OPENING]
        if all(offer.code in self.state.campaigns for offer in offers):
            return
        self.client.programme.update(merchant_campaigns=True)
        with track("campaigns", len(offers)) as advance:
            for _ in self._made(offers):
                advance()
        self.save()

    def hand_out(self, plan: Plan, mode: str) -> None:
        """Coupons for what will be bought with one, and for who keeps them; but for those that cost points."""
        self._once("opening", self._open)
        self._once("gifts", lambda: self._issue(BY_CODE["old-friends"], plan.old_friends))
        self._once("staff", lambda: self._tag_staff(plan))
        self._once(
            "claims", lambda: self._claim([*_claims(plan, "claim"), *(Claim(*one, None) for one in plan.spares)])
        )
        self._once("given", lambda: self._find_given(plan))
        for offer in OFFERS:
            if offer.way == "code_batch":
                self._once(f"{offer.code}-{mode}", partial(self._print, plan, offer, mode))

    def hand_out_for_points(self, plan: Plan) -> None:
        """Coupons that cost points, once these are earned."""
        self._once("points", lambda: self._claim(list(_claims(plan, "points"))))

    def close(self) -> None:
        """Reviews some of the vouchers that are held, ends one campaign and pauses another."""
        self._once("reviews", self._review)
        for offer in OFFERS:
            if offer.course == "ends":
                self.client.campaigns.end(self.state.campaigns[offer.code])
            elif offer.course == "pauses":
                self.client.campaigns.pause(self.state.campaigns[offer.code])

    def _once(self, name: str, step: Callable[[], None]) -> None:
        if name not in self.state.handed:
            step()
            self.state.handed.append(name)
            self.save()

    def _made(self, offers: Sequence[Offer]) -> Iterator[Offer]:
        """Campaigns that are there are found by their names."""
        there = {campaign.name: campaign for campaign in self.client.campaigns.list()}
        now = self.client.test_clock.get().now
        for offer in offers:
            client = self.client if offer.owner is None else self.connect(self._office_key(offer.owner))
            made = there.get(offer.name) or client.campaigns.create(**offer.body(self.state.merchants, now))
            if made.status == "draft" and offer.course != "draft":
                client.campaigns.publish(made.id)
            self.state.campaigns[offer.code] = made.id
            yield offer

    def _office_key(self, merchant: str) -> str:
        """A key by which a merchant runs campaigns; its tills may not."""
        body = {"name": "office", "merchant_id": self.state.merchants[merchant], "scopes": OFFICE}
        key = f"{self.state.token}-office-{merchant}"
        return str(self.client.request("POST", "/v1/api-keys", json=body, idempotency_key=key)["secret"])

    def _open(self) -> None:
        """Coupons that end before anybody uses them; on the way there the clock brings those of birthdays."""
        offer, clock = BY_CODE[OPENING], self.client.test_clock
        list(self._made([offer]))
        self._issue(offer, sorted(self.state.members)[:OPENING_GUESTS])
        validity = self.client.campaigns.get(self.state.campaigns[OPENING]).validity
        left = datetime.fromisoformat(validity["to"]) - clock.wait().now
        clock.advance(seconds=max(1, math.ceil(left.total_seconds())))
        clock.wait()

    def _issue(self, offer: Offer, customers: Sequence[int]) -> None:
        """Gives customers coupons by name."""
        members = [self.state.members[customer] for customer in customers]
        key = f"{self.state.token}-issue-{offer.code}"
        issue = self.client.campaigns.issue(self.state.campaigns[offer.code], members, idempotency_key=key)
        _wait(lambda: self.client.issues.get(issue.id).finished_at is not None, offer.name)

    def _tag_staff(self, plan: Plan) -> None:
        """Some who use government vouchers work on the street: screening will hold theirs."""
        for customer in plan.staff:
            self.client.members.update(self.state.members[customer], tags=["staff"])

    def _claim(self, claims: Sequence[Claim]) -> None:
        with ThreadPoolExecutor(CALLS_AT_ONCE) as pool, track("coupons", len(claims)) as advance:
            for claim, code in zip(claims, pool.map(self._claimed, claims), strict=True):
                if code is not None and claim.line is not None:
                    self.state.coupons[claim.line] = code
                advance()

    def _claimed(self, claim: Claim) -> str | None:
        campaign_id, member_id = self.state.campaigns[claim.offer.code], self.state.members[claim.customer]
        key = f"{self.state.token}-claim-{claim.offer.code}-{claim.customer}-{claim.line}"
        try:
            return self.client.coupons.claim(campaign_id, member_id, idempotency_key=key).code
        except Conflict as refused:
            if refused.code not in REFUSED:
                raise
            return None

    def _find_given(self, plan: Plan) -> None:
        """The codes of coupons that came without a claim, from their members' lists."""
        welcome = BY_CODE["welcome"]
        due = min(welcome.terms["stock"], len(plan.newcomers & self.state.members.keys()))
        _wait(lambda: self._issued(welcome) >= due, welcome.name)
        uses = [use for way in ("targeted", "automatic") for use in _claims(plan, way)]
        with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
            held = pool.map(self._held, [use.customer for use in uses])
            for use, codes in zip(uses, held, strict=True):
                code = codes.get(self.state.campaigns[use.offer.code])
                if code is not None and use.line is not None:
                    self.state.coupons[use.line] = code

    def _issued(self, offer: Offer) -> int:
        counts = self.client.campaigns.get(self.state.campaigns[offer.code]).counts
        return 0 if counts is None else counts.issued

    def _held(self, customer: int) -> Mapping[str, str | None]:
        """A code of each campaign of which a customer holds coupons."""
        found = self.client.coupons.list(self.state.members[customer], status="issued")
        return {coupon.campaign_id: coupon.code for coupon in found}

    def _print(self, plan: Plan, offer: Offer, mode: str) -> None:
        """A batch of codes for whoever finds them; half of the flyers are thrown away."""
        uses = [line for line, use in plan.uses.items() if use.offer is offer and line not in self.state.coupons]
        campaign_id, key = self.state.campaigns[offer.code], f"{self.state.token}-codes-{offer.code}-{mode}"
        batch = self.client.campaigns.order_codes(campaign_id, 2 * len(uses) + 50, "传单", idempotency_key=key)
        _wait(lambda: self.client.code_batches.get(batch.id).status == "done", offer.name)
        self.state.coupons |= zip(uses, self._codes(batch.id), strict=False)

    def _codes(self, batch_id: str) -> Sequence[str]:
        try:
            file = self.client.code_batches.download(batch_id)
        except Conflict:
            file = self.client.code_batches.download(batch_id, reason="上次下载中断")
        return file.decode("utf-8-sig").split()[1:]

    def _review(self) -> None:
        """One is right, one is not; the others wait for whoever tries the demo."""
        held = self.client.redemptions.list(campaign_id=self.state.campaigns["government"], state="held")
        ids = sorted(one.id for one in held)
        if len(ids) > 2:
            self.client.redemptions.release(ids[0], "本人购物，已核对小票")
            self.client.redemptions.reject(ids[1], "店员代他人使用")


def _claims(plan: Plan, way: str) -> Iterator[Claim]:
    """What is bought with coupons that are issued in a way, as it happened."""
    for purchase, offer in plan.uses.values():
        if offer.way == way:
            yield Claim(offer, purchase.customer, purchase.line)


def _wait(is_done: Callable[[], bool], what: str) -> None:
    """Until the product's queue has done something. Raises LoadError."""
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not is_done():
        if time.monotonic() > ends_at:
            raise LoadError(f"{what}: the coupons don't come; does the worker run?")
        time.sleep(PAUSE_SECONDS)
