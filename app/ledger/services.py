"""Posting: sets of journals and transfers in one statement each. One sale is a set of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.foundation.database.sql_arrays import id_array, instant_array, number_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.ledger.rules import Journal, Transfer, account_id

_JOURNALS = f"""
    INSERT INTO journals (district_id, id, kind, principal_id, occurred_at, recorded_at)
    VALUES (%(district)s::uuid, {unnested(ids="uuid", kinds="text", principals="uuid", occurred="timestamptz")},
            %(now)s::timestamptz)
"""
_TRANSFER_VALUES = unnested(
    journals="uuid",
    lines="smallint",
    assets="text",
    debits="uuid",
    credits="uuid",
    amounts="bigint",
    codes="text",
    subjects="uuid",
    holders="uuid",
    sequences="bigint",
    balances="bigint",
)
_TRANSFERS = f"""
    INSERT INTO transfers (district_id, journal_id, line, asset, debit_account_id, credit_account_id, amount, code,
                           subject_id, holder_id, holder_sequence, holder_balance)
    VALUES (%(district)s::uuid, {_TRANSFER_VALUES})
"""
_OPEN = f"""
    INSERT INTO accounts (district_id, id, asset, kind, owner_id, created_at)
    VALUES (%(district)s::uuid, {unnested(ids="uuid", assets="text", kinds="text", owners="uuid")},
            %(now)s::timestamptz)
    ON CONFLICT DO NOTHING
"""


def open_accounts(uow: UnitOfWork, wanted: Iterable[tuple[str, str, str]]) -> None:
    """Opens accounts given as (asset, kind, owner id); those that are open already stay as they are."""
    accounts = list(wanted)
    uow.write(
        _OPEN,
        {
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
    ids, kinds, principals, occurred = zip(*journals, strict=True)
    uow.write(
        _JOURNALS,
        {
            "ids": id_array(ids),
            "kinds": text_array(kinds),
            "principals": id_array(principals),
            "occurred": instant_array(occurred),
        },
    )
    of, lines, assets, debits, credits_, amounts, codes, subjects, holders, sequences, balances = zip(
        *transfers, strict=True
    )
    uow.write(
        _TRANSFERS,
        {
            "journals": id_array(of),
            "lines": number_array(lines),
            "assets": text_array(assets),
            "debits": id_array(debits),
            "credits": id_array(credits_),
            "amounts": number_array(amounts),
            "codes": text_array(codes),
            "subjects": id_array(subjects),
            "holders": id_array(holders),
            "sequences": number_array(sequences),
            "balances": number_array(balances),
        },
    )
