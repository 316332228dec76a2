"""What sales earn, and giving it: facts looked up as far as the rules need them, their version, what its caps have left.

Asked with the other questions of a set of sales; each sale then sees what those before it in the set were given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from app.foundation.database.parts import Asked
from app.foundation.database.unit_of_work import UnitOfWork
from app.members import services as members
from app.points.caps.budgets import Budgets, BudgetsRanDry, ask_budgets, see_budgets
from app.points.caps.usage import MemberUsage, Place, Usage, ask_usage
from app.points.earning import recorded_facts
from app.points.earning.conditions import Allowance, SaleFacts, celebrated
from app.points.earning.evaluate import Evaluation, evaluate
from app.points.earning.rounding import Rounding
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule
from app.points.purses.services import Award, Purses
from app.points.tiers.member_tiers import TierStates
from app.points.tiers.rules import TierFigures
from app.transactions.configuration import Configuration
from app.transactions.sales import queries
from app.transactions.sales.record import NOTHING, Record, SoFar, eligible_left

_FIRSTS = {"first_in_district", "first_at_merchant"}
_OF_PROFILE = {"tags", "birthday"} | _FIRSTS
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
    uow: UnitOfWork, settings: Configuration, buyings: Iterable[Buying], swept: Collection[str] | None
) -> Asked[Earning]:
    """Sends the questions on which points depend. Lock the balances first.

    `swept`: rules whose budgets are to be looked at as a whole (see `points.caps.budgets`); None locks none of them, for
    who only wants to know.
    """
    terms, zone = settings.terms, settings.directory.zone
    states = TierStates(uow, terms.ladder)
    if terms.are_plain:
        return lambda: Earning(uow, settings, Usage(uow, terms.tracking), states, Budgets(uow, {}))
    days: list[Place] = []
    of_profile: set[str] = set()
    of_firsts: set[Pair] = set()
    counted, candidates = terms.tracking.budgets, set[frozenset[str]]()
    for member_id, sale in buyings:
        version, local = terms.in_force(sale.occurred_at), sale.occurred_at.astimezone(zone)
        days.append((member_id, local.date()))
        if not version.needs.isdisjoint(_OF_PROFILE):
            of_profile.add(member_id)
        if not version.needs.isdisjoint(_FIRSTS):
            of_firsts.add((member_id, sale.merchant_id))
        if counted:
            candidates.add(version.plans.candidates(sale, local))
    budgeted = counted.intersection(frozenset[str]().union(*candidates))
    usage = ask_usage(uow, terms.tracking, days)
    receive_states = states.ask(member_id for member_id, _ in days)
    profiles = members.ask_profiles(uow, of_profile)
    bought = queries.ask_bought(uow, of_firsts)
    if swept is None:
        budgets = see_budgets(uow, budgeted)
    else:
        budgets = ask_budgets(uow, budgeted.union(swept), swept, terms.in_force(uow.now).by_key)

    def answer() -> Earning:
        had = usage()
        receive_states()
        return Earning(uow, settings, had, states, budgets(), profiles(), bought(), may_sweep=swept is not None)

    return answer


class Earning:
    """Evaluates sales in order. It asks once more of a member only where a sale found another owner than it named."""

    def __init__(
        self,
        uow: UnitOfWork,
        settings: Configuration,
        usage: Usage,
        states: TierStates,
        budgets: Budgets,
        profiles: Mapping[str, members.Profile] = MappingProxyType({}),
        bought: Mapping[Pair, tuple[bool, bool]] = MappingProxyType({}),
        *,
        may_sweep: bool = False,
    ) -> None:
        self._uow = uow
        self._terms = settings.terms
        self._counts_use = bool(settings.terms.tracking)
        self._zone = settings.directory.zone
        self._shops = settings.directory.by_id
        self._usage = usage
        self._states = states
        self._budgets = budgets
        self._profiles = {STRANGER: members.Profile(frozenset(), None, returned=True), **profiles}
        self._bought = dict(bought)
        self._may_sweep = may_sweep
        self._short: set[str] = set()
        self._sold: set[str | Pair] = set()

    def evaluate(self, record: Record, member_id: str, refunded: SoFar) -> Earned:
        """What a recorded sale earns the member, after what was refunded; counted, so that the next sale sees it."""
        version = self._terms.in_force(record.occurred_at)
        shop = self._shops[record.store_id]
        sale = facts_of(record, eligible_left(record, refunded), shop.category)
        rounding = cast("Rounding", record.rounding)
        if not shop.awards_at(record.occurred_at):
            sale = sale._replace(is_paused=True)
        if self._terms.are_plain:
            evaluation = evaluate(version, sale, self._zone, rounding)
            return Earned(version, evaluation, recorded_facts.freeze(version, sale, evaluation.outcomes))
        day = record.occurred_at.astimezone(self._zone).date()
        sale = self._with_member(version, sale, member_id, day)
        evaluation = evaluate(version, sale, self._zone, rounding)
        self._note_what_is_short(version, sale, evaluation)
        facts = recorded_facts.freeze(version, sale, evaluation.outcomes)
        self._count(evaluation, record, member_id, day, record.paid_amount - refunded.money)
        return Earned(version, evaluation, facts)

    def _with_member(self, version: RuleSet, sale: SaleFacts, member_id: str, day: date) -> SaleFacts:
        """The facts with those of the member that a version needs."""
        needs, found = version.needs, dict[str, Any]()
        if "tags" in needs or "birthday" in needs:
            profile = self._profile(member_id)
            found["tags"] = profile.tags
            if profile.birthday is not None and "birthday" in needs:
                found["birthday"] = celebrated(profile.birthday, day)
        if not needs.isdisjoint(_FIRSTS):
            anywhere, here = self._bought_before(member_id, sale.merchant_id)
            found |= {"first_in_district": not anywhere, "first_at_merchant": not here}
        if "tier_id" in needs:
            found["tier_id"] = self._states.tier_id(member_id)
        if self._counts_use:
            usage = self._usage.of(member_id, day)
            found["allowances"] = _AllowancesLeft(version, usage, self._budgets, self._terms.tracking.budgets)
        return sale._replace(**found)

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
        if not evaluation.limited or not self._may_sweep:
            return
        self._short |= {
            key
            for key in evaluation.limited
            if (room := sale.allowances.get(key)) is not None
            and room.code == "budget-spent"
            and not self._budgets.is_certain(key, version.by_key[key].budget)
        }

    def _count(self, evaluation: Evaluation, record: Record, member_id: str, day: date, spent: int) -> None:
        if self._counts_use:
            given = evaluation.outcomes.given
            self._usage.count(given, member_id, day)
            for key, points in given:
                if key in self._terms.tracking.budgets:
                    self._budgets.count(key, points)
        self._sold |= {member_id, (member_id, record.merchant_id)}
        self._states.count(member_id, day, TierFigures(evaluation.points, spent))

    def write(self) -> None:
        """Sends what was counted. Raises BudgetsRanDry, for all sales at one time."""
        if self._short:
            raise BudgetsRanDry(self._short)
        self._usage.write()
        self._states.write()
        self._budgets.write()


class _AllowancesLeft:
    """What is left under the caps of a version's rules to a member on a day, looked up for those that are asked for."""

    def __init__(self, version: RuleSet, usage: MemberUsage, budgets: Budgets, budgeted: Collection[str]) -> None:
        self._rules = version.by_key
        self._usage = usage
        self._budgets = budgets
        self._budgeted = budgeted
        self._known: dict[str, Allowance | None] = {}

    def get(self, rule_key: str, /) -> Allowance | None:
        """The smallest allowance of a rule's caps."""
        known = self._known
        if rule_key not in known:
            known[rule_key] = self._least(self._rules[rule_key])
        return known[rule_key]

    def _least(self, rule: Rule) -> Allowance | None:
        own = self._usage.allowance(rule)
        if rule.key in self._budgeted:
            left = self._budgets.left(rule.key, rule.budget)
            if left is not None and (own is None or left < own.points):
                return Allowance(left, "budget-spent")
        return own


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
    sale = recorded_facts.thaw(facts_of(record, eligible), record.facts)
    return evaluate(version, sale, settings.directory.zone, cast("Rounding", record.rounding))


