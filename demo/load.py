"""Tells the street's history to a running Quantong, through the SDK. A step repeated never counts twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from demo import complaints, coupons, history, staff, street, tills
from demo.campaigns import OFFERS
from demo.coupons import Plan
from demo.errors import LoadError
from demo.handing import Hand
from demo.history import Purchase
from demo.months import Months
from demo.progress import Advance, track
from demo.state import State, recall, remember, write_private
from merchant_sdk import BatchResult, Client, RefundResult

QUICK_CUSTOMERS = 1_500
BATCH_SIZE = 500
BATCH_WORKERS = 2
MEMBERS_PER_SAVE = 5_000
SALES_PER_SAVE = 5_000
MOST_REFUSALS = 20
ANSWERS_KEPT = timedelta(hours=23)
"""How long the server surely gives a secret again under its idempotency key (24 h, less a margin)."""

CONSENT = {"controller": "district", "purpose": "membership", "version": "2026-01"}

Connect = Callable[[str], Client]


def _present() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the district holds after a load; `sent` sales in `seconds` are those of this run."""

    merchants: int
    stores: int
    members: int
    campaigns: int
    sales: int
    sent: int
    seconds: float


@dataclass(slots=True)
class Loader:
    """One run. `connect` makes a client of a key; `mode` is `quick` or `full`; the state is beside `out`.

    `operator_invitation`: a login, and the link by which it comes to run the installation. `now`: when it began;
    `present`: what time it is.
    """

    connect: Connect
    operator_key: str
    base_url: str
    mode: str
    out: Path
    now: datetime
    sms_inbox: str | None = None
    operator_invitation: tuple[str, str] | None = None
    present: Callable[[], datetime] = _present

    @property
    def state_path(self) -> Path:
        """Where the demo remembers what it did."""
        return self.out.with_name("demo-state.json")

    def run(self, purchases: Sequence[Purchase]) -> Summary:
        """Loads what isn't there yet, then writes `out`.

        Raises LoadError where the server refuses a sale, StateError for a damaged state,
        and the SDK's errors where the server refuses a call.
        """
        if self.mode == "quick":
            purchases = history.first_customers(purchases, QUICK_CUSTOMERS)
        state = self._open_district()
        sent, seconds = 0, 0.0
        if not state.has_finished(self.mode):
            client = self.connect(state.alliance_key)
            self._build_street(client, state)
            if state.has_no_coupons:
                self._enrol(client, state, purchases)
                ordered = history.by_date(purchases)
                sent, seconds = self._report(client, state, coupons.NONE, [ordered], len(ordered), 0)
            else:
                sent, seconds = self._live(client, state, purchases)
            state.finished.append(self.mode)
            self._save(state)
        if not state.has_no_coupons:
            complaints.hear(self.connect, state, lambda: self._save(state))
        staff.hire(self.connect, state, lambda: self._save(state))
        if self.operator_invitation is not None:
            staff.let_in_operator(self.connect, state, *self.operator_invitation, lambda: self._save(state))
        if len(state.tills) < tills.SHOPS:
            tills.stand(self.connect(state.alliance_key), state, lambda: self._save(state))
        write_private(self.out, demo_json(state, self.base_url, self.operator_key, self.sms_inbox))
        people = len(history.customers(purchases))
        shops = len(state.merchants), len(state.stores)
        return Summary(*shops, people, len(state.campaigns), len(purchases), sent, seconds)

    def _live(self, client: Client, state: State, purchases: Sequence[Purchase]) -> tuple[int, float]:
        """The history from the first member on, month by month, then its campaigns; gives the sales sent, and the seconds.

        What is bought with coupons is reported at the present, when these are there; last what is bought with those that
        cost points. Raises LoadError.
        """
        ordered = history.by_date(purchases)
        plan = coupons.plan(ordered, state.day_shift, complaints.WHOSE)
        told = [purchase for purchase in ordered if not plan.waits_for_coupons(purchase)]
        soon = [purchase for purchase in ordered if plan.waits_for_coupons(purchase) and not plan.is_late(purchase)]
        late = [purchase for purchase in ordered if plan.is_late(purchase)]
        months = Months(client, state, self.present, lambda: self._save(state))
        months.begin()
        self._enrol(client, state, told)
        sent = [self._report(client, state, plan, months.each(told), len(told), 0)]
        months.come_to_the_present()
        hand = Hand(client, self.connect, state, lambda: self._save(state))
        hand.build()
        self._enrol(client, state, purchases)
        hand.hand_out(plan, self.mode)
        sent.append(self._report(client, state, plan, [soon], len(soon), len(told)))
        hand.hand_out_for_points(plan)
        sent.append(self._report(client, state, plan, [late], len(late), len(told) + len(soon)))
        self._refund(client, state, plan)
        hand.close()
        return sum(count for count, _ in sent), sum(seconds for _, seconds in sent)

    def _save(self, state: State) -> None:
        remember(self.state_path, state)

    def _open_district(self) -> State:
        """The remembered district if the server still has it; else a new one under the first free slug."""
        operator = self.connect(self.operator_key)
        slugs = {district.id: district.slug for district in operator.districts.list()}
        state = recall(self.state_path)
        if state is None or self._is_lost(state, slugs):
            shift = history.day_shift(history.street_date(self.now))
            state = State.fresh(free_slug(set(slugs.values())), shift, self.now)
            self._save(state)
        if state.district_id is None:
            body = {"name": street.NAME, "slug": state.slug, "currency": street.CURRENCY}
            body |= {"time_zone": street.TIME_ZONE, "mode": "sandbox"}
            key = f"{state.token}-district"
            answer = operator.request("POST", "/v1/districts", json=body, idempotency_key=key)
            state.district_id, state.alliance_key = answer["id"], answer["api_key"]["secret"]
            self._save(state)
        return state

    def _is_lost(self, state: State, slugs: Mapping[str, str]) -> bool:
        """Whether the state names a district that isn't there, or one whose key can't be had again."""
        if state.district_id is not None:
            return state.district_id not in slugs
        return state.slug in slugs.values() and self.now - state.started_at > ANSWERS_KEPT

    def _build_street(self, client: Client, state: State) -> None:
        """Merchants, their stores and one key each; what the district already has is found by its code."""
        if len(state.keys) == len(street.MERCHANTS):
            return
        state.merchants = {merchant.code: merchant.id for merchant in client.merchants.list()}
        state.stores = {store.code: store.id for store in client.stores.list()}
        with track("merchants", len(street.MERCHANTS)) as advance:
            for merchant in street.MERCHANTS:
                self._build_merchant(client, state, merchant)
                advance()
        known = {tier.rank for tier in client.tiers.list()}
        for rank, (name, threshold) in enumerate(street.TIERS, start=1):
            if rank not in known:
                terms: Any = {"qualifies_by": "points_earned", "threshold": threshold, "period_days": 365}
                client.tiers.create(name=name, rank=rank, **terms, idempotency_key=f"{state.token}-tier-{rank}")

    def _build_merchant(self, client: Client, state: State, merchant: street.Merchant) -> None:
        if merchant.code not in state.merchants:
            made = client.merchants.create(name=merchant.name, code=merchant.code, category=merchant.category)
            state.merchants[merchant.code] = made.id
        merchant_id = state.merchants[merchant.code]
        for store in merchant.stores:
            if store.code not in state.stores:
                state.stores[store.code] = client.stores.create(
                    merchant_id=merchant_id,
                    name=store.name,
                    code=store.code,
                    zone=store.zone,
                    area_m2=store.area_m2,
                    opening_hours=street.opening_hours(store),
                ).id
        if merchant.code not in state.keys:
            body = {"name": "till", "merchant_id": merchant_id}
            key = f"{state.token}-key-{merchant.code}"
            answer = client.request("POST", "/v1/api-keys", json=body, idempotency_key=key)
            state.keys[merchant.code] = answer["secret"]
        self._save(state)

    def _enrol(self, client: Client, state: State, purchases: Sequence[Purchase]) -> None:
        """Every customer a member. One enrolled before a crash, but forgotten, gets the same id again.

        Raises LoadError, having remembered who was enrolled before the first refusal.
        """
        everyone = history.customers(purchases)
        missing = [customer for customer in everyone if customer not in state.members]
        people = map(_person, missing)
        results = client.members.enrol_batch(people, batch_size=BATCH_SIZE, workers=BATCH_WORKERS)
        with track("members", len(everyone), len(everyone) - len(missing)) as advance:
            try:
                for count, result in enumerate(results, start=1):
                    if result.member is None:
                        raise LoadError(f"customer {missing[result.index]}: {result.status} {result.problem}")
                    state.members[missing[result.index]] = result.member.id
                    advance()
                    if count % MEMBERS_PER_SAVE == 0:
                        self._save(state)
            finally:
                self._save(state)

    def _report(
        self, client: Client, state: State, plan: Plan, parts: Iterable[Sequence[Purchase]], total: int, before: int
    ) -> tuple[int, float]:
        """Reports what isn't known to be recorded of some parts, `total` in all, in this order, after `before` others.

        Gives how many, and in how many seconds. Raises LoadError, having remembered what was recorded before the first
        refusal.
        """
        known = min(total, max(0, state.sales_sent.get(self.mode, 0) - before))
        seconds = 0.0
        with track("sales", total, known) as advance:
            for part in parts:
                seconds += self._report_part(client, state, plan, part, before, advance)
                before += len(part)
        return total - known, seconds

    def _report_part(
        self, client: Client, state: State, plan: Plan, purchases: Sequence[Purchase], before: int, advance: Advance
    ) -> float:
        begin = max(0, state.sales_sent.get(self.mode, 0) - before)
        rest = purchases[begin:]
        if not rest:
            return 0.0
        begun = monotonic()
        front = Front([purchase.reference for purchase in rest])
        sales = history.sales(rest, state.day_shift, state.stores, state.members)
        bodies = (
            coupons.with_coupon(sale, plan.uses.get(purchase.line), state.coupons.get(purchase.line))
            for purchase, sale in zip(rest, sales, strict=True)
        )
        results = client.transactions.report_batch(bodies, batch_size=BATCH_SIZE, workers=BATCH_WORKERS)

        def save() -> None:
            state.sales_sent[self.mode] = before + begin + front.position
            self._save(state)

        try:
            refused = _take(results, front, advance, save)
        finally:
            save()
        if refused:
            raise LoadError(words_of("sales", refused))
        if front.position < len(rest):
            raise LoadError(f"{len(rest) - front.position:,} sales got no answer; run the demo again.")
        return monotonic() - begun

    def _refund(self, client: Client, state: State, plan: Plan) -> None:
        """What came back of purchases with coupons. Raises LoadError."""
        used = [use.purchase for line, use in plan.uses.items() if line in state.coupons]
        bodies = (coupons.refund(purchase, state.day_shift, state.merchants) for purchase in used)
        results = client.transactions.refund_batch(body for body in bodies if body is not None)
        refused = [result for result in results if result.problem]
        if refused:
            raise LoadError(words_of("refunds", refused))


