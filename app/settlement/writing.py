"""Journals, statements and lines written in sets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.foundation.database.sql_arrays import id_array, number_array, rows_of, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.settlement import queries
from app.settlement.rules import Clearing, LineKey, MovedSum, Party
from app.settlement.sealing.texts import plain

_TAKE = f"""
    INSERT INTO settled_journals (district_id, period_id, journal_id)
    VALUES (%(district)s::uuid, %(period)s::uuid, {unnested(journals="uuid")})
"""
_STATEMENTS = f"""
    INSERT INTO statements (district_id, period_id, id, party_kind, party_id)
    VALUES (%(district)s::uuid, %(period)s::uuid, {unnested(ids="uuid", kinds="text", parties="uuid")})
    ON CONFLICT (district_id, period_id, party_kind, party_id) DO NOTHING
"""
_LINE_TYPES = {
    "statements": "uuid",
    "keys": "text",
    "kinds": "text",
    "prices": "numeric",
    "campaigns": "uuid",
    "funder_kinds": "text",
    "funders": "uuid",
    "versions": "integer",
    "points": "bigint",
    "items": "bigint",
    "earlier": "bigint",
}
_LINES = f"""
    INSERT INTO statement_lines AS l (district_id, statement_id, key, kind, price, campaign_id, funder_kind, funder_id,
                                      terms_version, points, items, of_earlier_periods)
    VALUES (%(district)s::uuid, {unnested(**_LINE_TYPES)})
    ON CONFLICT (district_id, statement_id, key) DO UPDATE SET
        points = l.points + EXCLUDED.points, items = l.items + EXCLUDED.items,
        of_earlier_periods = l.of_earlier_periods + EXCLUDED.of_earlier_periods,
        terms_version = least(l.terms_version, EXCLUDED.terms_version)
"""
_PAYMENTS = f"""
    UPDATE statements AS s SET payments = s.payments + w.amount, closing = s.closing + w.amount
    FROM {rows_of(ids="uuid", amounts="bigint")} AS w (id, amount)
    WHERE s.district_id = %(district)s AND s.id = w.id
"""


@dataclass(slots=True)
class LineSum:
    """What has come together in a line. `version`: the earliest one of the terms that has its price."""

    points: int = 0
    items: int = 0
    earlier: int = 0
    version: int | None = None


Sums = dict[tuple[Party, LineKey], LineSum]


def summed(clearing: Clearing, movements: Iterable[MovedSum]) -> Sums:
    """What movements bring each party, by line."""
    sums: Sums = {}
    for moved in movements:
        for effect in clearing.effects(moved):
            known = sums.setdefault((effect.party, effect.line), LineSum(version=effect.version))
            known.points += effect.points
            known.items += moved.items
            known.earlier += moved.earlier
            if effect.version is not None and known.version is not None:
                known.version = min(known.version, effect.version)
    return sums


def paid(clearing: Clearing, movements: Iterable[MovedSum]) -> dict[Party, int]:
    """What movements bring the balances of parties besides: payments in, less those out."""
    sums: dict[Party, int] = {}
    for moved in movements:
        for party, amount in clearing.paid(moved):
            sums[party] = sums.get(party, 0) + amount
    return sums


def add_payments(uow: UnitOfWork, period_id: str, paid: Mapping[Party, int]) -> None:
    """Adds payments to the statements of a period. Hold the period."""
    if not paid:
        return
    statements = add_statements(uow, period_id, paid)
    values = {"ids": id_array([statements[party] for party in paid]), "amounts": number_array(list(paid.values()))}
    uow.write(_PAYMENTS, values)


def key_of(line: LineKey) -> str:
    """What tells a line of a statement from the others, as one text."""
    price = "" if line.price is None else plain(line.price)
    return " ".join((line.kind, price, line.campaign_id or "", *(line.funder or ())))


def take(uow: UnitOfWork, period_id: str, journal_ids: Sequence[str], sums: Sums) -> None:
    """Lets a period take journals, and adds what they bring to its statements. Hold the period."""
    if journal_ids:
        uow.write(_TAKE, {"period": hex_of(period_id), "journals": id_array(journal_ids)})
    if not sums:
        return
    statements = add_statements(uow, period_id, {party for party, _ in sums})
    ordered = sorted(sums, key=lambda one: (statements[one[0]], key_of(one[1])))
    lines, found = [line for _, line in ordered], [sums[one] for one in ordered]
    prices = [None if line.price is None else plain(line.price) for line in lines]
    uow.write(
        _LINES,
        {
            "statements": id_array([statements[party] for party, _ in ordered]),
            "keys": text_array([key_of(line) for line in lines]),
            "kinds": text_array([line.kind for line in lines]),
            "prices": text_array(prices),
            "campaigns": id_array([line.campaign_id for line in lines]),
            "funder_kinds": text_array([line.funder and line.funder.kind for line in lines]),
            "funders": id_array([line.funder and line.funder.id for line in lines]),
            "versions": number_array([one.version for one in found]),
            "points": number_array([one.points for one in found]),
            "items": number_array([one.items for one in found]),
            "earlier": number_array([one.earlier for one in found]),
        },
    )


def add_statements(uow: UnitOfWork, period_id: str, parties: Collection[Party]) -> Mapping[Party, str]:
    """Gives parties statements of a period where they have none yet; says which they have. Hold the period."""
    known = {party: row.id for party, row in queries.statements_of(uow, period_id).items()}
    new = {party: new_id("stm") for party in sorted(parties) if party not in known}
    if new:
        values = {
            "period": hex_of(period_id),
            "ids": id_array(list(new.values())),
            "kinds": text_array([party.kind for party in new]),
            "parties": id_array([party.id for party in new]),
        }
        uow.write(_STATEMENTS, values)
    return {**known, **new}
