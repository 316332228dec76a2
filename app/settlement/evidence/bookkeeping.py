"""A period's books in the languages of plain-text accounting: for beancount and for hledger. Pure.

Movements are summed by local day and code, members stand in one account. The balances at the end are asserted: reckoned apart from the movements, by
account, so that a program that reads the file finds where the two differ. A debit is above 0, as in both programs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

COMMODITIES = {"points": "POINTS", "money": "CNY"}
_GROUPS = {
    "member": "Liabilities:Members",
    "owed": "Assets:Owed",
    "issued": "Expenses:Issued",
    "redeemed": "Income:Redeemed",
    "adjustment": "Expenses:Adjustment",
    "breakage": "Income:Breakage",
    "coupon_funding": "Expenses:CouponFunding",
    "public_funding": "Expenses:PublicFunding",
    "coupon_redeemed": "Income:CouponRedeemed",
    "settlement": "Liabilities:Settlement",
    "public_settlement": "Liabilities:PublicSettlement",
    "pool": "Liabilities:Pool",
    "deposit": "Liabilities:Deposit",
    "clearing": "Assets:Clearing",
    "fees": "Expenses:Fees",
}


class BookedAccount(NamedTuple):
    """An account by its asset, kind and owner; without an owner all of that kind."""

    asset: str
    kind: str
    owner_id: str | None

    @property
    def name(self) -> str:
        """As both programs take it: parts begin with a capital or a digit."""
        group = _GROUPS.get(self.kind) or "Equity:" + "".join(word.capitalize() for word in self.kind.split("_"))
        return group if self.owner_id is None else f"{group}:{self.owner_id}"


class Booking(NamedTuple):
    """What moved on a day by a code, from a debit to a credit."""

    day: date
    code: str
    debit: BookedAccount
    credit: BookedAccount
    amount: int


Balances = Mapping[BookedAccount, int]
"""Debits less credits."""


@dataclass(frozen=True, slots=True)
class PeriodBooks:
    """The books of a period: what stood at its start, and by account at its end."""

    number: int
    starts_on: date
    ends_on: date
    opening: Balances
    closing: Balances


def as_beancount(books: PeriodBooks, bookings: Iterable[Booking]) -> Iterator[str]:
    """Lines of a file for beancount (3). Balances hold at the beginning of the day after the period.

    Its own tolerance would let a fen pass: half of the last digit that a balance has, on each side.
    """
    yield f'option "title" "{_title(books)}"'
    yield from (f'option "operating_currency" "{one}"' for one in COMMODITIES.values())
    for account in _accounts(books):
        yield f"{books.starts_on} open {account.name} {COMMODITIES[account.asset]}"
    for day, code, postings in _transactions(books, bookings):
        yield f'{day} * "{code}"'
        yield from (f"  {account.name}  {_amount(account, n)}" for account, n in postings)
    after = books.ends_on + timedelta(days=1)
    for account in _accounts(books):
        n, commodity = _digits(account, books.closing.get(account, 0)), COMMODITIES[account.asset]
        yield f"{after} balance {account.name}  {n} ~ 0.001 {commodity}"


def as_hledger(books: PeriodBooks, bookings: Iterable[Booking]) -> Iterator[str]:
    """Lines of a journal for hledger, with all that `check --strict` wants declared."""
    yield f"; {_title(books)}"
    yield "commodity 1000.00 CNY"
    yield "commodity 1000. POINTS"
    yield from (f"account {account.name}" for account in _accounts(books))
    for day, code, postings in _transactions(books, bookings):
        yield f"{day} * {code}"
        yield from (f"    {account.name}  {_amount(account, n)}" for account, n in postings)
    for account in _accounts(books):
        yield f"{books.ends_on} * balance"
        yield f"    {account.name}  {_amount(account, 0)} = {_amount(account, books.closing.get(account, 0))}"


def _title(books: PeriodBooks) -> str:
    return f"Quantong, period {books.number}: {books.starts_on} to {books.ends_on}"


def _accounts(books: PeriodBooks) -> Sequence[BookedAccount]:
    return sorted({*books.opening, *books.closing}, key=lambda one: (one.name, one.asset))


def _transactions(
    books: PeriodBooks, bookings: Iterable[Booking]
) -> Iterator[tuple[date, str, list[tuple[BookedAccount, int]]]]:
    """Days and codes with what they bring each account, which comes to 0 together; `bookings` in the order of these."""
    if any(books.opening.values()):
        yield books.starts_on, "opening", _postings(books.opening)
    for (day, code), alike in groupby(bookings, lambda one: (one.day, one.code)):
        sums: dict[BookedAccount, int] = defaultdict(int)
        for one in alike:
            sums[one.debit] += one.amount
            sums[one.credit] -= one.amount
        if postings := _postings(sums):
            yield day, code, postings


def _postings(sums: Balances) -> list[tuple[BookedAccount, int]]:
    return sorted((one for one in sums.items() if one[1]), key=lambda one: one[0].name)


def _amount(account: BookedAccount, n: int) -> str:
    return f"{_digits(account, n)} {COMMODITIES[account.asset]}"


def _digits(account: BookedAccount, n: int) -> str:
    return str(Decimal(n).scaleb(-2)) if account.asset == "money" else str(n)


WRITERS: Mapping[str, Callable[[PeriodBooks, Iterable[Booking]], Iterator[str]]] = {
    "beancount": as_beancount,
    "hledger": as_hledger,
}
