"""A browser becomes a till: by a code that works once, for some minutes; and its token, which it changes from time to time.

Whoever comes with a code names no district, so Valkey knows for these minutes to which one a code leads, under a keyed
print. It decides nothing: the till's row does, under its lock. While Valkey is away no till is paired.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from limits import parse_many
from redis.exceptions import RedisError

from app.districts import api_keys
from app.districts import queries as districts
from app.districts.rules import new_secret
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.limits.callers import EVERYWHERE, network_print
from app.foundation.http.limits.rate_limit import one_try
from app.foundation.http.limits.windows import Window
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of
from app.foundation.keyring import digest_of
from app.foundation.problems import Busy, NotFound
from app.foundation.runtime import keyring, runtime
from app.foundation.tenancy import Principal
from app.staff.tills import queries, rules, services
from app.staff.tills.events import TillPaired
from app.staff.tills.models import Till

_ISSUE = """
    INSERT INTO till_tokens (district_id, token_hash, till_id, replaces, issued_at)
    VALUES (%(district)s, %(hash)s, %(till)s, %(replaces)s, %(real_now)s)
"""
_FORGET_OTHERS = """
    DELETE FROM till_tokens
    WHERE district_id = %(district)s AND till_id = %(till)s
      AND (replaces = %(own)s AND used_at IS NULL OR ends_at <= %(real_now)s AND token_hash <> %(own)s)
"""
_USE = """
    UPDATE till_tokens SET used_at = %(real_now)s
    WHERE district_id = %(district)s AND token_hash = %(hash)s AND used_at IS NULL RETURNING replaces
"""
_END_SOON = """
    UPDATE till_tokens SET ends_at = %(ends)s
    WHERE district_id = %(district)s AND token_hash = %(replaced)s AND ends_at IS NULL
"""


class PairingCode(NamedTuple):
    """A code by which a browser becomes a till, and until when."""

    till_id: str
    code: str
    ends_at: datetime
    is_for_tests: bool


class TillPass(NamedTuple):
    """A token that is told once, and whose it is."""

    till_id: str
    store_id: str
    token: str


def new_code(uow: UnitOfWork, till_id: str, *, for_tests: bool = False) -> PairingCode:
    """Makes the code by which a browser becomes a till; an earlier one ends.

    One for tests, of a sandbox, works for a year, again and again, and ends no other browser. Raises NotFound, Forbidden, Busy.
    """
    till, maker_ends_at = queries.hold_till(uow, till_id), api_keys.check_maker(uow, rules.TILL_SCOPES)
    code, lasts = rules.new_pairing_code(), rules.LONGEST_PAIRING if for_tests else rules.PAIRING_LASTS
    till.pairing_hash, till.pairing_ends_at = _hash_of(code), uow.real_now + lasts
    till.pairing_is_for_tests, till.pairing_maker_ends_at = for_tests, maker_ends_at
    _point(
        code, uow.district_id, lasts
    )  # harmless where the commit fails: it then leads to a row that knows no such code
    return PairingCode(till.id, code, till.pairing_ends_at, for_tests)


def visitor_of_code(body: Mapping[str, Any]) -> Principal:
    """Who comes with a pairing code, in the district to which it leads. Raises NotFound, RateLimited, Busy."""
    with _counted():
        code = rules.pairing_digits(body["code"])
        district_id = None if code is None else _pointed(code)
        if code is None or district_id is None:
            raise no_such_code()
    return Principal("visitor", f"vis_{_hash_of(code)[:16].hex()}", district_id)


@contextmanager
def _counted() -> Iterator[None]:
    """One try of a network at a code; it counts if that leads nowhere."""
    with ExitStack() as tries:
        for item in parse_many(runtime().settings.wrong_codes_per_address):
            tries.enter_context(one_try(Window(item, ("pairing", network_print()))))
        yield


def pair(uow: UnitOfWork, text: str) -> TillPass:
    """Gives the token of a till to the browser that has its code. What was this till before is none any more.

    Raises NotFound for a code that is used, over or none.
    """
    code = rules.pairing_digits(text)
    till = None if code is None else queries.lock_pairing(uow, _hash_of(code))
    if till is None:
        raise no_such_code()
    if not till.pairing_is_for_tests:
        till.pairing_hash = till.pairing_ends_at = None
        services.end_tokens(uow, till.id)
    till.paired_at = till.seen_at = uow.real_now
    till.ends_at = till.pairing_maker_ends_at
    merchant_id = districts.find_store(uow, till.store_id).merchant_id
    uow.emit(TillPaired(till.id, till.store_id, merchant_id))
    audit.record(uow, "till.paired", till.id)
    return _issue(uow, till)


def renew(uow: UnitOfWork) -> TillPass:
    """Gives a till another token. The one that it has works until a minute after the new one was first used.

    So a till that loses the answer, or its power, goes on with what it has. Raises NotFound.
    """
    till = queries.hold_till(uow, uow.principal.id)
    own = uow.principal.secret_hash
    uow.write(_FORGET_OTHERS, {"till": hex_of(till.id), "own": own, "real_now": uow.real_now})
    return _issue(uow, till, replaces=own)


def use_token(uow: UnitOfWork, token_hash: bytes) -> None:
    """Notes the first use of a token; the one that it replaces ends soon."""
    values = {"district": hex_of(uow.district_id), "hash": token_hash, "real_now": uow.real_now}
    for (replaced,) in uow.rows(_USE, values):
        uow.write(_END_SOON, {"replaced": replaced, "ends": uow.real_now + rules.OVERLAP})


def no_such_code() -> NotFound:
    """The one refusal of a pairing code, whatever is wrong with it."""
    return NotFound.at("/code", _l("pairing code"))


def _issue(uow: UnitOfWork, till: Till, replaces: bytes | None = None) -> TillPass:
    token = new_secret(uow.district_id, districts.district(uow).mode, rules.HEAD)
    uow.write(
        _ISSUE, {"hash": digest_of(token), "till": hex_of(till.id), "replaces": replaces, "real_now": uow.real_now}
    )
    return TillPass(till.id, till.store_id, token)


def _hash_of(code: str) -> bytes:
    return keyring().index(EVERYWHERE, "pairing-code", code)


def _point(code: str, district_id: str, lasts: timedelta) -> None:
    try:
        with runtime().valkey.asked() as client:
            client.set(f"pairing/{_hash_of(code).hex()}", district_id, ex=lasts)
    except RedisError as error:
        raise Busy(headers={"Retry-After": "1"}) from error


def _pointed(code: str) -> str | None:
    try:
        with runtime().valkey.asked() as client:
            found = client.get(f"pairing/{_hash_of(code).hex()}")
    except RedisError as error:
        raise Busy(headers={"Retry-After": "1"}) from error
    return None if found is None else found.decode() if isinstance(found, bytes) else str(found)
