"""Movements of points in sets: lots, journals, transfers and balances of many sales in a handful of statements.

Balances are locked by the caller (`queries.ask_balances`), who also brings the lots that are to be taken from. Every
movement sees what those before it left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from app.foundation.database.sql_arrays import id_array, instant_array, number_array, rows_of, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id
from app.ledger import services as ledger
from app.ledger.rules import Journal, Transfer, account_id
from app.points.purses.balance import Balance
from app.points.purses.lots import Lot, spendable_lots, spending_order

ASSET = "points"
_NEW_LOT_VALUES = unnested(
    ids="uuid",
    members="uuid",
    merchants="uuid",
    funders="text",
    sources="uuid",
    points="bigint",
    remaining="bigint",
    available="timestamptz",
    expires="timestamptz",
    restored="uuid",
)
_NEW_LOTS = f"""
    INSERT INTO lots (district_id, id, member_id, merchant_id, funder, source_id, points, remaining,
                      available_at, expires_at, restored_from, recorded_at)
    VALUES (%(district)s::uuid, {_NEW_LOT_VALUES}, %(now)s::timestamptz)
"""
_LOTS = f"""
    UPDATE lots AS l SET remaining = n.remaining, expired = n.expired, reclaimed = n.reclaimed
    FROM {rows_of(ids="uuid", remaining="bigint", expired="bigint", reclaimed="bigint")}
        AS n (id, remaining, expired, reclaimed)
    WHERE l.district_id = %(district)s::uuid AND l.id = n.id
"""
_BALANCE_ROWS = rows_of(
    members="uuid",
    ledger="bigint",
    available="bigint",
    pending="bigint",
    owed="bigint",
    earned="bigint",
    spent="bigint",
    expired="bigint",
    sequences="bigint",
    changes="timestamptz",
)
_BALANCES = f"""
    UPDATE point_balances AS b
    SET ledger = n.ledger, available = n.available, pending = n.pending, owed = n.owed, earned = n.earned,
        spent = n.spent, expired = n.expired, sequence = n.sequence, next_change_at = n.next_change,
        counted_at = %(now)s::timestamptz
    FROM {_BALANCE_ROWS} AS n
        (member, ledger, available, pending, owed, earned, spent, expired, sequence, next_change)
    WHERE b.district_id = %(district)s::uuid AND b.member_id = n.member
