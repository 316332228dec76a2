"""Guessing member codes at a till is limited: tries are taken before the unit of work, and wrong ones counted after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from app.members.codes.guessing import Guess, Guesses
from app.members.codes.rules import parse_code
from app.transactions.sales.sale import Sale


@contextmanager
def watched(sales: Iterable[Sale]) -> Iterator[None]:
    """Lets the codes of these sales be looked at, as far as each till's tries go."""
    tills: dict[tuple[str, str | None], list[Sale]] = {}
    for sale in sales:
        if sale.report.member_code:
            till = (sale.principal.id, sale.report.store_id or sale.report.store_code)
            tills.setdefault(till, []).append(sale)
    all_guesses = [_guesses(of_till) for of_till in tills.values()]
    try:
        yield
    finally:
        for guesses in all_guesses:
            guesses.count_wrong()


def _guesses(sales: list[Sale]) -> Guesses:
    """The tries of sales at one till, which share them."""
    first = sales[0]
    store = first.report.store_id or first.report.store_code
    guesses = Guesses(first.principal, store, (one for sale in sales for one in _guess(sale)))
    for sale in sales:
        sale.guesses = guesses
    return guesses


def _guess(sale: Sale) -> Iterator[Guess]:
    code = parse_code(sale.report.member_code or "")
    if code is not None:
        yield code.number, (code.digits, sale.report.occurred_at)