def fix_terms(record: Record, settings: Configuration) -> None:
    """Writes down by which rounding a sale earns, and from when to when its points live: as the programme has it now."""
    record.rounding = settings.terms.rounding
    record.available_at, record.expires_at = settings.life_of_points(record.occurred_at)


def give_to_member(
    record: Record,
    member_id: str,
    principal_id: str,
    settings: Configuration,
    earning: Earning,
    purses: Purses,
    refunded: SoFar = NOTHING,
) -> None:
    """Makes a sale the member's and awards what it earns by the version in force when it occurred.

    `principal_id`: who gives it.
    """
    if record.rounding is None:
        fix_terms(record, settings)
    evaluation = note_earned(record, member_id, earning, refunded)
    record.member_id = member_id
    if not evaluation.points or record.available_at is None:
        return
    assert sum(evaluation.funded.values()) == evaluation.points, (
        f"funders of {record.id} pay other points than it earns"
    )
    purses.award(
        Award(
            record.id,
            member_id,
            record.merchant_id,
            principal_id,
            evaluation.funded,
            record.occurred_at,
            record.available_at,
            record.expires_at,
        )
    )


def note_earned(record: Record, member_id: str, earning: Earning, refunded: SoFar = NOTHING) -> Evaluation:
    """Writes down what a sale earns a member."""
    version, evaluation, record.facts = earning.evaluate(record, member_id, refunded)
    record.rule_set_version = version.version
    record.points_earned, record.merchant_funded = evaluation.points, evaluation.funded.get("merchant", 0)
    record.outcomes = evaluation.outcomes
    return evaluation
