"""Coupons that somebody would like to use, found by their codes: in one question, and read and locked in another.

The campaigns come before members, and members before coupons (docs/locks.md): so either it is asked before anything is locked
whose they are and of which campaigns, or the database follows their codes (`Behind`) and it is looked at afterwards whether
their members are held. What is decided is read under the locks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from app.coupons.bill import codes
from app.coupons.bill.compile import terms_of
from app.coupons.bill.terms import Hold, Presented, Terms
from app.coupons.campaigns.ends import ends_at
from app.coupons.campaigns.queries import ask_shared_of
from app.coupons.issuing import code_index
from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import bytes_array, id_array, rows_of
from app.foundation.database.unit_of_work import Row, UnitOfWork
from app.foundation.ids import hex_of
from app.members import queries as members

_INDEXES, _IDS = (
    f"{rows_of(**{name: type_})} AS w ({name})" for name, type_ in (("indexes", "bytea"), ("coupons", "uuid"))
)
_OF_CODE, _SOME = (
    f"{_INDEXES} JOIN coupons AS c ON c.code_index = w.indexes",
    f"{_IDS} JOIN coupons AS c ON c.id = w.coupons",
)
"""Joined, not compared with an array: a plan for any values compares one by one, where it doesn't find by an index."""
_OF_CODES = f"""
    SELECT c.code_index, c.id, c.campaign_id, c.member_id FROM {_OF_CODE} WHERE c.district_id = %(district)s
"""
_COUPONS = f"""
    SELECT c.id, c.campaign_id, c.member_id, c.code_key, c.set_aside, c.status, c.usable_from, {ends_at("c")}, c.reserved_by,
           c.reserved_reference, c.reserved_until, EXISTS (SELECT FROM {members.FROZEN} AS m WHERE m.id = c.member_id)
    FROM {{which}}
"""
_CAMPAIGNS = """
    SELECT g.id, g.merchant_id, g.terms::text, g.paused_at IS NOT NULL FROM campaigns AS g
    WHERE g.district_id = %(district)s AND g.id IN (
        SELECT c.campaign_id FROM {which}
    )
"""
"""Those of some coupons: each once, for terms are long."""
_OWN = "c.district_id = %(district)s"
_OF_SOME, _BEHIND = f"{_SOME} WHERE {_OWN}", f"{_OF_CODE} WHERE {_OWN}"
_OPEN = f"""
    coupons AS c
    WHERE {_OWN} AND c.member_id = %(member)s AND c.status IN ('issued', 'reserved') AND {ends_at("c")} > %(now)s
"""
_CAMPAIGNS_BEHIND = f"SELECT DISTINCT c.campaign_id AS id FROM {_BEHIND}"
_READ = _COUPONS.format(which=f"{_OF_SOME} ORDER BY c.id")
_LOCK = f"{_READ} FOR UPDATE OF c"
_LOCK_FREE = f"{_LOCK} SKIP LOCKED"
_LOCK_BEHIND = f"{_COUPONS.format(which=f'{_BEHIND} ORDER BY c.id')} FOR UPDATE OF c"
_LOCK_FREE_BEHIND = f"{_LOCK_BEHIND} SKIP LOCKED"
MOST_OPEN = 500
_OPEN_OF = _COUPONS.format(which=f"{_OPEN} ORDER BY {ends_at('c')}, c.id LIMIT {MOST_OPEN}")
_CAMPAIGNS_OF_SOME, _CAMPAIGNS_OF_OPEN = _CAMPAIGNS.format(which=_OF_SOME), _CAMPAIGNS.format(which=_OPEN)
_CAMPAIGNS_OF_CODES = _CAMPAIGNS.format(which=_BEHIND)


class Found(NamedTuple):
    """To which coupon a code leads; of which campaign it is, and whose, before anybody has locked it."""

    coupon_id: str
    campaign_id: str
    member_id: str | None


@dataclass(frozen=True, slots=True)
class Tendered:
    """A coupon as it stands: what a bill sees of it, and what is told and counted when it is used.

    `of_merchant_id`: whose campaign it is, None for the alliance's. `set_aside`: minor units of the budget that wait for it.
    `code_key`: the number of the key of its code.
    """

    coupon: Presented
    campaign_name: str
    of_merchant_id: str | None
    set_aside: int
    code_key: int

    @property
    def code_hint(self) -> str:
        """The end of its code; without it where the key was taken out."""
        code = code_index.code_again(self.coupon.coupon_id, self.code_key)
        return codes.hint_of(code or "")


