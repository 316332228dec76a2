"""What sales earn: their facts looked up as far as the rules need them, their version, and what its caps have left.

Asked with the other questions of a set of sales; each sale then sees what those before it in the set were given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple, cast

from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.members import services as members
from app.points.caps.budgets import Budgets, ask_budgets, see_budgets
from app.points.caps.tracking import Tracking
from app.points.caps.usage import Usage, ask_usage
from app.points.earning import recorded_facts
from app.points.earning.conditions import Allowance, Moment, SaleFacts, celebrated
from app.points.earning.evaluate import Evaluation, evaluate
from app.points.earning.rounding import Rounding
from app.points.earning.rule_sets import Rule, RuleSet
from app.points.tiers.member_tiers import TierStates
from app.points.tiers.rules import Figures
from app.transactions.configuration import Configuration
from app.transactions.sales import queries
from app.transactions.sales.left import SoFar, eligible_left
from app.transactions.sales.record import Record

_OF_PROFILE = {"tags", "birthday", "first_in_district", "first_at_merchant"}
Pair = tuple[str, str]
"""A member and a merchant."""
STRANGER = "mem_" + "0" * 32
"""Stands for a member of whom nothing is to be told: one without tier or tags, who has bought before."""


class Buying(NamedTuple):
    """A sale that a member may be given, as far as it is known before: it earns on `eligible_amount` at most."""

    member_id: str
    sale: SaleFacts


class Earned(NamedTuple):
    """What a sale earns, by which version, and what has to be kept to evaluate it again."""

    version: RuleSet
    evaluation: Evaluation
    facts: recorded_facts.Frozen | None


def ask_earning(
    uow: UnitOfWork, settings: Configuration, buyings: Iterable[Buying], swept: set[str] | None
) -> Callable[[], Earning]:
    """Sends the questions on which points depend; call the result for the answer. Lock the balances first.

    `swept`: rules whose budgets are to be looked at as a whole (see `points.budgets`); None locks none of them, for who
    only wants to know.
    """
    earning = Earning(uow, settings, swept)
    if settings.terms.are_plain:
        return lambda: earning
    receive = earning.ask(list(buyings))

    def answer() -> Earning:
        receive()
        return earning

    return answer


class Earning:
    """Evaluates sales in order."""

    def __init__(self, uow: UnitOfWork, settings: Configuration, swept: set[str] | None) -> None:
        self._uow = uow
        self._terms = settings.terms
        self._zone = settings.directory.zone
        self._shops = settings.directory.by_id
        self._swept = swept
        self._short: set[str] = set()
        self._usage = Usage(uow, self._terms.tracking)
        self._states = TierStates(uow, self._terms.ladder)
        self._budgets = Budgets(uow, {}, frozenset())
        self._profiles = {STRANGER: members.Profile(frozenset(), None, returned=True)}
        self._bought: dict[Pair, tuple[bool, bool]] = {}
        self._sold: set[str | Pair] = set()

    def ask(self, buyings: list[Buying]) -> Callable[[], None]:
        """Sends the questions; call the result to take the answers in."""
        asked: dict[str, Any] = {"usage": [], "profiles": set(), "bought": set(), "budgets": set()}
        for one in buyings:
            version = self._terms.in_force(one.sale.occurred_at)
            moment = Moment.of(one.sale.occurred_at.astimezone(self._zone))
            asked["usage"].append((one.member_id, moment.today))
            if version.needs & _OF_PROFILE:
                asked["profiles"].add(one.member_id)
            if version.needs & {"first_in_district", "first_at_merchant"}:
                asked["bought"].add((one.member_id, one.sale.merchant_id))
            asked["budgets"].update(self._budgets_of(version, one.sale, moment, asked["budgets"]))
        usage = ask_usage(self._uow, self._terms.tracking, asked["usage"])
        states = self._states.ask(one.member_id for one in buyings)
        profiles = members.ask_profiles(self._uow, asked["profiles"])
        bought = queries.ask_bought(self._uow, asked["bought"])
        budgets = self._ask_budgets(asked["budgets"])

        def receive() -> None:
            self._usage = usage()
            states()
            self._profiles |= profiles()
            self._bought = bought()
            self._budgets = budgets()

        return receive

    def _ask_budgets(self, keys: set[str]) -> Callable[[], Budgets]:
        if self._swept is None:
            return see_budgets(self._uow, keys)
        return ask_budgets(self._uow, keys | self._swept, self._swept)

    def _budgets_of(self, version: RuleSet, sale: SaleFacts, moment: Moment, known: Collection[str]) -> list[str]:
        """Rules with budgets that may count for a sale, whoever the member is, beside those known already."""
        counted = self._terms.tracking.budgets
        if not counted:
            return []
        closed = version.closed(sale, moment)
        return [
            rule.key
            for place, rule in version.rules_at_shop(sale).rules
            if rule.key in counted
            and rule.key not in known
            and place not in closed
            and sale.eligible_amount >= (rule.conditions.min_amount or 0)
        ]

    def evaluate(self, record: Record, member_id: str, refunded: SoFar) -> Earned:
        """What a recorded sale earns the member, after what was refunded; counted, so that the next sale sees it."""
        version = self._terms.in_force(record.occurred_at)
        sale = facts_of(record, eligible_left(record, refunded), self._shops[record.store_id].category)
        rounding = cast("Rounding", record.rounding)
        if self._terms.are_plain:
            return Earned(version, evaluate(version, sale, self._zone, rounding), None)
        day = record.occurred_at.astimezone(self._zone).date()
        sale = self._with_member(version, sale, member_id, day)
        evaluation = evaluate(version, sale, self._zone, rounding)
        self._note_what_is_short(version, sale, evaluation)
        facts = recorded_facts.freeze(version, sale, evaluation.outcomes)
        self._count(evaluation, record, member_id, day, record.paid_amount - refunded.money)
        return Earned(version, evaluation, facts)

    def _with_member(self, version: RuleSet, sale: SaleFacts, member_id: str, day: date) -> SaleFacts:
        """The facts with those of the member that a version needs."""
        if version.needs & {"tags", "birthday"}:
            profile = self._profile(member_id)
            sale = sale._replace(tags=profile.tags)
            if profile.birthday is not None and "birthday" in version.needs:
                sale = sale._replace(birthday=celebrated(profile.birthday, day))
        if version.needs & {"first_in_district", "first_at_merchant"}:
            anywhere, here = self._bought_before(member_id, sale.merchant_id)
            sale = sale._replace(first_in_district=not anywhere, first_at_merchant=not here)
        if "tier_id" in version.needs:
            sale = sale._replace(tier_id=self._states.tier_id(member_id))
        if self._terms.tracking:
            allowances = _AllowancesLeft(version, self._usage, self._budgets, self._terms.tracking, member_id, day)
            sale = sale._replace(allowances=allowances)
        return sale

    def _profile(self, member_id: str) -> members.Profile:
        if member_id not in self._profiles:
            self._profiles |= members.ask_profiles(self._uow, {member_id})()
        return self._profiles[member_id]

    def _bought_before(self, member_id: str, merchant_id: str) -> tuple[bool, bool]:
        """Whether the member has bought in the district before, and whether at this merchant.

        Who left and came back within a year counts as having bought everywhere.
        """
        if self._profile(member_id).returned:
            return True, True
        pair = (member_id, merchant_id)
        if pair not in self._bought:
            self._bought |= queries.ask_bought(self._uow, {pair})()
        anywhere, here = self._bought[pair]
        return anywhere or member_id in self._sold, here or pair in self._sold

    def _note_what_is_short(self, version: RuleSet, sale: SaleFacts, evaluation: Evaluation) -> None:
        """Keeps in mind the rules that were cut short by a budget of which more may be left elsewhere."""
        if not evaluation.limited or self._swept is None:
            return
        self._short |= {
            key
            for key in evaluation.limited
            if (room := sale.allowances.get(key)) is not None
            and room.code == "budget-spent"
            and not self._budgets.is_certain(key, version.by_key[key].budget)
        }

    def check(self) -> None:
        """Raises Overtaken, with a longer list of what to sweep, where slices ran dry: for all sales at one time."""
        if self._short and self._swept is not None:
            self._swept |= self._short
            raise Overtaken

    def _count(self, evaluation: Evaluation, record: Record, member_id: str, day: date, spent: int) -> None:
        tracking = self._terms.tracking
        if tracking:
            given = [one for one in evaluation.outcomes if one.points]
            self._usage.count(given, member_id, day)
            for key, points, _ in given:
                if key in tracking.budgets:
                    self._budgets.count(key, points)
        self._sold |= {member_id, (member_id, record.merchant_id)}
        self._states.count(member_id, day, Figures(evaluation.points, spent))

    def write(self) -> None:
        """Sends what was counted."""
        self._usage.write()
        self._states.write()
        current = self._terms.in_force(self._uow.now)
        self._budgets.write({rule.key: rule.budget for rule in current.rules})


class _AllowancesLeft:
    """What is left under the caps of a version's rules to a member on a day, looked up for those that are asked for."""

    def __init__(
        self, version: RuleSet, usage: Usage, budgets: Budgets, tracking: Tracking, member_id: str, day: date
    ) -> None:
        self._rules = version.by_key
        self._usage = usage
        self._budgets = budgets
        self._tracking = tracking
        self._member_id = member_id
        self._day = day
        self._known: dict[str, Allowance | None] = {}

    def get(self, rule_key: str, /) -> Allowance | None:
        """The smallest allowance of a rule's caps."""
        if rule_key not in self._known:
            self._known[rule_key] = self._least(self._rules[rule_key])
        return self._known[rule_key]

    def _least(self, rule: Rule) -> Allowance | None:
        own = self._usage.allowance(rule, self._member_id, self._day)
        ours = self._budgets.allowance(rule.key, rule.budget) if rule.key in self._tracking.budgets else None
        if own is None or ours is None:
            return own or ours
        return own if own.points <= ours.points else ours


def facts_of(record: Record, eligible: int | Fraction, category: str | None = None) -> SaleFacts:
    """What is recorded of a sale for the rules to look at."""
    return SaleFacts(
        eligible,
        record.occurred_at,
        record.merchant_id,
        record.store_id,
        category,
        record.channel,
        record.payment_method,
    )


def evaluate_again(record: Record, eligible: int | Fraction, settings: Configuration) -> Evaluation:
    """What a sale earns on what is left of it, by the version and the facts that it was recorded with."""
    [version] = [one for one in settings.terms.rule_sets if one.version == record.rule_set_version]
    rounding, zone = cast("Rounding", record.rounding), settings.directory.zone
    return recorded_facts.evaluate_again(version, facts_of(record, eligible), record.facts, zone, rounding)
