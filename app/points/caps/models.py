"""Tables of what capped rules gave."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database.db import Base, PublicId


class RuleUsage(Base):
    """Points that a member had on a local day, or ever (`usage.EVER`), by the keys of rules."""

    __tablename__ = "rule_usage"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    member_id: Mapped[str] = mapped_column(PublicId("mem"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    points: Mapped[dict[str, int]] = mapped_column(JSONB)


class RuleBudget(Base):
    """A slice of a rule's budget: see `budgets.BudgetSlice`."""

    __tablename__ = "rule_budgets"

    district_id: Mapped[str] = mapped_column(PublicId("dis"), primary_key=True)
    rule_key: Mapped[str] = mapped_column(Text, primary_key=True)
    slice: Mapped[int] = mapped_column(primary_key=True)
    budget: Mapped[int | None]
    allotted: Mapped[int]
    spent: Mapped[int]
    is_spent: Mapped[bool]
