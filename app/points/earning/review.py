"""What is wrong with rules, found before they are published, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.foundation.i18n import words as _l
from app.foundation.problems import Flaw
from app.points.earning.compare import covers, is_contradiction, may_meet
from app.points.earning.compile import compile_rule
from app.points.earning.rules import Rule

_CAPS = ("most_per_sale", "most_per_day", "most_per_member", "budget")
_NAMES_OF_CAPS = {
    "most_per_sale": "per_transaction",
    "most_per_day": "per_member_per_day",
    "most_per_member": "per_member_total",
    "budget": "budget",
}


def flaws_of_rules(given: Sequence[Mapping[str, Any]]) -> list[Flaw]:
    """Keys that stand twice, conditions that exclude each other, ties, bonuses without a minimum, no rule that earns."""
    rules = [compile_rule(rule) for rule in given]
    flaws = [*_double_keys(rules), *_contradictions(rules), *_ties(rules), *_bonuses_without_minimum(rules)]
    if all(rule.kind == "multiplier" for rule in rules):
        flaws.append(Flaw("/rules", "no-base-rule", _l("Without a base rule or a bonus nothing is earned.")))
    return flaws


def warnings_of_rules(given: Sequence[Mapping[str, Any]]) -> list[Flaw]:
    """What a programme manager should look at again, though it does no harm: rules and caps that can never count."""
    rules = [compile_rule(rule) for rule in given]
    return [*_unreachable(rules), *_without_base(rules), *_idle_caps(rules)]


def _double_keys(rules: Sequence[Rule]) -> Iterator[Flaw]:
    seen: set[str] = set()
    for position, rule in enumerate(rules):
        if rule.key in seen:
            yield Flaw(f"/rules/{position}/key", "key-twice", _l("The key %(key)s stands here twice.", key=rule.key))
        seen.add(rule.key)


def _contradictions(rules: Sequence[Rule]) -> Iterator[Flaw]:
    for position, rule in enumerate(rules):
        field = is_contradiction(rule.conditions)
        if field is not None:
            words = _l("No sale meets this condition of %(key)s and its others.", key=rule.key)
            yield Flaw(f"/rules/{position}/conditions/{field}", "contradiction", words)


def _ties(rules: Sequence[Rule]) -> Iterator[Flaw]:
    bases = [(position, rule) for position, rule in enumerate(rules) if rule.kind == "base"]
    for later, (position, rule) in enumerate(bases):
        for _, other in bases[:later]:
            if (
                other.key != rule.key
                and other.priority == rule.priority
                and may_meet(other.conditions, rule.conditions)
            ):
                words = _l(
                    "%(other)s and %(key)s have one priority: which counts where both match?",
                    other=other.key,
                    key=rule.key,
                )
                yield Flaw(f"/rules/{position}/priority", "tie", words)
                break


def _unreachable(rules: Sequence[Rule]) -> Iterator[Flaw]:
    for position, rule in enumerate(rules):
        for other in rules:
            if _outranks(other, rule) and covers(other.conditions, rule.conditions):
                words = _l(
                    "%(key)s never counts: %(other)s comes first wherever it matches.", key=rule.key, other=other.key
                )
                yield Flaw(f"/rules/{position}", "unreachable", words)
                break


def _without_base(rules: Sequence[Rule]) -> Iterator[Flaw]:
    bases = [rule for rule in rules if rule.kind == "base"]
    for position, rule in enumerate(rules):
        if (
            bases
            and rule.kind == "multiplier"
            and not any(may_meet(base.conditions, rule.conditions) for base in bases)
        ):
            words = _l("%(key)s never counts: no base rule matches where it does.", key=rule.key)
            yield Flaw(f"/rules/{position}", "nothing-to-multiply", words)


def _idle_caps(rules: Sequence[Rule]) -> Iterator[Flaw]:
    """Caps that a wider reach makes smaller: a day's is then never reached, or a bonus never given whole."""
    for position, rule in enumerate(rules):
        caps = [(name, cap) for name in _CAPS if (cap := getattr(rule, name)) is not None]
        for place, (name, cap) in enumerate(caps):
            tighter = next((other for other, least in caps[place + 1 :] if least < cap), None)
            pointer = f"/rules/{position}/caps/{_NAMES_OF_CAPS[name]}"
            if tighter is not None:
                words = _l(
                    "%(cap)s of %(key)s is less: this cap is never reached.", cap=_NAMES_OF_CAPS[tighter], key=rule.key
                )
                yield Flaw(pointer, "idle-cap", words)
            elif rule.kind == "bonus" and cap < rule.points:
                words = _l(
                    "%(key)s is %(points)s points, and this cap lets no sale have all of them.",
                    key=rule.key,
                    points=rule.points,
                )
                yield Flaw(pointer, "bonus-above-cap", words)


def _outranks(one: Rule, other: Rule) -> bool:
    if one is other or one.kind != other.kind:
        return False
    if one.kind == "base":
        return one.priority > other.priority
    return (
        one.kind == "multiplier"
        and one.exclusive_group is not None
        and (one.exclusive_group == other.exclusive_group and one.factor > other.factor)
    )


def _bonuses_without_minimum(rules: Sequence[Rule]) -> Iterator[Flaw]:
    for position, rule in enumerate(rules):
        if rule.kind == "bonus" and not rule.conditions.min_amount:
            words = _l(
                "%(key)s needs a min_amount: a fixed bonus on any amount invites sales of one fen.", key=rule.key
            )
            yield Flaw(f"/rules/{position}/conditions/min_amount", "no-minimum", words)
