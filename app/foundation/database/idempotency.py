"""The same request again gets the same answer and does nothing: a key is stored in the commit of the work it did.

What is stored are a status, ids and figures; what a route calls personal or secret it reads again or seals. Keys are
for retries over a network, so they are kept for a day of real time, whatever a test clock does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

import orjson

from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import (
    Packed,
    bytes_array,
    id_array,
    json_array,
    number_array,
    rows_of,
    text_array,
    unnested,
)
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import IdempotencyKeyReused
from app.foundation.runtime import keyring

KEEP = timedelta(hours=24)
MAX_KEY_LENGTH = 255
LATER: Mapping[str, bool] = MappingProxyType({"later": True})
"""Of a field that came later: fingerprints of bodies without it stay what they were."""
_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_DATACLASS
Pair = tuple[str, str]
"""The id of a principal, and its key."""
StoredKey = tuple[bytes, int, dict[str, Any]]
"""Fingerprint, status and answer."""
KNOWN = f"""
    SELECT w.principal FROM {rows_of(principals="uuid", keys="text")} AS w (principal, key)
    WHERE EXISTS (
        SELECT FROM idempotency_keys AS i
        WHERE i.district_id = %(district)s::uuid AND i.principal_id = w.principal AND i.key = w.key
    )
"""
"""The principals of those keys that have an answer, as a part of a larger question; needs the parameters of `columns`."""
_KNOWN_KEYS = KNOWN.replace("SELECT w.principal FROM", "SELECT w.principal, w.key FROM", 1)
_STORED = """
    SELECT k.principal_id, k.key, k.fingerprint, k.status, k.answer
    FROM unnest(%(principals)s::uuid[], %(keys)s::text[]) AS w (principal, key)
    CROSS JOIN LATERAL (
        SELECT * FROM idempotency_keys AS i
        WHERE i.district_id = %(district)s AND i.principal_id = w.principal AND i.key = w.key LIMIT 1
    ) AS k
"""
_KEEP = f"""
    INSERT INTO idempotency_keys (district_id, principal_id, key, fingerprint, status, answer, recorded_at)
    VALUES (%(district)s::uuid,
            {unnested(principals="uuid", keys="text", prints="bytea", statuses="smallint", answers="jsonb")},
            %(real_now)s::timestamptz)
"""
_TAKE_OVER = """
    UPDATE idempotency_keys SET fingerprint = %s, status = 0, answer = '{}', recorded_at = %s, ends_at = %s
    WHERE district_id = %s AND principal_id = %s AND key = %s AND ends_at <= %s RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What an earlier request with this key ended with. `ends_at`: when it is as if there had been none, if that is soon."""

    fingerprint: bytes
    status: int
    answer: dict[str, Any]
    ends_at: datetime | None = None


def fingerprint(method: str, path: str, body: Any) -> bytes:
    """16 bytes that tell one validated request from another, whatever the order of its fields."""
    canonical = orjson.dumps([method, path, body], default=_plain, option=_CANONICAL)
    return hashlib.blake2b(canonical, digest_size=16).digest()


def _plain(value: Any) -> Any:
    """What JSON doesn't know in its words: of a value with fields these, which it would else not sort."""
    if is_dataclass(value):
        named = _names(value.__class__)
        return {name: said for name, is_later in named if (said := getattr(value, name)) or not is_later}
    return str(value)


@cache
def _names(kind: type[Any]) -> tuple[tuple[str, bool], ...]:
    return tuple((one.name, "later" in one.metadata) for one in fields(kind))


def sealed(district_id: str, request: bytes) -> tuple[bytes, ...]:
    """What may be stored of a fingerprint, from which no phone can be guessed: under each index key, the first now."""
    return tuple(keyring().indexes(district_id, "request", request.hex()).values())