"""


@lru_cache(maxsize=4096)
def _issuing(owner_id: str) -> str:
    """The account of an issuer: there are few of them."""
    return account_id(ASSET, "issued", owner_id)


class Award(NamedTuple):
    """Points that a sale earned. `funded`: points by funder (`merchant`, `district`); instants in UTC."""

    source_id: str
    member_id: str
    merchant_id: str
    principal_id: str
    funded: Mapping[str, int]
    occurred_at: datetime
    available_at: datetime
    expires_at: datetime | None


class Posting:
    """Movements gathered one by one, in order, each seeing what those before it left; written as one set."""

    def __init__(self, uow: UnitOfWork, balances: dict[str, Balance], lots: Iterable[Lot] = ()) -> None:
        self._uow = uow
        self._now = uow.now
        self.balances = balances
        self._lots: dict[str, dict[str, Lot]] = {}
        self._journals: dict[str, Journal] = {}
        self._lines: dict[str, int] = {}
        self._transfers: list[Transfer] = []
        self._new_lots: dict[str, Lot] = {}
        self._changed_lots: dict[str, Lot] = {}
        self._changed: dict[str, Balance] = {}
        self.bring_lots(lots)

    def bring_lots(self, lots: Iterable[Lot]) -> None:
        """Brings lots to take from; one that is known already stays as it is here."""
        for lot in lots:
            self._lots.setdefault(lot.member_id, {}).setdefault(lot.id, lot)

    def lots_of(self, member_id: str) -> list[Lot]:
        """The lots of a member that were brought or made here."""
        return list(self._lots.get(member_id, {}).values())

    def open_journal(self, journal: Journal) -> None:
        """Begins a journal, once for its id; movements name it by that id."""
        self._journals.setdefault(journal.id, journal)

    def award(self, award: Award) -> None:
        """Adds an award to the member's balance: one lot and one transfer for each funder. Debts are paid from it."""
        self.open_journal(Journal(award.source_id, "sale", award.principal_id, award.occurred_at))
        balance = self.balances[award.member_id]
        new = []
        for funder, points in award.funded.items():
            owner = award.merchant_id if funder == "merchant" else self._uow.district_id
            lot = Lot(
                new_id("lot"),
                award.member_id,
                award.merchant_id,
                funder,
                award.source_id,
                points,
                points,
                award.available_at,
                award.expires_at,
            )
            balance.earned += points
            self._credit(award.source_id, lot, _issuing(owner), "earn")
            new.append(lot)
        if balance.owed:
            self.pay_owed(award.source_id, award.member_id, new)

    def spend(self, journal_id: str, member_id: str, merchant_id: str, points: int) -> None:
        """Spends points at a merchant, in the order of spending. The caller has seen that they are spendable."""
        redeemed = account_id(ASSET, "redeemed", merchant_id)
        self._draw_all(journal_id, member_id, points, redeemed, "spend")
        self.balances[member_id].spent += points

    def draw(self, journal_id: str, member_id: str, points: int, to_account: str, code: str) -> int:
        """Takes up to some available points in the order of spending; gives what was not there."""
        left = points
        for lot in spendable_lots(self.lots_of(member_id), self._now):
            part = min(left, lot.remaining)
            if part:
                self.debit(journal_id, lot, part, to_account, code)
                left -= part
        return left

    def _draw_all(self, journal_id: str, member_id: str, points: int, to_account: str, code: str) -> None:
        if self.draw(journal_id, member_id, points, to_account, code):
            raise RuntimeError("a balance shows more points than its lots hold")

    def adjust(
        self, journal_id: str, member_id: str, points: int, end: datetime | None, merchant_id: str | None = None
    ) -> None:
        """Adds a lot that ends at an instant, or takes points in the order of spending; at a merchant's cost or the district's."""
        of_district = account_id(ASSET, "adjustment", self._uow.district_id)
        account = of_district if merchant_id is None else _issuing(merchant_id)
        if points < 0:
            self._draw_all(journal_id, member_id, -points, account, "adjust")
            return
        lot = Lot(new_id("lot"), member_id, None, "district", journal_id, points, points, self._now, end)
        self._credit(journal_id, lot, account, "adjust")
        self.pay_owed(journal_id, member_id, [lot])

    def owe(self, journal_id: str, member_id: str, points: int, to_account: str) -> None:
        """Lets a member owe points that are no longer there."""
        self.balances[member_id].owed += points
        self._changed[member_id] = self.balances[member_id]
        self._transfer(journal_id, account_id(ASSET, "owed", member_id), to_account, points, "owe")

    def restore(self, journal_id: str, source: Lot, points: int, merchant_id: str, extended_end: datetime) -> Lot:
        """Gives points that were spent from a lot back as a new one, which ends no sooner than `extended_end`.

        One that was restored before isn't extended again.
        """
        end = source.expires_at
        if source.restored_from is None and end is not None:
            end = max(end, extended_end)
        lot = Lot(
            new_id("lot"),
            source.member_id,
            source.merchant_id,
            source.funder,
            source.source_id,
            points,
            points,
            source.available_at,
            end,
            restored_from=source.id,
        )
        self._credit(journal_id, lot, account_id(ASSET, "redeemed", merchant_id), "restore")
        return lot

    def pay_owed(self, journal_id: str, member_id: str, new: Iterable[Lot]) -> None:
        """Pays what a member owes from new lots, in the order of spending, also while they are pending."""
        balance, owed = self.balances[member_id], account_id(ASSET, "owed", member_id)
        for lot in sorted(new, key=spending_order):
            part = min(balance.owed, lot.live(self._now))
            if part:
                self.debit(journal_id, lot, part, owed, "pay-owed")
                balance.owed -= part
                balance.spent += part

    def move_lot(self, journal_id: str, lot: Lot, survivor_id: str) -> None:
        """Moves what remains of a merged member's lot to the survivor, by way of the district's transit account.

        A transfer keeps the balance of one holder; here both sides are one.
        """
        points, transit = lot.remaining, account_id(ASSET, "transit", self._uow.district_id)
        self.debit(journal_id, lot, points, transit, "merge")
        lot.remaining, lot.member_id = points, survivor_id
        balance = self.balances[survivor_id]
        balance.add_lot(points, lot.available_at, lot.end_seen_at(self._now), self._now)
        holder = account_id(ASSET, "member", survivor_id)
        self._transfer(journal_id, transit, holder, points, "merge", lot.id, holder, balance)

    def move_owed(self, journal_id: str, old: Balance, survivor: Balance) -> None:
        """Lets the survivor owe what a merged member owed."""
        if old.owed:
            debit, credit = (account_id(ASSET, "owed", one.member_id) for one in (survivor, old))
            self._transfer(journal_id, debit, credit, old.owed, "merge")
        survivor.owed, old.owed = survivor.owed + old.owed, 0

    def join_lifetimes(self, old: Balance, survivor: Balance) -> None:
        """Counts what a merged member ever earned, spent and let expire as the survivor's."""
        for name in ("earned", "spent", "expired"):
            setattr(survivor, name, getattr(survivor, name) + getattr(old, name))
            setattr(old, name, 0)
        self._changed |= {old.member_id: old, survivor.member_id: survivor}

    def erase(self, journal_id: str, member_id: str, lots: Iterable[Lot]) -> None:
        """Lets all that a member has and owes go: lots to breakage, debts to the district's adjustments.

        What has ended expires, as it would have anyway: a refund may have counted it already.
        """
        breakage = account_id(ASSET, "breakage", self._uow.district_id)
        for lot in lots:
            if lot.has_ended(self._now):
                self.expire(journal_id, lot)
            elif lot.remaining:
                self.debit(journal_id, lot, lot.remaining, breakage, "erase")
        balance = self.balances[member_id]
        if balance.owed:
            adjustment = account_id(ASSET, "adjustment", self._uow.district_id)
            self._transfer(journal_id, adjustment, account_id(ASSET, "owed", member_id), balance.owed, "erase")
            balance.owed = 0
            self._changed[member_id] = balance

    def expire(self, journal_id: str, lot: Lot) -> None:
        """Lets what remains of a lot past its end go to breakage."""
        points = lot.remaining
        if not points:
            return
        self.debit(journal_id, lot, points, account_id(ASSET, "breakage", self._uow.district_id), "expire")
        lot.expired += points
        self.balances[lot.member_id].expired += points

    def reclaim(self, lot: Lot, points: int) -> None:
        """Counts ended points of a lot as given back; posts nothing."""
        assert 0 < points <= lot.lapsed(self._now), f"{points} of {lot.id} didn't end, or were counted before"
        lot.reclaimed += points
        self._touch(lot)
        self._changed[lot.member_id] = self.balances[lot.member_id]  # who comes with an earlier instant counts anew

    def _credit(self, journal_id: str, lot: Lot, from_account: str, code: str) -> None:
        balance = self.balances[lot.member_id]
        balance.add_lot(lot.points, lot.available_at, lot.expires_at, self._now)
        self._new_lots[lot.id] = lot
        self._lots.setdefault(lot.member_id, {})[lot.id] = lot
        holder = account_id(ASSET, "member", lot.member_id)
        self._transfer(journal_id, from_account, holder, lot.points, code, lot.id, holder, balance)

    def debit(self, journal_id: str, lot: Lot, points: int, to_account: str, code: str) -> None:
        """Takes points from a lot."""
        assert 0 < points <= lot.remaining, f"{lot.id} gives {points} of the {lot.remaining} that it holds"
        balance = self.balances[lot.member_id]
        balance.debit_lot(points, lot.available_at, lot.end_seen_at(self._now), self._now)
        lot.remaining -= points
        self._touch(lot)
        holder = account_id(ASSET, "member", lot.member_id)
        self._transfer(journal_id, holder, to_account, points, code, lot.id, holder, balance)

    def _touch(self, lot: Lot) -> None:
        if lot.id not in self._new_lots:
            self._changed_lots[lot.id] = lot

    def _transfer(
        self,
        journal_id: str,
        debit: str,
        credit: str,
        points: int,
        code: str,
        lot_id: str | None = None,
        holder: str | None = None,
        balance: Balance | None = None,
    ) -> None:
        assert points > 0, f"{code} moves {points} points"
        assert debit != credit, f"{code} moves points from an account to itself"
        line = self._lines.get(journal_id, 0)
        self._lines[journal_id] = line + 1
        sequence = after = None
        if balance is not None:
            sequence, after = balance.sequence, balance.ledger
            self._changed[balance.member_id] = balance
        self._transfers.append(
            Transfer(journal_id, line, ASSET, debit, credit, points, code, lot_id, holder, sequence, after)
        )

    def write(self) -> None:
        """Sends everything gathered, in a handful of statements whatever its size."""
        for lot in (*self._new_lots.values(), *self._changed_lots.values()):
            assert lot.is_sound, f"{lot.id} holds other points than it was given"
        for balance in self._changed.values():
            assert balance.is_sound, f"{balance.member_id} has more points than its transfers, or less than none"
        ledger.post(self._uow, [one for one in self._journals.values() if one.id in self._lines], self._transfers)
        if self._new_lots:
            self._write_new_lots(list(self._new_lots.values()))
        if self._changed_lots:
            self._write_lots(list(self._changed_lots.values()))
        if self._changed:
            self._write_balances(list(self._changed.values()))

    def _write_new_lots(self, lots: Sequence[Lot]) -> None:
        self._uow.write(
            _NEW_LOTS,
            {
                "ids": id_array([one.id for one in lots]),
                "members": id_array([one.member_id for one in lots]),
                "merchants": id_array([one.merchant_id for one in lots]),
                "funders": text_array([one.funder for one in lots]),
                "sources": id_array([one.source_id for one in lots]),
                "points": number_array([one.points for one in lots]),
                "remaining": number_array([one.remaining for one in lots]),
                "available": instant_array([one.available_at for one in lots]),
                "expires": instant_array([one.expires_at for one in lots]),
                "restored": id_array([one.restored_from for one in lots]),
            },
        )

    def _write_lots(self, lots: Sequence[Lot]) -> None:
        self._uow.write(
            _LOTS,
            {
                "ids": id_array([one.id for one in lots]),
                "remaining": number_array([one.remaining for one in lots]),
                "expired": number_array([one.expired for one in lots]),
                "reclaimed": number_array([one.reclaimed for one in lots]),
            },
        )

    def _write_balances(self, changed: Sequence[Balance]) -> None:
        self._uow.write(
            _BALANCES,
            {
                "members": id_array([one.member_id for one in changed]),
                "ledger": number_array([one.ledger for one in changed]),
                "available": number_array([one.available for one in changed]),
                "pending": number_array([one.pending for one in changed]),
                "owed": number_array([one.owed for one in changed]),
                "earned": number_array([one.earned for one in changed]),
                "spent": number_array([one.spent for one in changed]),
                "expired": number_array([one.expired for one in changed]),
                "sequences": number_array([one.sequence for one in changed]),
                "changes": instant_array([one.next_change_at for one in changed]),
            },
        )