def ask_found(uow: UnitOfWork, texts: Iterable[str]) -> Asked[dict[str, Found]]:
    """Sends the question to which coupons codes lead, as `codes.read_code` reads them; call the result for those that do."""
    by_index = {index: code for code in set(texts) for index in code_index.indexes_of_read(uow.district_id, code)}
    if not by_index:
        return dict
    values = {"district": hex_of(uow.district_id), "indexes": bytes_array(sorted(by_index))}
    cursor = uow.execute(_OF_CODES, values)
    return lambda: {
        by_index[bytes(index)]: Found(f"cpn_{coupon}", f"cam_{campaign}", member and f"mem_{member}")
        for index, coupon, campaign, member in cursor.fetchall()
    }


def ask_tendered(
    uow: UnitOfWork, coupon_ids: Collection[str], *, lock: bool = True, wait: bool = True
) -> Asked[dict[str, Tendered]]:
    """Sends the question for coupons by id, locked in the order of ids; call the result for them.

    Without `wait` those that a neighbour has locked are left out. Share their campaigns, and lock balances, before.
    """
    if not coupon_ids:
        return dict
    query = (_LOCK if wait else _LOCK_FREE) if lock else _READ
    values = {"district": hex_of(uow.district_id), "coupons": id_array(sorted(coupon_ids))}
    return _ask(uow, query, _CAMPAIGNS_OF_SOME, values)


def _ask(uow: UnitOfWork, query: str, of_campaigns: str, values: Mapping[str, Any]) -> Asked[dict[str, Tendered]]:
    coupons, campaigns = uow.execute(query, values), _ask_campaigns(uow, of_campaigns, values)
    return lambda: {one.coupon.coupon_id: one for one in _all_tendered(coupons.fetchall(), campaigns())}


class Behind:
    """Coupons behind codes, locked in the packet that asks where these lead: the database follows them by itself."""

    def __init__(self, uow: UnitOfWork, texts: Iterable[str]) -> None:
        indexes = {index for code in set(texts) for index in code_index.indexes_of_read(uow.district_id, code)}
        self._uow = uow
        self._values = {"district": hex_of(uow.district_id), "indexes": bytes_array(sorted(indexes))}

    def ask_shared(self, *, wait: bool) -> Asked[set[str]]:
        """Lets their campaigns stay as they are; call the result for those that do, without `wait` as many as are free."""
        return ask_shared_of(self._uow, _CAMPAIGNS_BEHIND, self._values, wait=wait)

    def ask_tendered(self, *, wait: bool) -> Asked[dict[str, Tendered]]:
        """The same as the function of this name."""
        return _ask(self._uow, _LOCK_BEHIND if wait else _LOCK_FREE_BEHIND, _CAMPAIGNS_OF_CODES, self._values)


def ask_open_of(uow: UnitOfWork, member_id: str) -> Asked[list[Tendered]]:
    """Sends the question for a member's coupons that may still be used, those that end first in front, up to MOST_OPEN."""
    values = {"district": hex_of(uow.district_id), "member": hex_of(member_id), "now": uow.now}
    coupons, campaigns = uow.execute(_OPEN_OF, values), _ask_campaigns(uow, _CAMPAIGNS_OF_OPEN, values)
    return lambda: _all_tendered(coupons.fetchall(), campaigns())


class _Campaign(NamedTuple):
    merchant_id: str | None
    name: str
    terms: Terms
    is_paused: bool


def _ask_campaigns(uow: UnitOfWork, query: str, values: Mapping[str, Any]) -> Asked[dict[str, _Campaign]]:
    cursor = uow.execute(query, values)
    return lambda: {
        campaign: _Campaign(owner and f"mer_{owner}", *_compiled(f"cam_{campaign}", kept), is_paused)
        for campaign, owner, kept, is_paused in cursor.fetchall()
    }


def _all_tendered(rows: Iterable[Row], campaigns: Mapping[str, _Campaign]) -> list[Tendered]:
    """A coupon whose campaign isn't among them was used between the two questions."""
    return [_tendered(row, campaigns[row[1]]) for row in rows if row[1] in campaigns]


def _tendered(row: Row, campaign: _Campaign) -> Tendered:
    coupon, _, member, code_key, set_aside, status, usable_from, expires_at, *held, frozen = row
    presented = Presented(
        f"cpn_{coupon}",
        campaign.terms,
        usable_from,
        expires_at,
        member_id=member and f"mem_{member}",
        state=status,
        hold=_hold(*held) if status == "reserved" else None,
        member_is_frozen=frozen,
        campaign_is_paused=campaign.is_paused,
    )
    return Tendered(presented, campaign.name, campaign.merchant_id, set_aside, code_key)


def _hold(merchant: str, reference: str, until: datetime) -> Hold:
    return Hold(f"mer_{merchant}", reference, until)


@lru_cache(maxsize=1024)
def _compiled(campaign_id: str, kept: str) -> tuple[str, Terms]:
    """A campaign's name and terms, put together once for each state of them."""
    terms = orjson.loads(kept)
    return terms["name"], terms_of(campaign_id, terms)
