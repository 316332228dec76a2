"""A district's coupons as chance lets them live, beside the same by pencil: campaigns, claims, and what ends them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from app.coupons.issuing.tasks import expire_coupons_in_district, move_ends
from app.foundation.clock import format_instant
from tests.factories.any_campaigns import any_campaign
from tests.factories.api import Api, Reply
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.coupons import act
from tests.factories.districts import new_district, new_shop
from tests.factories.points import change_programme
from tests.factories.reckoning.campaigns import Campaign, Coupon
from tests.factories.reckoning.tills import Shop, Tills

MEMBERS = 3
MINUTES = (0.01, 1, 1, 30, 61, 240, 700, 24 * 60, 3 * 24 * 60, 8 * 24 * 60)
ZONES = ("Asia/Shanghai", "Asia/Shanghai", "America/New_York")
STARTS = (
    datetime(2027, 3, 13, 12, 0, tzinfo=UTC),
    datetime(2027, 12, 31, 15, 30, tzinfo=UTC),
    datetime(2027, 11, 6, 3, 59, tzinfo=UTC),
)


class CouponLife:
    """Members by number; whoever is merged or erased is followed by somebody new."""

    MODE = "live"

    def __init__(self, app: Flask, clock: SetClock, operator_key: str, seed: object) -> None:
        self.app, self.clock, self.chance = app, clock, Random(f"life {seed}")
        zone = self.chance.choice(ZONES)
        clock.moment = self.chance.choice(STARTS) + timedelta(minutes=self.chance.randint(0, 600))
        self.district = new_district(Api.inside(app, operator_key), time_zone=zone, mode=self.MODE)
        third = new_shop(self.district.api, self.district.key, "C303", category="retail")
        self.shops = (self.district.shop, self.district.other_shop, third)
        change_programme(self.district, spend_proof="any")
        categories = ("catering", "catering", "retail")
        shops = [
            Shop(one.merchant_id, one.store_id, category) for one, category in zip(self.shops, categories, strict=True)
        ]
        self.tills = Tills(ZoneInfo(zone), shops)
        self.members = [self.new_member() for _ in range(MEMBERS)]
        self.present = list(range(MEMBERS))
        self.story: list[str] = []

    @property
    def now(self) -> datetime:
        return self.clock.moment

    @property
    def zone(self) -> ZoneInfo:
        return self.tills.zone

    def post(self, path: str, body: Any, key: str | None = None) -> Reply:
        return self.district.api.post(path, body, key or self.district.key)

    def live(self, steps: int) -> None:
        """So many things happen; all that can be read is compared every now and then, and at the end."""
        verbs = {name: weight for name, weight in self.weights().items() if hasattr(self, name)}
        for verb in (*["new_campaign"] * 3, *["claim"] * 12):
            getattr(self, verb)()
        for number in range(steps):
            [verb] = self.chance.choices(list(verbs), list(verbs.values()))
            self.story.append(f"{number} {verb} {self.now.astimezone(self.zone):%d %H:%M:%S}")
            getattr(self, verb)()
            if number % 5 == 0:
                self.compare()
        self.compare()
        with self.app.app_context():
            assert broken(self.district.id) == {}

    def weights(self) -> dict[str, int]:
        return {
            "new_campaign": 2,
            "claim": 14,
            "pass_time": 5,
            "wait_for_midnight": 1,
            "stop_or_go": 2,
            "end": 1,
            "widen": 3,
            "void": 1,
            "expire": 1,
            "move_ends": 1,
            "freeze": 1,
            "merge": 1,
            "erase": 1,
        }

    def new_member(self) -> str:
        return self.district.member()

    def any_terms(self) -> dict[str, Any]:
        return any_campaign(self.chance, self.now, [(one.merchant_id, one.store_id) for one in self.shops])

    def any_campaign(self) -> Campaign:
        return self.chance.choice(self.tills.campaigns[-4:])

    def any_member(self) -> int:
        return self.chance.choice(self.present)

    def new_campaign(self) -> None:
        made = self.post("/v1/campaigns", self.any_terms()).ok(201)
        self.tills.campaigns.append(Campaign(made["id"], made))
        act(self.district, made["id"], "publish").ok(200)

    def claim(self) -> None:
        self.claim_of(self.any_campaign(), self.any_member())

    def against_claim(self, campaign: Campaign, member: int) -> set[str]:
        """All codes that a refused claim may have."""
        frozen = {"member-frozen"} if member in self.tills.frozen else set()
        return campaign.why_no_claim(member, self.now, self.zone) | frozen

    def claim_of(self, campaign: Campaign, member: int) -> Coupon | None:
        codes = self.against_claim(campaign, member)
        reply = self.post(f"/v1/campaigns/{campaign.id}/claims", {"member_id": self.members[member]})
        if codes:
            assert (reply.status, reply.code in codes) == (409, True), (reply.body, codes)
            if reply.code == "claim-limit-reached":
                assert reply.body["coupon_id"] in {one.id for one in campaign.coupons if one.member == member}
            if reply.code == "campaign-sold-out":
                opens = campaign.opens_at(self.now, self.zone)
                assert reply.body.get("opens_at") == (opens and format_instant(opens)), (reply.body, opens)
            return None
        told = reply.ok(201)
        way = "points" if campaign.terms["points_price"] else "claim"
        coupon = campaign.issue(told["id"], member, self.now, self.zone, way=way)
        coupon.code = told["code"]
        self.compare_coupon(told, coupon)
        return coupon

    def go_to(self, moment: datetime) -> None:
        self.clock.moment = moment

    def pass_time(self) -> None:
        self.go_to(self.now + timedelta(minutes=self.chance.choice(MINUTES)))

    def wait_for_midnight(self) -> None:
        """Days begin and coupons end then."""
        tomorrow = self.now.astimezone(self.zone).date() + timedelta(days=1)
        begins = datetime.combine(tomorrow, time(), self.zone).astimezone(UTC)
        self.go_to(begins + timedelta(seconds=self.chance.choice((-1, 0, 1))))

    def stop_or_go(self) -> None:
        paused = [one for one in self.tills.campaigns if one.is_paused]
        campaign = paused[0] if paused else self.any_campaign()
        if campaign.is_paused:
            told = act(self.district, campaign.id, "resume").ok(200)
            campaign.is_paused = False
        else:
            told = act(self.district, campaign.id, "pause").ok(200)
            campaign.pause()
        assert told["status"] == campaign.status(self.now)

    def end(self) -> None:
        campaign = self.any_campaign()
        if not campaign.is_paused:
            act(self.district, campaign.id, "end").ok(200)
            campaign.is_ended = True

    def widen(self) -> None:
        """More of a limit, or a later end."""
        campaign = self.any_campaign()
        name = self.chance.choice(("stock", "budget", "per_day_stock", "per_member_limit", "validity"))
        old = campaign.terms[name]
        if old is None:
            return
        new = old + self.chance.randint(1, max(1, old)) if name != "validity" else self.later(old)
        self.district.api.patch(f"/v1/campaigns/{campaign.id}", {name: new}, self.district.key).ok(200)
        if name == "validity":
            campaign.extend(new, self.now, self.zone)
        else:
            campaign.terms[name] = new

    def later(self, validity: dict[str, Any]) -> dict[str, Any]:
        if "to" not in validity:
            return {**validity, "days_after_issue": validity["days_after_issue"] + 1}
        ends = datetime.fromisoformat(validity["to"]) + timedelta(hours=self.chance.randint(1, 40))
        return {**validity, "to": format_instant(ends)}

    def void(self) -> None:
        if not self.tills.coupons:
            return
        self.void_one(self.chance.choice(self.tills.coupons))

    def void_one(self, coupon: Coupon) -> None:
        is_open = coupon.status(self.now) in ("issued", "reserved")
        reply = self.post(f"/v1/coupons/{coupon.code}/void", {"reason": "x"})
        assert (reply.status == 200) is is_open, (reply.body, coupon.status(self.now))
        coupon.is_voided |= is_open

    def expire(self) -> None:
        with self.app.app_context():
            expire_coupons_in_district(self.district.id)

    def move_ends(self) -> None:
        """What nobody sees: later ends come to the rows of coupons."""
        with self.app.app_context():
            move_ends(self.district.id, self.any_campaign().id)

    def freeze(self) -> None:
        member = min(self.tills.frozen, default=self.any_member())
        verb = "unfreeze" if member in self.tills.frozen else "freeze"
        self.post(f"/v1/members/{self.members[member]}/{verb}", {}).ok(200)
        self.tills.frozen ^= {member}

    def coupons_of(self, member: int) -> list[Coupon]:
        return [one for one in self.tills.coupons if one.member == member]

    def merge(self) -> None:
        old, survivor = self.chance.sample(self.present, 2)
        reply = self.post(f"/v1/members/{self.members[old]}/merge", {"into": self.members[survivor]})
        theirs = self.coupons_of(old) + self.coupons_of(survivor)
        if self.tills.frozen & {old, survivor} or any(one.status(self.now) == "reserved" for one in theirs):
            assert reply.status == 409, reply.body
            return
        reply.ok(200)
        for coupon in self.coupons_of(old):
            coupon.member = survivor
        for sold in self.tills.sales:
            sold.member = survivor if sold.member == old else sold.member
        self.become_one(old, survivor)
        self.somebody_new(old)

    def become_one(self, old: int, survivor: int) -> None:
        """What else goes over."""

    def erase(self) -> None:
        member = self.any_member()
        self.district.api.delete(f"/v1/members/{self.members[member]}", self.district.key).ok(200)
        for coupon in self.coupons_of(member):
            if coupon.status(self.now) in ("issued", "reserved"):
                coupon.is_voided = True
        self.tills.frozen.discard(member)
        self.somebody_new(member)

    def somebody_new(self, instead_of: int) -> None:
        self.members.append(self.new_member())
        self.present[self.present.index(instead_of)] = len(self.members) - 1

    def compare_coupon(self, told: dict[str, Any], coupon: Coupon) -> None:
        wanted = {
            "id": coupon.id,
            "code": coupon.code,
            "campaign_id": coupon.campaign.id,
            "member_id": None if coupon.member is None else self.members[coupon.member],
            "status": coupon.status(self.now),
            "usable_from": format_instant(coupon.usable_from.astimezone(UTC)),
            "expires_at": format_instant(coupon.ends.astimezone(UTC)),
        }
        self.agree(told, wanted)

    @staticmethod
    def agree(told: dict[str, Any], wanted: dict[str, Any]) -> None:
        differs = {name: (told[name], value) for name, value in wanted.items() if told[name] != value}
        assert not differs, f"told and by pencil: {differs}"

    def compare(self) -> None:
        """What campaigns and members' coupons say."""
        for campaign in self.tills.campaigns:
            told = self.district.api.get(f"/v1/campaigns/{campaign.id}", self.district.key).ok(200)
            self.agree(
                {"status": told["status"], **told["counts"]},
                campaign.counts(self.now) | {"status": campaign.status(self.now)},
            )
        for member in self.present:
            told = self.district.api.get(f"/v1/members/{self.members[member]}/coupons?limit=100", self.district.key)
            by_id = {one["id"]: one for one in told.ok(200)["data"]}
            own = self.coupons_of(member)
            assert by_id.keys() == {one.id for one in own}
            for coupon in own:
                self.compare_coupon(by_id[coupon.id], coupon)