class Front:
    """How far a row of references is recorded without a gap, though answers come in any order."""

    def __init__(self, references: Sequence[str]) -> None:
        self.position = 0
        self._references = references
        self._ahead: set[str] = set()

    def add(self, reference: str) -> None:
        """Notes one recorded reference; `position` moves past it once all before it are recorded too."""
        self._ahead.add(reference)
        while self.position < len(self._references) and self._references[self.position] in self._ahead:
            self._ahead.remove(self._references[self.position])
            self.position += 1


def free_slug(taken: set[str]) -> str:
    """`hubin`, or `hubin-2` and so on: the first that no district has."""
    slug, number = street.SLUG, 1
    while slug in taken:
        number += 1
        slug = f"{street.SLUG}-{number}"
    return slug


def demo_json(state: State, base_url: str, operator_key: str, sms_inbox: str | None) -> dict[str, Any]:
    """What whoever tries the product needs: addresses, ids and keys."""
    merchants = [
        {
            "id": state.merchants[merchant.code],
            "code": merchant.code,
            "key": state.keys[merchant.code],
            "stores": [{"id": state.stores[store.code], "code": store.code} for store in merchant.stores],
        }
        for merchant in street.MERCHANTS
    ]
    guest = {"phone": history.phone(coupons.GUEST), "member_id": state.members[coupons.GUEST]}
    district = {
        "id": state.district_id,
        "slug": state.slug,
        "alliance_key": state.alliance_key,
        "merchants": merchants,
        "campaigns": [
            {"id": state.campaigns[offer.code], "kind": offer.terms["kind"]}
            for offer in OFFERS
            if offer.code in state.campaigns
        ],
        "member": guest,
        "staff": state.staff,
        "tills": state.tills,
    }
    found = {"base_url": base_url, "operator_key": operator_key, "districts": [district], "staff": state.operators}
    return found if sms_inbox is None else {**found, "sms_inbox": sms_inbox}


def words_of(what: str, refused: Sequence[BatchResult | RefundResult]) -> str:
    """The first few refusals in words."""
    lines = [f"  {result.reference}: {result.status} {result.problem}" for result in refused[:5]]
    more = f"at least {len(refused)}" if len(refused) >= MOST_REFUSALS else str(len(refused))
    return "\n".join([f"{more} {what} were refused; the first of them:", *lines])


def _take(
    results: Iterable[BatchResult], front: Front, advance: Advance, save: Callable[[], None]
) -> list[BatchResult]:
    """Notes each answer, and saves now and then; gives the refusals, stopping once there are too many."""
    refused: list[BatchResult] = []
    for count, result in enumerate(results, start=1):
        if result.status in (200, 201):
            front.add(str(result.reference))
        else:
            refused.append(result)
        if len(refused) >= MOST_REFUSALS:
            break
        advance()
        if count % SALES_PER_SAVE == 0:
            save()
    return refused


def _person(customer: int) -> dict[str, Any]:
    person = history.person(customer)
    return {"phone": person.phone, "name": person.name, "birthday": person.birthday, "consents": [CONSENT]}
