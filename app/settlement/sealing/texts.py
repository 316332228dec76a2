"""What a period's digest takes in, as texts that anybody can write again: rows of statements, statements, periods. Pure.

A row says which journal brings a line how much, at the prices of which version of the terms. Where a merchant may not know the
journal it names what it may: of coupons that it sponsors the redemption, of what ended the local day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from app.foundation.clock import format_instant
from app.foundation.figures.chains import canonical
from app.foundation.figures.trees import GrowingTree
from app.settlement.rules import LineKind, Party, Prices


class SealedRow(NamedTuple):
    """`cause`: a journal, a redemption or a local day. `n`: points, or minor units where the line has no price."""

    cause: str
    line: int
    kind: LineKind
    n: int
    version: int | None

    def text(self) -> str:
        """As JSON: a list of these five."""
        version = "null" if self.version is None else self.version
        return f'["{self.cause}",{self.line},"{self.kind}",{self.n},{version}]'


class StatementFigures(NamedTuple):
    """What a statement comes to, and the tree of its rows."""

    statement_id: str
    party: Party
    opening: int
    net_position: int
    payments: int
    closing: int
    rows: int
    tree: bytes


def plain(price: Decimal) -> str:
    """A price without zeros at its end."""
    return f"{price.normalize():f}"


def statement_text(figures: StatementFigures, prices: Sequence[tuple[int, Prices]], salt: bytes) -> str:
    """The leaf of a statement in its period's tree. `prices`: the party's own, by version of the terms.

    Salted, so that nobody finds out by trying what the figures of those beside it are.
    """
    return canonical(
        {
            "statement_id": figures.statement_id,
            "party": figures.party._asdict(),
            "opening": figures.opening,
            "net_position": figures.net_position,
            "payments": figures.payments,
            "closing": figures.closing,
            "rows": figures.rows,
            "tree": figures.tree.hex(),
            "prices": [[version, plain(one.issue), plain(one.redemption)] for version, one in prices],
            "salt": salt.hex(),
        }
    )


class TermsFigures(NamedTuple):
    """What of a version of the terms decides what movements are worth, for all but those who have prices of their own."""

    version: int
    starts_at: datetime
    prices: Prices
    breakage_share: int
    own_points: str

    def shown(self) -> dict[str, Any]:
        """As it is written down."""
        return {
            "version": self.version,
            "starts_at": format_instant(self.starts_at),
            "issue_price": plain(self.prices.issue),
            "redemption_price": plain(self.prices.redemption),
            "breakage_share": self.breakage_share,
            "own_points": self.own_points,
        }


def period_text(number: int, starts_on: date, ends_on: date, terms: Sequence[TermsFigures], tree: GrowingTree) -> str:
    """What a period's hash takes in besides the one before."""
    return canonical(
        {
            "number": number,
            "starts_on": starts_on.isoformat(),
            "ends_on": ends_on.isoformat(),
            "terms": [one.shown() for one in terms],
            "statements": tree.size,
            "tree": tree.root.hex(),
        }
    )
