"""Who stands at the till: the member codes and presence tokens that come with sales.

Earning asks whether a code was right when the sale occurred, for a till may have been offline; spending asks whether it
is right now and hasn't been used. Whether a sale was reported before is asked first of all, elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from app.districts.queries import Shop
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import DomainError, NotFound
from app.members.codes import queries as code_queries
from app.members.codes.guessing import Guesses
from app.members.codes.presence_tokens import Presence, read_token
from app.members.codes.queries import Holder
from app.members.codes.rules import NOBODY, parse_code, right_at, right_lately
from app.members.errors import MemberCodeExpired, MemberCodeUsed
from app.transactions.reports import SaleReport

CODE, TOKEN = "/member_code", "/presence_token"
WRONG_CLOCK = timedelta(minutes=10)
"""A till whose clock is wrong by less names the moment of a sale that is being made now: the present counts too."""


class Shown(NamedTuple):
    """A code or a token, where it was shown, and when by the till's clock (None: now)."""

    code: str | None
    token: str | None
    store_id: str | None
    occurred_at: datetime | None
    guesses: Guesses | None


def shown_at(report: SaleReport, guesses: Guesses | None, shop: Shop) -> Shown:
    """What came with a sale at a shop."""
    return Shown(report.member_code, report.presence_token, shop.store_id, report.occurred_at, guesses)


@dataclass(slots=True)
class CodeMinute:
    """A member's code of one minute. All who carry the same code share this: one use is seen by all.

    `proved_at`: when the member last proved to be there before, as far as it is noted.
    """

    member_id: str
    step: int
    is_used: bool
    proved_at: datetime | None


@dataclass(frozen=True, slots=True)
class PresentedCode:
    """Whom a code or token leads to, fresh or not; None for nobody.

    `refusal`: why it can't name the buyer of a new sale. `minute`: of a code that is right now. `token`: what a token
    says. `stale`: why it doesn't prove that the member is there; None for a token that is good now.
    """

    member_id: str | None
    refusal: DomainError | None = None
    minute: CodeMinute | None = None
    stale: DomainError | None = None
    token: Presence | None = None

    @property
    def spend_refusal(self) -> DomainError | None:
        """Why points can't be spent by it, or None."""
        if self.refusal is not None or self.stale is not None:
            return self.refusal or self.stale
        return MemberCodeUsed.at(CODE) if self.minute is not None and self.minute.is_used else None


def read_shown(uow: UnitOfWork, all_shown: Sequence[Shown]) -> list[PresentedCode]:
    """What each code or token says. One question for all codes; none for tokens."""
    codes = [parse_code(shown.code) for shown in all_shown if shown.code]
    holders = code_queries.ask_holders(uow, (code.number for code in codes if code is not None))()
    reader = _Reader(uow, holders)
    return [reader.code(shown, shown.code) if shown.code else reader.token(shown) for shown in all_shown]


class _Reader:
    def __init__(self, uow: UnitOfWork, holders: dict[str, Holder]) -> None:
        self._district_id = uow.district_id
        self._now = uow.now
        self._holders = holders
        self._minutes: dict[tuple[str, int], CodeMinute] = {}

    def code(self, shown: Shown, text: str) -> PresentedCode:
        code = parse_code(text)
        if code is None:
            return PresentedCode(None, NotFound.at(CODE, _l("member code")))
        assert shown.guesses is not None, "codes are looked at where wrong ones are counted"
        guess = (code.digits, shown.occurred_at)
        limited = shown.guesses.refusal(code.number, guess)
        if limited is not None:
            return PresentedCode(None, limited)
        holder = self._holders.get(code.number)
        keys = NOBODY if holder is None else holder.keys
        at = shown.occurred_at or self._now
        was, live = right_at(keys, code.digits, at), right_at(keys, code.digits, self._now)
        if holder is not None and live is not None:
            minute = self._minute(holder, live)
            is_good = was is not None or self._is_near(at)
            return PresentedCode(holder.member_id, None if is_good else MemberCodeExpired.at(CODE), minute)
        if holder is not None and was is not None:
            return PresentedCode(holder.member_id, stale=MemberCodeExpired.at(CODE))
        was_right = right_lately(keys, code.digits, self._now, at)
        if holder is not None and was_right:
            return PresentedCode(holder.member_id, MemberCodeExpired.at(CODE))
        shown.guesses.wrong(code.number, guess)
        return PresentedCode(None, NotFound.at(CODE, _l("member code")))

    def _minute(self, holder: Holder, step: int) -> CodeMinute:
        key = (holder.member_id, step)
        minute = CodeMinute(holder.member_id, step, step in holder.used, holder.proved_at)
        return self._minutes.setdefault(key, minute)

    def _is_near(self, at: datetime) -> bool:
        return abs(at - self._now) <= WRONG_CLOCK

    def token(self, shown: Shown) -> PresentedCode:
        presence = read_token(self._district_id, shown.token or "")
        if presence is None or presence.store_id != shown.store_id:
            return PresentedCode(None, NotFound.at(TOKEN, _l("presence token")))
        at = shown.occurred_at or self._now
        is_live = presence.is_good_at(self._now)
        expired = MemberCodeExpired.at(TOKEN)
        is_good = presence.is_good_at(at) or (is_live and self._is_near(at))
        stale = None if is_live else expired
        return PresentedCode(presence.member_id, None if is_good else expired, stale=stale, token=presence)
