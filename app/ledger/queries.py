"""Reading the ledger. What others join with rows of their own is text of SQL here, so that it stays one question."""

from __future__ import annotations

from collections.abc import Sequence

from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

SUBJECTS = """
    SELECT t.subject_id FROM transfers AS t
    WHERE t.district_id = %(district)s AND t.journal_id = ANY(%(journals)s::uuid[]) AND t.code = ANY(%(codes)s::text[])
"""
"""What the transfers of some journals, with some codes, were about."""
MOVEMENTS = """
    SELECT t.district_id, t.line, t.holder_id, t.holder_sequence, t.code, t.holder_balance, t.subject_id, t.journal_id, j.kind,
           j.occurred_at, j.recorded_at, o.owner_id AS other_owner_id,
           CASE WHEN t.credit_account_id = t.holder_id THEN t.amount ELSE -t.amount END AS amount
    FROM transfers AS t
    JOIN journals AS j ON j.district_id = t.district_id AND j.id = t.journal_id
    LEFT JOIN accounts AS o ON o.district_id = t.district_id
        AND o.id = CASE WHEN t.debit_account_id = t.holder_id THEN t.credit_account_id ELSE t.debit_account_id END
    WHERE t.district_id = %(district)s
"""
"""Transfers as their holders see them: what came in (above 0) or went out, and who owns the account on the other side."""
MOVEMENTS_OF_ALL = f"""
    SELECT m.*, h.owner_id AS owner_id FROM ({MOVEMENTS}) AS m
    JOIN accounts AS h ON h.district_id = m.district_id AND h.id = m.holder_id
    WHERE h.district_id = %(district)s
"""
"""The same with whose they are."""
ENTRIES = """
    SELECT t.journal_id, t.code, t.asset, t.amount, t.subject_id, j.kind AS journal_kind, j.recorded_at,
           d.kind AS debit_kind, d.owner_id AS debit_owner_id, c.kind AS credit_kind, c.owner_id AS credit_owner_id
    FROM transfers AS t
    JOIN journals AS j ON j.district_id = t.district_id AND j.id = t.journal_id
    JOIN accounts AS d ON d.district_id = t.district_id AND d.id = t.debit_account_id
    JOIN accounts AS c ON c.district_id = t.district_id AND c.id = t.credit_account_id
    WHERE t.district_id = %(district)s
"""
"""Transfers with both of their accounts."""
RECORDED = "SELECT j.id, j.kind, j.recorded_at FROM journals AS j WHERE j.district_id = %(district)s"
"""Journals, and when they were recorded."""
_BALANCE = """
    SELECT coalesce(sum(CASE WHEN credit_account_id = %(account)s THEN amount ELSE -amount END), 0) FROM transfers
    WHERE district_id = %(district)s AND asset = 'money' AND %(account)s IN (debit_account_id, credit_account_id)
"""
_OF_JOURNALS = """
    SELECT journal_id, subject_id, amount FROM transfers
    WHERE district_id = %(district)s AND journal_id = ANY(%(journals)s::uuid[]) AND code = %(code)s
    ORDER BY journal_id, line
"""


def balance_of(uow: UnitOfWork, account_id: str) -> int:
    """What all transfers of an account come to: for accounts of money whose balance nobody keeps, and few ask for."""
    [(balance,)] = uow.rows(_BALANCE, {"district": hex_of(uow.district_id), "account": hex_of(account_id)})
    return int(balance)


def ask_transfers(uow: UnitOfWork, journal_ids: Sequence[str], code: str) -> Asked[dict[str, list[tuple[str, int]]]]:
    """Sends the question for the transfers of journals with a code; call the result for the answer.

    By the digits of the journals' ids: (digits of the subject's id, amount) in the order of their lines.
    """
    values = {"district": hex_of(uow.district_id), "journals": id_array(journal_ids), "code": code}
    cursor = uow.execute(_OF_JOURNALS, values)

    def answer() -> dict[str, list[tuple[str, int]]]:
        found: dict[str, list[tuple[str, int]]] = {}
        for journal, subject, amount in cursor.fetchall():
            found.setdefault(journal, []).append((subject, amount))
        return found

    return answer
