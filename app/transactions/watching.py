"""Codes that come with sales are looked at where wrong ones are counted: before and after the unit of work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from app.members.guessing import Guesses
from app.transactions.records import Sale


@contextmanager
def watched(sales: Iterable[Sale]) -> Iterator[None]:
    """Lets the codes of these sales be looked at. The wrong ones are counted for each till when all is done."""
    tills: dict[tuple[str, str | None], Guesses] = {}
    for sale in sales:
        if sale.body["member_code"]:
            store = sale.body["store_id"] or sale.body["store_code"]
            till = (sale.principal.id, store)
            sale.guesses = tills.get(till) or tills.setdefault(till, Guesses(sale.principal, store))
    try:
        yield
    finally:
        for guesses in tills.values():
            guesses.count()
