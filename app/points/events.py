"""What happens to points and their terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.outbox import Event


@dataclass(frozen=True, slots=True)
class ProgrammeChanged(Event):
    type: ClassVar[str] = "programme.changed"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleSetPublished(Event):
    type: ClassVar[str] = "rule_set.published"
    rule_set_id: str
    version: int
