"""Two purses become one, and a purse is emptied for good (docs/ledger.md)."""

from __future__ import annotations

from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.foundation.problems import NotFound
from app.ledger import services as ledger
from app.ledger.rules import Journal
from app.members import queries as members
from app.members.errors import MemberIsFrozen
from app.points.purses import queries
from app.points.purses.balance import Balance
from app.points.purses.posting import ASSET, Posting
from app.points.tiers.member_tiers import TierStates
from app.points.tiers.queries import ladder

_MERGED = """
    UPDATE point_balances AS b SET merged_into = %(survivor)s::uuid
    WHERE b.district_id = %(district)s::uuid AND (b.member_id = %(old)s::uuid OR b.merged_into = %(old)s::uuid)
"""
_HELD = """
    UPDATE point_balances AS b SET is_spend_locked = b.is_spend_locked OR o.is_spend_locked,
                                   spend_rests_until = greatest(b.spend_rests_until, o.spend_rests_until)
    FROM point_balances AS o
    WHERE b.district_id = %(district)s::uuid AND b.member_id = %(survivor)s::uuid
      AND o.district_id = %(district)s::uuid AND o.member_id = %(old)s::uuid
"""
_LOTS = """
    UPDATE lots SET member_id = %(survivor)s::uuid
    WHERE district_id = %(district)s::uuid AND member_id = %(old)s::uuid
"""
_USAGE = """
    INSERT INTO rule_usage (district_id, member_id, day, points)
    SELECT district_id, %(survivor)s::uuid, day, points FROM rule_usage
    WHERE district_id = %(district)s::uuid AND member_id = %(old)s::uuid
    ON CONFLICT (district_id, member_id, day) DO UPDATE SET points = (
        SELECT jsonb_object_agg(key, points) FROM (
            SELECT key, sum(value::bigint) AS points FROM (
                SELECT * FROM jsonb_each_text(rule_usage.points) UNION ALL SELECT * FROM jsonb_each_text(excluded.points)
            ) AS both_ GROUP BY key
        ) AS sums
    )
"""
_USAGE_MOVED = """
    UPDATE rule_usage SET points = '{}' WHERE district_id = %(district)s::uuid AND member_id = %(old)s::uuid
"""
_ERASED = """
    UPDATE point_balances SET is_erased = true
    WHERE district_id = %(district)s::uuid AND member_id = %(member)s::uuid
"""
_REASONS = """
    UPDATE adjustments SET reason = ''
    WHERE district_id = %(district)s::uuid AND member_id = ANY(%(members)s::uuid[])
"""


def purses(uow: UnitOfWork, *member_ids: str, lock: bool = True) -> list[Balance]:
    """Balances of members who are there, locked in order. Raises NotFound, and MemberIsFrozen if any of them is."""
    balances = queries.ask_balances(uow, member_ids, lock=lock)()
    found = [balances.get(member_id) for member_id in member_ids]
    there = [one for one in found if one is not None and not one.is_erased]
    if len(there) < len(found):
        raise NotFound
    if any(one.is_frozen for one in there):
        raise MemberIsFrozen
    return there


def merge_purses(uow: UnitOfWork, old_id: str, survivor_id: str) -> None:
    """Moves lots, debts, lifetimes, tiers and what was used under caps to the survivor; the old id leads there from now on. A spend lock wins, and so does the longer
    rest.

    Raises NotFound, MemberIsFrozen.
    """
    old, survivor = purses(uow, old_id, survivor_id)
    ledger.open_accounts(uow, [(ASSET, "transit", uow.district_id)])
    posting = Posting(uow, {one.member_id: one for one in (old, survivor)})
    journal = Journal(new_id("mrg"), "merge", uow.principal.id, uow.now)
    posting.open_journal(journal)
    for lot in queries.held_lots(uow, old_id):
        posting.move_lot(journal.id, lot, survivor_id)
    posting.move_owed(journal.id, old, survivor)
    posting.join_lifetimes(old, survivor)
    posting.write()
    ids = {"old": hex_of(old_id), "survivor": hex_of(survivor_id)}
    for statement in (_LOTS, _USAGE, _USAGE_MOVED, _MERGED):
        uow.write(statement, ids)
    states = TierStates(uow, ladder(uow))
    states.merge(old_id, survivor_id)
    states.write()
    if old.is_spend_locked or old.spend_rests_until is not None:
        uow.write(_HELD, ids)


def erase_purse(uow: UnitOfWork, member_id: str) -> int:
    """Empties a purse: points become breakage, debts are written off, and nothing can be posted to it again.

    Gives the points that were owed, which whoever joins again with the phone owes again (`purses.services.owe_again`).
    Why points were given or taken by hand was written about the person, and goes.

    Raises NotFound.
    """
    balances = queries.ask_balances(uow, [member_id])()
    if member_id not in balances or balances[member_id].is_erased:
        raise NotFound
    owed = balances[member_id].owed
    posting = Posting(uow, balances)
    journal = Journal(f"ers_{hex_of(member_id)}", "erasure", uow.principal.id, uow.now)
    posting.open_journal(journal)
    posting.erase(journal.id, member_id, queries.held_lots(uow, member_id))
    posting.write()
    uow.write(_ERASED, {"member": hex_of(member_id)})
    uow.write(_REASONS, {"members": id_array(members.with_merged(uow, member_id))})
    return owed