def take_key(uow: UnitOfWork, key: str, request: bytes, *, keep: timedelta | None = None) -> StoredAnswer | None:
    """Takes a key for this unit of work, waiting for another that holds it; or gives the answer already stored.

    `keep`: how long an answer with a secret may be asked for again, if that is less than a day; after it the request is a
    new one. Raises IdempotencyKeyReused if the stored request was another one, and psycopg's LockNotAvailable if the holder
    doesn't finish in time.
    """
    principal = (hex_of(uow.principal.district_id), hex_of(uow.principal.id), key)
    prints = sealed(uow.principal.district_id, request)
    ends_at = None if keep is None else uow.real_now + keep
    taken = uow.rows(
        "INSERT INTO idempotency_keys (district_id, principal_id, key, fingerprint, status, answer, recorded_at, ends_at) "
        "VALUES (%s, %s, %s, %s, 0, '{}', %s, %s) ON CONFLICT DO NOTHING RETURNING 1",
        (*principal, prints[0], uow.real_now, ends_at),
    )
    if taken:
        return None
    rows = uow.rows(
        "SELECT fingerprint, status, answer, ends_at FROM idempotency_keys "
        "WHERE district_id = %s AND principal_id = %s AND key = %s",
        principal,
    )
    if not rows:
        raise Overtaken  # forgotten in between: take it again
    stored = StoredAnswer(*rows[0])
    if stored.ends_at is not None and stored.ends_at <= uow.real_now:
        if uow.rows(_TAKE_OVER, (prints[0], uow.real_now, ends_at, *principal, uow.real_now)):
            return None
        raise Overtaken
    if stored.fingerprint not in prints:
        raise IdempotencyKeyReused
    return stored


def store_answer(uow: UnitOfWork, key: str, status: int, answer: dict[str, Any]) -> None:
    """Keeps the answer under a key taken in this unit of work."""
    uow.execute(
        "UPDATE idempotency_keys SET status = %s, answer = %s "
        "WHERE district_id = %s AND principal_id = %s AND key = %s",
        (
            status,
            orjson.dumps(answer).decode(),
            hex_of(uow.principal.district_id),
            hex_of(uow.principal.id),
            key,
        ),
    )


def columns(keys: Iterable[Pair]) -> dict[str, Packed | str | None]:
    """The parameters of KNOWN."""
    pairs = list(keys)
    return {"principals": id_array([one for one, _ in pairs]), "keys": text_array([key for _, key in pairs])}


def stored_keys(uow: UnitOfWork, keys: Iterable[Pair]) -> dict[Pair, StoredKey]:
    """What is stored under keys that were never taken apart from their answer, those of sales."""
    pairs = list(keys)
    ids = {hex_of(principal): principal for principal, _ in pairs}
    return {
        (ids[principal], key): (bytes(print_), status, answer)
        for principal, key, print_, status, answer in uow.rows(
            _STORED, {"district": hex_of(uow.district_id), **columns(pairs)}
        )
    }


def ask_known_keys(uow: UnitOfWork, keys: Collection[Pair]) -> Asked[set[Pair]]:
    """Sends the question which keys have been taken, as far as that is committed; call the result for these."""
    if not keys:
        return set
    by_hex = {(hex_of(principal), key): (principal, key) for principal, key in keys}
    cursor = uow.execute(_KNOWN_KEYS, {"district": hex_of(uow.district_id), **columns(keys)})
    return lambda: {by_hex[principal, key] for principal, key in cursor.fetchall()}


def keep_keys(uow: UnitOfWork, kept: Sequence[tuple[Pair, StoredKey]]) -> None:
    """Stores keys with their answers in one statement; one that a neighbour has stored meanwhile is a unique violation."""
    if not kept:
        return
    ordered = sorted(kept, key=lambda one: one[0])
    uow.write(
        _KEEP,
        {
            **columns(pair for pair, _ in ordered),
            "prints": bytes_array([print_ for _, (print_, _, _) in ordered]),
            "statuses": number_array([status for _, (_, status, _) in ordered]),
            "answers": json_array([answer for _, (_, _, answer) in ordered]),
            "real_now": uow.real_now,
        },
    )


def forget_key(uow: UnitOfWork, key: str) -> None:
    """Gives back a key taken in this unit of work, which commits a refusal: those are never stored."""
    uow.execute(
        "DELETE FROM idempotency_keys WHERE district_id = %s AND principal_id = %s AND key = %s",
        (hex_of(uow.principal.district_id), hex_of(uow.principal.id), key),
    )


def prune(uow: UnitOfWork) -> int:
    """Forgets the district's keys older than a day; gives their number."""
    query = "DELETE FROM idempotency_keys WHERE district_id = %s AND recorded_at < %s"
    return uow.execute(query, (hex_of(uow.district_id), uow.real_now - KEEP)).rowcount


def prune_secrets(uow: UnitOfWork) -> int:
    """Forgets the district's answers that can't be asked for again although a day isn't over; gives their number."""
    query = "DELETE FROM idempotency_keys WHERE district_id = %s AND ends_at <= %s"
    return uow.execute(query, (hex_of(uow.district_id), uow.real_now)).rowcount
