"""A member code shown at a till: whose it is, and a token by which the till can name the member for some minutes."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.districts import queries as districts
from app.districts.queries import Shop
from app.foundation.clock import format_instant, parse_instant
from app.foundation.database.idempotency import StoredAnswer
from app.foundation.database.once import Once, ToStore, do_once
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound, ValidationFailed
from app.foundation.tenancy import Principal
from app.members import queries as members
from app.members import services as member_services
from app.members.codes import keys as code_keys
from app.members.codes import queries as code_queries
from app.members.codes.guessing import Guesses
from app.members.codes.presence_tokens import LASTS, Presence
from app.members.codes.queries import Holder
from app.members.codes.rules import NOBODY, MemberCode, parse_code, right_at, right_lately
from app.members.errors import MemberCodeExpired, MemberCodeUsed
from app.points.purses import queries as points
from app.points.tiers.present import tiers_of

POINTER = "/code"


class Resolved(NamedTuple):
    """Who stands at the till: the sealed name, the points that can be spent now, and the tier as it is shown."""

    presence: Presence
    name: bytes | None
    spendable: int
    tier: dict[str, Any] | None = None
    is_replay: bool = False


def resolve(principal: Principal, text: str, store_id: str | None, once: Once[Resolved] | None) -> Resolved:
    """Burns a live code, as it was read at a store (None: the key's own), and says whose it is.

    Raises NotFound for a wrong code or store, MemberCodeExpired, MemberCodeUsed, RateLimited.
    """
    code = parse_code(text)
    guesses = Guesses(principal, store_id, [] if code is None else [(code.number, code.digits)])
    try:
        return do_once(principal, lambda uow: _resolve(uow, code, store_id, guesses), once, pipelined=True)
    finally:
        guesses.count_wrong()


def _resolve(uow: UnitOfWork, code: MemberCode | None, store_id: str | None, guesses: Guesses) -> Resolved:
    """The first round trip asks all there is to ask; the second burns the code and reads the points.

    If a neighbour burns it in between, its row is met, and a second try finds it used.
    """
    store_id = store_id or uow.principal.store_id
    if store_id is None:
        raise ValidationFailed.at("/store_id", "required", _l("A store is needed, unless the key is a store's own."))
    shop = districts.ask_shop(uow, store_id)
    holders = code_queries.ask_holders(uow, [code.number] if code else ())
    store = shop()
    if store is None or not uow.principal.acts_for(store.merchant_id, store.store_id):
        raise NotFound.at("/store_id", _l("store"))
    if code is None:
        raise NotFound.at(POINTER, _l("member code"))
    refusal = guesses.refusal(code.number, code.digits)
    if refusal is not None:
        raise refusal
    holder, step = _live(uow, code, holders(), guesses)
    if step in holder.used:
        raise MemberCodeUsed.at(POINTER)
    return _burn(uow, holder, step, store)


def _burn(uow: UnitOfWork, holder: Holder, step: int, store: Shop) -> Resolved:
    """Uses a code up: it proves that its member is there, and deals with the merchant."""
    code_keys.use_codes(uow, [(holder.member_id, step, store.store_id)])
    if member_services.is_news(holder.proved_at, uow.now):
        member_services.prove_members(uow, [holder.member_id])
    known = members.ask_known(uow, [(holder.member_id, store.merchant_id)])
    ends = (uow.now + LASTS).replace(microsecond=0)
    resolved = _resolved(uow, Presence(holder.member_id, store.store_id, ends), holder.name)
    pair = (resolved.presence.member_id, store.merchant_id)
    if not known().get(pair):
        member_services.join_merchants(uow, [pair], way="code", is_proven=True)
    return resolved


def _resolved(uow: UnitOfWork, presence: Presence, name: bytes | None) -> Resolved:
    """With the points and tier of now; of a member that was merged into another, the other one's."""
    balance = points.ask_balances(uow, [presence.member_id], lock=False)()[presence.member_id]
    if balance.member_id != presence.member_id:
        presence = presence._replace(member_id=balance.member_id)
        name = members.sealed_name(uow, balance.member_id)
    return Resolved(presence, name, balance.spendable, tiers_of(uow, [balance.member_id]).get(balance.member_id))


def _live(uow: UnitOfWork, code: MemberCode, holders: dict[str, Holder], guesses: Guesses) -> tuple[Holder, int]:
    """Who shows a code, and its minute, if it is right now. The same work is done where nobody has its number, so that time tells nothing."""
    holder = holders.get(code.number)
    keys = NOBODY if holder is None else holder.keys
    step = right_at(keys, code.digits, uow.now)
    if holder is not None and step is not None:
        return holder, step
    was_right = right_lately(keys, code.digits, uow.now, uow.now)
    if holder is not None and was_right:
        raise MemberCodeExpired.at(POINTER)
    guesses.wrong(code.number, code.digits)
    raise NotFound.at(POINTER, _l("member code"))


def to_store(resolved: Resolved) -> ToStore:
    """What is kept of an answer under an idempotency key."""
    presence = resolved.presence
    return 200, {
        "member_id": presence.member_id,
        "store_id": presence.store_id,
        "expires_at": format_instant(presence.expires_at),
    }


def again(uow: UnitOfWork, stored: StoredAnswer) -> Resolved:
    """The first answer again, with the same token; name, tier and points are read anew."""
    kept = stored.answer
    presence = Presence(kept["member_id"], kept["store_id"], parse_instant(kept["expires_at"]))
    name = members.sealed_name(uow, presence.member_id)
    return _resolved(uow, presence, name)._replace(is_replay=True)
