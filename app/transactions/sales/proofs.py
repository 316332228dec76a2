"""What codes and tokens prove of a set of sales: a code that is right now proves once, a token spends once."""

from __future__ import annotations

from collections.abc import Collection

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import DomainError
from app.members.codes import keys as code_keys
from app.members.codes.presence_tokens import Presence
from app.members.errors import MemberCodeUsed
from app.transactions.codes.shown_codes import TOKEN
from app.transactions.sales.record import Record
from app.transactions.sales.sale import Sale


class Proofs:
    """Codes and tokens of a set of sales, in order: each sale sees which those before it used up."""

    def __init__(self, uow: UnitOfWork, used_tokens: Collection[Presence]) -> None:
        self._uow = uow
        self._spent = set(used_tokens)
        self._codes: list[code_keys.Use] = []
        self._tokens: list[Presence] = []

    def let_spend(self, sale: Sale) -> bool:
        """Whether a live code or token of the buyer, not spent by before, lets points be spent."""
        return sale.presented is not None and self.spend_refusal(sale) is None

    def spend_refusal(self, sale: Sale) -> DomainError | None:
        """Why points can't be spent by the code or token of a sale, if it has one."""
        if sale.presented is None:
            return None
        is_used = sale.presented.token in self._spent
        return sale.presented.spend_refusal or (MemberCodeUsed.at(TOKEN) if is_used else None)

    def use_proof(self, sale: Sale, record: Record) -> None:
        """Uses up what came with a sale: a live code whatever it was shown for, a token if it spent."""
        if sale.presented is None:
            return
        minute, token = sale.presented.minute, sale.presented.token
        if minute is not None and not minute.is_used:
            minute.is_used = True
            self._codes.append((minute.member_id, minute.step, record.store_id))
        if token is not None and record.points_spent and token not in self._spent:
            self._spent.add(token)
            self._tokens.append(token)

    def write(self) -> None:
        """Sends what was used up."""
        code_keys.use_codes(self._uow, self._codes)
        code_keys.use_tokens(self._uow, self._tokens)
