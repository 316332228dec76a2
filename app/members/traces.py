"""Traces of phones that members have lost or left with: whoever joins by one is nobody's first customer, and owes what was owed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import cast
from uuid import uuid4

from app.foundation.database.sql_arrays import bytes_array, id_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.runtime import keyring

TRACE_DAYS = 365
"""How long a trace of a phone is kept, so that who leaves and joins again earns no welcome twice (docs/decisions/0035-who-sees-members.md)."""
_TRACE = f"""
    INSERT INTO phone_traces AS t (district_id, trace, left_at, owed, debt_id)
    VALUES (%(district)s::uuid, {unnested(traces="bytea")}, %(now)s::timestamptz, %(owed)s::bigint, %(debt)s::uuid)
    ON CONFLICT (district_id, trace) DO UPDATE
    SET left_at = excluded.left_at, debt_id = coalesce(excluded.debt_id, t.debt_id),
        owed = CASE WHEN excluded.debt_id IS NULL THEN t.owed ELSE excluded.owed END
"""
_RETURNED = """
    SELECT trace, debt_id FROM phone_traces
    WHERE district_id = %(district)s AND trace = ANY(%(traces)s::bytea[]) AND left_at > %(since)s
"""
_HOLD_DEBTS = """
    SELECT debt_id, owed FROM phone_traces
    WHERE district_id = %(district)s AND debt_id = ANY(%(debts)s::uuid[]) ORDER BY trace FOR UPDATE
"""
_TAKE_DEBTS = """
    UPDATE phone_traces SET owed = 0 WHERE district_id = %(district)s AND debt_id = ANY(%(debts)s::uuid[])
"""


def leave_traces(uow: UnitOfWork, phones: Iterable[str], *, owed: int = 0) -> None:
    """Keeps a trace of phones (E.164) that lead to their member no more, and of what it `owed`, if it left.

    The debt has an id that leads nowhere else. One that an earlier owner left is still owed.
    """
    traces = sorted({trace for phone in phones for trace in _traces(uow, phone)})
    if traces:
        uow.write(_TRACE, {"traces": bytes_array(traces), "owed": owed, "debt": uuid4().hex if owed else None})


def _traces(uow: UnitOfWork, phone: str) -> list[bytes]:
    return list(keyring().indexes(uow.district_id, "phone-trace", phone).values())


def take_traces_back(uow: UnitOfWork, phones: Iterable[str]) -> dict[str, int]:
    """Those of some phones whose member left within the last year, with what it owed: that is owed again from now on.

    Whoever had several phones owes by the first of them that comes back. Hold the phones.
    """
    found_by = {trace: phone for phone in phones for trace in _traces(uow, phone)}
    if not found_by:
        return {}
    values = {
        "district": hex_of(uow.district_id),
        "traces": bytes_array(list(found_by)),
        "since": uow.now - timedelta(days=TRACE_DAYS),
    }
    found = [(found_by[bytes(trace)], debt) for trace, debt in uow.rows(_RETURNED, values)]
    owing = _take_debts(uow, {debt for _, debt in found if debt})
    back = {phone: 0 for phone, _ in found}
    for phone, debt in found:
        back[phone] += owing.pop(debt, 0)
    return back


def _take_debts(uow: UnitOfWork, debts: set[str]) -> dict[str, int]:
    """What is still owed of debts, once: whoever takes them at the same time comes after."""
    if not debts:
        return {}
    values = {"district": hex_of(uow.district_id), "debts": id_array(sorted(debts))}
    owing: dict[str, int] = dict(cast("list[tuple[str, int]]", uow.rows(_HOLD_DEBTS, values)))
    uow.execute(_TAKE_DEBTS, values)
    return owing


def forget(uow: UnitOfWork) -> int:
    """Drops the district's traces that are older than a year; gives their number."""
    since = uow.now - timedelta(days=TRACE_DAYS)
    query = "DELETE FROM phone_traces WHERE district_id = %s AND left_at <= %s"
    return uow.execute(query, (hex_of(uow.district_id), since)).rowcount
