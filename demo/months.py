"""The street's months, one after another: its clock begins before them, and each is settled once the next is under way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from demo.errors import LoadError
from demo.history import Purchase
from demo.state import State
from demo.street import TIME_ZONE
from merchant_sdk import Client

CLOSED = 18
"""So many months are over, and closed."""
ISSUE_PRICE, REDEMPTION_PRICE, BREAKAGE_SHARE = "1", "0.9", 50
PATIENCE_SECONDS, PAUSE_SECONDS = 120.0, 0.1
_ZONE, _STEP = ZoneInfo(TIME_ZONE), "months"
_TILLS_CLOSE = timedelta(hours=23)


@dataclass(slots=True)
class Months:
    """`client` acts for the alliance, `present` tells what time it really is, `save` writes the state."""

    client: Client
    state: State
    present: Callable[[], datetime]
    save: Callable[[], None]

    def begin(self) -> None:
        """Sets the clock of a street that nobody has joined to the first month, and publishes the terms."""
        if _STEP in self.state.handed:
            return
        if not self.state.members:
            first = first_of(back_from(self.present().astimezone(_ZONE).date(), CLOSED))
            self.client.test_clock.advance(begin_at=first + timedelta(hours=1))
            self.client.settlement.publish_terms(
                effective_from=first.date(),
                issue_price=ISSUE_PRICE,
                redemption_price=REDEMPTION_PRICE,
                breakage_share=BREAKAGE_SHARE,
                idempotency_key=f"{self.state.token}-terms",
            )
        self.state.handed.append(_STEP)
        self.save()

    def each(self, purchases: Sequence[Purchase]) -> Iterator[list[Purchase]]:
        """Purchases of one month after another, as they happened; when they are told their month is nearly over."""
        clock = self.client.test_clock.get().now
        for _, found in groupby(purchases, lambda one: self._day(one).replace(day=1)):
            month = list(found)
            ends = first_of(after(self._day(month[0]))) - timedelta(days=1) + _TILLS_CLOSE
            clock = self._come_to(clock, min(ends, self.present()))
            yield month

    def come_to_the_present(self) -> None:
        """The first way takes its time, and the second makes up for that."""
        for _ in range(2):
            self._come_to(self.client.test_clock.get().now, self.present())

    def _day(self, purchase: Purchase) -> date:
        return purchase.day + timedelta(days=self.state.day_shift)

    def _come_to(self, clock: datetime, instant: datetime) -> datetime:
        """Brings the clock to an instant, if it isn't there yet, and closes what is over then."""
        if instant <= clock:
            return clock
        self.client.test_clock.advance_to(instant.astimezone(UTC))
        clock = self.client.test_clock.wait().now
        for period in reversed(list(self.client.settlement.periods(status="open"))):
            if period.ends_at is not None and period.ends_at <= clock:
                self._close(period.id)
        return clock

    def _close(self, period_id: str) -> None:
        self.client.settlement.close(period_id)
        ends_at = time.monotonic() + PATIENCE_SECONDS
        while self.client.settlement.period(period_id).status != "closed":
            if time.monotonic() > ends_at:
                raise LoadError("a month isn't closed; does the worker run?")
            time.sleep(PAUSE_SECONDS)


def first_of(day: date) -> datetime:
    """The first instant of a day's month on the street."""
    return datetime(day.year, day.month, 1, tzinfo=_ZONE)


def after(day: date) -> date:
    """A day of the month after."""
    return (day.replace(day=1) + timedelta(days=40)).replace(day=1)


def back_from(day: date, months: int) -> date:
    """The first day of the month that is so many before a day's."""
    at = 12 * day.year + day.month - 1 - months
    return date(at // 12, at % 12 + 1, 1)
