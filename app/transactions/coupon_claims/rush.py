"""Claims that come at one moment, in one unit of work: those which need no more than a member, a campaign and a slice.

It waits for nobody. What it can't decide at once, be it for a neighbour or because the claim asks for more, it leaves
undecided: `claiming.claim` does that alone (docs/decisions/0042-issuing.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.coupons.campaigns import queries as campaigns
from app.coupons.campaigns.queries import Standing
from app.coupons.campaigns.rules import Terms
from app.coupons.issuing import audience, queries
from app.coupons.issuing.adding import add_coupons, make_coupon
from app.coupons.issuing.claiming import GivenCoupon, check_had, check_open, sold_out_of
from app.coupons.issuing.limits import limits_of
from app.coupons.issuing.queries import Had, Pair
from app.coupons.issuing.taking import Free, ask_free
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database import idempotency
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import DomainError
from app.foundation.tenancy import Origin, Principal
from app.members import claimants


@dataclass(frozen=True, slots=True)
class Claim:
    """A member's claim of its own, or by a key that names the member.

    `key`: the principal's id and its idempotency key, if there is one, and `request` what tells the request from another.
    """

    principal: Principal
    campaign_id: str
    member_id: str
    request: bytes
    key: idempotency.Pair | None = None
    origin: Origin | None = None

    @property
    def pair(self) -> Pair:
        """Which campaign, and which member."""
        return self.campaign_id, self.member_id


Outcome = GivenCoupon | DomainError | None
"""What became of a claim; None where it is to be decided by itself."""
ANSWERED = 201


def to_store(coupon_id: str) -> tuple[int, dict[str, str]]:
    """The status and the answer that an idempotency key keeps of a claim."""
    return ANSWERED, {"coupon_id": coupon_id}


def claim_free(uow: UnitOfWork, claims: Sequence[Claim]) -> list[Outcome]:
    """Decides claims in order, as far as it can at once."""
    facts = _ask_facts(uow, claims)
    desk = _Desk(uow, facts, _ask_limits(uow, facts, claims))
    outcomes = [desk.decide(claim) for claim in claims]
    desk.write()
    return outcomes


class _Facts(NamedTuple):
    """Campaigns that stay as they are, members that are held and there, the district's zone, and keys that have an answer."""

    campaigns: Mapping[str, Standing]
    members: set[str]
    zone: ZoneInfo
    known: set[idempotency.Pair]

    def are_enough_for(self, claim: Claim) -> bool:
        """Whether a claim depends on nothing else."""
        standing = self.campaigns.get(claim.campaign_id)
        if standing is None or claim.key in self.known or claim.member_id not in self.members:
            return False
        terms, course = standing
        return (
            course.published_at is not None
            and terms["points_price"] is None
            and not audience.names_facts(terms["audience"])
        )


def _ask_facts(uow: UnitOfWork, claims: Sequence[Claim]) -> _Facts:
    campaign_ids = {one.campaign_id for one in claims}
    shared = campaigns.ask_shared(uow, campaign_ids, wait=False)
    standing = campaigns.ask_standing(uow, campaign_ids)
    members = claimants.ask_free(uow, {one.member_id for one in claims})
    zone = districts.ask_zone(uow)
    known = idempotency.ask_known_keys(uow, {one.key for one in claims if one.key is not None})
    stays = shared()
    return _Facts({one: kept for one, kept in standing().items() if one in stays}, members(), zone(), known())


class _Limits(NamedTuple):
    """What members had of campaigns that limit that, and of each campaign what can be taken now."""

    had: dict[Pair, Had]
    free: Mapping[str, Free]


def _ask_limits(uow: UnitOfWork, facts: _Facts, claims: Sequence[Claim]) -> _Limits:
    meant = [one for one in claims if facts.are_enough_for(one)]
    limited = {one.pair for one in meant if queries.limits_members(facts.campaigns[one.campaign_id].terms)}
    had = queries.ask_had(uow, sorted(limited), facts.zone)
    counts = Counter(one.campaign_id for one in meant)
    free = {
        one: ask_free(uow, one, limits_of(facts.campaigns[one].terms), facts.zone, counts[one])
        for one in sorted(counts)
    }
    return _Limits(had(), {one: ask() for one, ask in free.items()})


class _Desk:
    """Claims in order: each sees what those before it took."""

    def __init__(self, uow: UnitOfWork, facts: _Facts, limits: _Limits) -> None:
        self._uow = uow
        self._facts = facts
        self._had, self._free = limits
        self._given: list[tuple[Claim, GivenCoupon]] = []
        self._keys = set(facts.known)

    def decide(self, claim: Claim) -> Outcome:
        """What becomes of a claim."""
        if claim.key in self._keys or not self._facts.are_enough_for(claim):
            return None
        terms, course = self._facts.campaigns[claim.campaign_id]
        try:
            check_open(terms, course, self._uow.now)
            if claim.pair in self._had:
                check_had(terms, self._had[claim.pair])
        except DomainError as refusal:
            return refusal
        free = self._free[claim.campaign_id]
        if free.take():
            return self._give(claim, terms)
        sold_out = free.sold_out
        return None if sold_out is None else sold_out_of(terms, sold_out.opens_at)

    def _give(self, claim: Claim, terms: Terms) -> GivenCoupon:
        uow = self._uow
        coupon = make_coupon(uow, claim.campaign_id, terms, claim.member_id, self._facts.zone, way="claim")
        given = GivenCoupon(coupon, terms, uow.now)
        self._given.append((claim, given))
        if claim.key is not None:
            self._keys.add(claim.key)
        if claim.pair in self._had:
            before = self._had[claim.pair]
            self._had[claim.pair] = Had(before.in_all + 1, before.today + 1, coupon.id)
        return given

    def write(self) -> None:
        """Sends what was given. Keys come last: any of them a neighbour may hold."""
        for free in self._free.values():
            free.write()
        add_coupons(self._uow, [given.coupon for _, given in self._given])
        by_keys = [one for one in self._given if one[0].principal.kind != "member"]
        audit.record_all(self._uow, [_entry(claim, given.coupon.id) for claim, given in by_keys])
        stored = ((claim, to_store(given.coupon.id)) for claim, given in self._given)
        idempotency.keep_keys(
            self._uow, [(claim.key, (claim.request, *kept)) for claim, kept in stored if claim.key is not None]
        )


def _entry(claim: Claim, coupon_id: str) -> audit.Act:
    details = {"member_id": claim.member_id, "coupon_id": coupon_id}
    return audit.Act(claim.principal, "coupon.claimed", claim.campaign_id, details, claim.origin)
