"""Making a sale a member's: its terms, what it earns, and the award."""

from __future__ import annotations

from app.points.earning.evaluate import Evaluation
from app.points.purses.services import Award, Purses
from app.transactions.configuration import Configuration
from app.transactions.sales.earning import Earning
from app.transactions.sales.record import NOTHING, Record, SoFar


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
    record.points_earned = evaluation.points
    record.set_outcomes(evaluation.outcomes)
    return evaluation
