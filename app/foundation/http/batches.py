"""Bodies of many items, each of which stands alone: one that is refused doesn't keep the others from being done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from app.foundation.http.validation import MAX_FLAWS, load, step_to
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, ValidationFailed

MOST_ITEMS = 1000
MOST_FLAWS = 1000
"""Flaws that are named in all; of items after that one each."""
Item = Any
"""What an item says, as its schema loads it; or a DomainError, why it is refused."""


@dataclass(frozen=True, slots=True)
class BatchOf:
    """A body `{name: [item, …]}` of up to 1,000 items. `quick` may say yes to an item before the schema is asked."""

    name: str
    schema: Schema
    quick: Callable[[Any], Any] | None = None

    def items(self, body: Any) -> list[Item]:
        """The items of a body, each checked. Raises ValidationFailed where the body isn't such a list."""
        if not isinstance(body, dict):
            raise ValidationFailed.at("", "invalid-type", _l("An object is needed."))
        for name in body.keys() - {self.name}:
            raise ValidationFailed.at(step_to(name), "unknown-field", _l("There is no such field."))
        items = body.get(self.name)
        if not isinstance(items, list):
            raise ValidationFailed.at(f"/{self.name}", "invalid-type", _l("A list is needed."))
        if len(items) > MOST_ITEMS:
            raise ValidationFailed.at(
                f"/{self.name}", "invalid-length", _l("Up to %(most)s items are accepted.", most=f"{MOST_ITEMS:,}")
            )
        return list(self._checked(items))

    def _checked(self, items: list[Any]) -> Iterator[Item]:
        left = MOST_FLAWS
        for item in items:
            try:
                yield (self.quick(item) if self.quick else None) or load(
                    self.schema, item, max(1, min(left, MAX_FLAWS))
                )
            except DomainError as error:
                left -= len(error.flaws)
                yield error


def canonical(items: Iterable[Item]) -> list[Any]:
    """Items as an idempotency key compares them."""
    return [item.as_problem("", str) if isinstance(item, DomainError) else item for item in items]


def result(index: int, status: int, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """What became of one item: under its name, or as `problem`."""
    return {"index": index, "status": status, name: body}
