"""Posting: sets of journals and transfers in one statement each. One sale is a set of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.foundation.ids import hex_of
from app.foundation.sql_arrays import id_array, instant_array, number_array, text_array
from app.foundation.unit_of_work import UnitOfWork
from app.ledger.rules import Journal, Transfer, account_id

_JOURNALS = """
    INSERT INTO journals (district_id, id, kind, principal_id, occurred_at, recorded_at)
    SELECT %(district)s, j.id, j.kind, j.principal, j.occurred, %(now)s
    FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(principals)s::uuid[], %(occurred)s::timestamptz[])
        AS j (id, kind, principal, occurred)
"""
_TRANSFERS = """
    INSERT INTO transfers (district_id, journal_id, line, asset, debit_account_id, credit_account_id, amount, code,
                           subject_id, holder_id, holder_sequence, holder_balance)
    SELECT %(district)s, t.*
    FROM unnest(%(journals)s::uuid[], %(lines)s::smallint[], %(assets)s::text[], %(debits)s::uuid[],
                %(credits)s::uuid[], %(amounts)s::bigint[], %(codes)s::text[], %(subjects)s::uuid[],
                %(holders)s::uuid[], %(sequences)s::bigint[], %(balances)s::bigint[]) AS t
"""
_OPEN = """
    INSERT INTO accounts (district_id, id, asset, kind, owner_id, created_at)
    SELECT %(district)s, a.id, a.asset, a.kind, a.owner, %(now)s
    FROM unnest(%(ids)s::uuid[], %(assets)s::text[], %(kinds)s::text[], %(owners)s::uuid[])
        AS a (id, asset, kind, owner)
    ON CONFLICT DO NOTHING
"""


def open_accounts(uow: UnitOfWork, wanted: Iterable[tuple[str, str, str]]) -> None:
    """Opens accounts given as (asset, kind, owner id); those that are open already stay as they are."""
    accounts = list(wanted)
    uow.execute(
        _OPEN,
        {
            "district": hex_of(uow.district_id),
            "now": uow.now,
            "ids": id_array([account_id(*one) for one in accounts]),
            "assets": text_array([asset for asset, _, _ in accounts]),
            "kinds": text_array([kind for _, kind, _ in accounts]),
            "owners": id_array([owner for _, _, owner in accounts]),
        },
    )


def post(uow: UnitOfWork, journals: Sequence[Journal], transfers: Sequence[Transfer]) -> None:
    """Appends journals with their transfers. The caller holds the locks of the holders' balances."""
    if not transfers:
        return
    district = hex_of(uow.district_id)
    uow.execute(
        _JOURNALS,
        {
            "district": district,
            "now": uow.now,
            "ids": id_array([one.id for one in journals]),
            "kinds": text_array([one.kind for one in journals]),
            "principals": id_array([one.principal_id for one in journals]),
            "occurred": instant_array([one.occurred_at for one in journals]),
        },
    )
    uow.execute(
        _TRANSFERS,
        {
            "district": district,
            "journals": id_array([one.journal_id for one in transfers]),
            "lines": number_array([one.line for one in transfers]),
            "assets": text_array([one.asset for one in transfers]),
            "debits": id_array([one.debit_account_id for one in transfers]),
            "credits": id_array([one.credit_account_id for one in transfers]),
            "amounts": number_array([one.amount for one in transfers]),
            "codes": text_array([one.code for one in transfers]),
            "subjects": id_array([one.subject_id for one in transfers]),
            "holders": id_array([one.holder_id for one in transfers]),
            "sequences": number_array([one.holder_sequence for one in transfers]),
            "balances": number_array([one.holder_balance for one in transfers]),
        },
    )
