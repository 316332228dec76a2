"""Books as text for both programs, as they are wanted there."""

from __future__ import annotations

from datetime import date

from app.settlement.evidence.bookkeeping import BookedAccount, Booking, PeriodBooks, as_beancount, as_hledger

MEMBERS, POOL = BookedAccount("points", "member", None), BookedAccount("money", "pool", "d" * 4)
ISSUED, OWED = BookedAccount("points", "issued", "a" * 4), BookedAccount("money", "settlement", "a" * 4)
DAY = date(2026, 3, 5)
BOOKS = PeriodBooks(
    2,
    date(2026, 3, 1),
    date(2026, 3, 31),
    {ISSUED: 100, MEMBERS: -100},
    {ISSUED: 130, MEMBERS: -130, OWED: 205, POOL: -205},
)
BOOKINGS = [
    Booking(DAY, "earn", ISSUED, MEMBERS, 10),
    Booking(DAY, "earn", ISSUED, MEMBERS, 20),
    Booking(DAY, "merge", MEMBERS, MEMBERS, 7),
    Booking(DAY, "settle", OWED, POOL, 205),
]


def test_for_beancount() -> None:
    """Days and codes summed, and what moves within one account left out."""
    assert list(as_beancount(BOOKS, BOOKINGS))[3:] == [
        "2026-03-01 open Expenses:Issued:aaaa POINTS",
        "2026-03-01 open Liabilities:Members POINTS",
        "2026-03-01 open Liabilities:Pool:dddd CNY",
        "2026-03-01 open Liabilities:Settlement:aaaa CNY",
        '2026-03-01 * "opening"',
        "  Expenses:Issued:aaaa  100 POINTS",
        "  Liabilities:Members  -100 POINTS",
        '2026-03-05 * "earn"',
        "  Expenses:Issued:aaaa  30 POINTS",
        "  Liabilities:Members  -30 POINTS",
        '2026-03-05 * "settle"',
        "  Liabilities:Pool:dddd  -2.05 CNY",
        "  Liabilities:Settlement:aaaa  2.05 CNY",
        "2026-04-01 balance Expenses:Issued:aaaa  130 ~ 0.001 POINTS",
        "2026-04-01 balance Liabilities:Members  -130 ~ 0.001 POINTS",
        "2026-04-01 balance Liabilities:Pool:dddd  -2.05 ~ 0.001 CNY",
        "2026-04-01 balance Liabilities:Settlement:aaaa  2.05 ~ 0.001 CNY",
    ]


def test_for_hledger() -> None:
    assert list(as_hledger(BOOKS, BOOKINGS))[-2:] == [
        "2026-03-31 * balance",
        "    Liabilities:Settlement:aaaa  0.00 CNY = 2.05 CNY",
    ]
