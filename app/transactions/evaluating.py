"""What a recorded sale earns: its facts and its version, given to the rules."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

from app.points import frozen, rules
from app.points.conditions import SaleFacts
from app.points.rules import Evaluation, RuleSet
from app.points.sharing import Rounding
from app.transactions.configuration import Configuration
from app.transactions.records import Record


def evaluate(record: Record, version: RuleSet, eligible: int | Fraction, settings: Configuration) -> Evaluation:
    """What a sale earns by a version on an eligible amount; its terms are settled already, its facts are frozen."""
    facts = SaleFacts(
        eligible,
        record.occurred_at,
        record.merchant_id,
        record.store_id,
        settings.directory.by_id[record.store_id].category,
        record.channel,
        record.payment_method,
    )
    evaluation = rules.evaluate(version, facts, settings.directory.zone, cast("Rounding", record.rounding))
    record.facts = frozen.freeze(version, facts, evaluation.outcomes)
    return evaluation


def evaluate_again(record: Record, eligible: int | Fraction, settings: Configuration) -> Evaluation:
    """The same by the version and the facts that the sale was recorded with."""
    [version] = [one for one in settings.terms.rule_sets if one.version == record.rule_set_version]
    rounding = cast("Rounding", record.rounding)
    return frozen.evaluate_again(version, record, record.facts, eligible, settings.directory.zone, rounding)
