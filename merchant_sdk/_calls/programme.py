"""`client.programme`, `client.rule_sets`, `client.replays` and `client.tiers`: how points are earned and spent in a district."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from merchant_sdk._answers.districts import Programme, RuleSet, Tier
from merchant_sdk._answers.replays import Replay
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import UNSET, Keep, changed, given, path


class Programmes:
    """The programme of the key's district. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def get(self) -> Programme:
        """The programme."""
        return Programme.read(self._sender.request("GET", path("programme")))

    def update(
        self,
        *,
        point_value: Decimal | str | Keep = UNSET,
        rounding: str | Keep = UNSET,
        pending_days: int | Keep = UNSET,
        expiry: Mapping[str, object] | Keep = UNSET,
        refund_policy: str | Keep = UNSET,
        max_spend_percent: int | Keep = UNSET,
        min_spend_points: int | Keep = UNSET,
        late_sale_days: int | Keep | None = UNSET,
        spend_proof: str | Keep = UNSET,
        merchant_campaigns: bool | Keep = UNSET,
    ) -> Programme:
        """Changes what is given, for what comes; points already earned keep their terms.

        `point_value` in fen a point. `expiry` is `{"policy": "months", "months": 12}`,
        `{"policy": "year_end", "grace_months": 3}` or `{"policy": "never"}`.
        """
        body = changed(
            point_value=format(point_value, "f") if isinstance(point_value, Decimal) else point_value,
            rounding=rounding,
            pending_days=pending_days,
            expiry=expiry,
            refund_policy=refund_policy,
            max_spend_percent=max_spend_percent,
            min_spend_points=min_spend_points,
            late_sale_days=late_sale_days,
            spend_proof=spend_proof,
            merchant_campaigns=merchant_campaigns,
        )
        return Programme.read(self._sender.request("PATCH", path("programme"), json=body))


class RuleSets:
    """Drafts and versions of the rules for earning. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def create(
        self, *, name: str, rules: Sequence[Mapping[str, object]], idempotency_key: str | None = None
    ) -> RuleSet:
        """Keeps rules as a draft; their fields are in the contract."""
        body = {"name": name, "rules": rules}
        answer = self._sender.request("POST", path("rule-sets"), json=body, idempotency_key=idempotency_key)
        return RuleSet.read(answer)

    def get(self, rule_set_id: str) -> RuleSet:
        """A draft or version."""
        return RuleSet.read(self._sender.request("GET", path("rule-sets", rule_set_id)))

    def list(self) -> Iterator[RuleSet]:
        """All drafts and versions, newest first."""
        return read_all(self._sender, path("rule-sets"), RuleSet, {})

    def publish(
        self, rule_set_id: str, *, effective_at: datetime | None = None, idempotency_key: str | None = None
    ) -> RuleSet:
        """Makes a draft the next version, in force now or from an instant on. It never changes again."""
        body = given(effective_at=effective_at)
        address = path("rule-sets", rule_set_id, "publish")
        answer = self._sender.request("POST", address, json=body, idempotency_key=idempotency_key)
        return RuleSet.read(answer)

    def replay(
        self,
        rule_set_id: str,
        *,
        occurred_from: datetime | str,
        occurred_to: datetime | str,
        idempotency_key: str | None = None,
    ) -> Replay:
        """Rehearses a draft or version over the sales of a past period; nothing is posted.

        It is done in the queue: `replays.get` tells how far it is, and the result. `occurred_to` is the first instant
        left out.
        """
        address, body = path("rule-sets", rule_set_id, "replay"), {"from": occurred_from, "to": occurred_to}
        return Replay.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))


class Replays:
    """Rehearsals that `rule_sets.replay` has started. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def get(self, replay_id: str) -> Replay:
        """A replay, its progress and, when it is done, its result."""
        return Replay.read(self._sender.request("GET", path("replays", replay_id)))

    def cancel(self, replay_id: str, *, idempotency_key: str | None = None) -> Replay:
        """Stops a replay; one that is over stays as it is."""
        address = path("replays", replay_id, "cancel")
        return Replay.read(self._sender.request("POST", address, idempotency_key=idempotency_key))


class Tiers:
    """What members reach by what they buy. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def create(
        self,
        *,
        name: str,
        rank: int,
        qualifies_by: str,
        threshold: int,
        period_days: int,
        idempotency_key: str | None = None,
    ) -> Tier:
        """Adds a tier, for `threshold` `points_earned` or `amount_spent` (fen) within `period_days` local days.

        What was bought before counts too. Each rank stands once in a district.
        """
        body = {
            "name": name,
            "rank": rank,
            "qualifies_by": qualifies_by,
            "threshold": threshold,
            "period_days": period_days,
        }
        return Tier.read(self._sender.request("POST", path("tiers"), json=body, idempotency_key=idempotency_key))

    def get(self, tier_id: str) -> Tier:
        """A tier."""
        return Tier.read(self._sender.request("GET", path("tiers", tier_id)))

    def list(self) -> Iterator[Tier]:
        """All tiers, newest first."""
        return read_all(self._sender, path("tiers"), Tier, {})

    def update(
        self,
        tier_id: str,
        *,
        name: str | Keep = UNSET,
        rank: int | Keep = UNSET,
        qualifies_by: str | Keep = UNSET,
        threshold: int | Keep = UNSET,
        period_days: int | Keep = UNSET,
    ) -> Tier:
        """Changes what is given. Whoever holds the tier keeps it until the hold ends."""
        body = changed(name=name, rank=rank, qualifies_by=qualifies_by, threshold=threshold, period_days=period_days)
        return Tier.read(self._sender.request("PATCH", path("tiers", tier_id), json=body))
