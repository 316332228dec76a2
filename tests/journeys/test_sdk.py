"""What the SDK's calls on spending, refunds, adjustments and the audit log get from the running product."""

from __future__ import annotations

import pytest

from merchant_sdk import Client, ReferenceConflict, SaleNotRecordedYet, ValidationError
from tests.factories.books import broken
from tests.factories.districts import District

pytestmark = pytest.mark.usefixtures("context")


def test_points_are_spent_and_come_back(alliance: Client, district: District) -> None:
    member = district.member()
    given = alliance.members.adjust_points(member, 500, "opening gift")
    assert (given.points, given.balance and given.balance.available) == (500, 500)
    sale = {"member_id": member, "amount": 12_800, "store_id": district.shop.store_id, "points_to_spend": 300}
    quote = alliance.transactions.quote(reference="A-1", **sale)  # type: ignore[arg-type]
    done = alliance.transactions.report(reference="A-1", **sale)  # type: ignore[arg-type]
    assert (quote.points_spent, quote.points_amount, quote.paid_amount) == (300, 300, 12_500)
    assert (done.points_spent, done.paid_amount, done.points_earned) == (300, 12_500, 125)
    back = alliance.transactions.refund(reference="R-1", transaction_id=done.id, amount=12_800, reason="wrong size")
    assert (back.money_amount, back.points_reversed, back.points_restored) == (12_500, 125, 300)
    assert (back.reason, back.balance and back.balance.available) == ("wrong size", 500)
    assert alliance.transactions.get(done.id).status == "refunded"
    with pytest.raises(ValidationError) as raised:
        alliance.transactions.report(reference="A-2", **{**sale, "points_to_spend": 501})  # type: ignore[arg-type]
    assert [(flaw.pointer, flaw.code) for flaw in raised.value.errors] == [("/points_to_spend", "not-enough-points")]
    taken = alliance.members.adjust_points(member, -500, "closing")
    assert taken.balance is not None
    assert taken.balance.available == 0
    assert broken(district.id) == {}


def test_refunds_of_a_shop_name_sales_by_their_references(shop: Client, district: District) -> None:
    sales = [{"reference": f"A-{n}", "amount": 1_000, "store_id": district.shop.store_id} for n in range(3)]
    assert [result.status for result in shop.transactions.report_batch(sales)] == [201] * 3
    refunds = [{"reference": f"R-{n}", "transaction_reference": f"A-{n}", "amount": 400} for n in range(5)]
    told: list[int] = []
    results = list(shop.transactions.refund_batch(refunds, workers=1, on_progress=told.append))
    assert [result.status for result in results] == [201, 201, 201, 404, 404]
    assert isinstance(results[3].error, SaleNotRecordedYet)
    assert told == [5]
    assert [result.status for result in shop.transactions.refund_batch(refunds[:3])] == [200] * 3
    again = shop.transactions.refund(reference="R-0", transaction_reference="A-0", amount=400)
    assert results[0].refund is not None
    assert again.id == results[0].refund.id
    with pytest.raises(ReferenceConflict):
        shop.transactions.refund(reference="R-0", transaction_reference="A-0", amount=401)
    with pytest.raises(SaleNotRecordedYet):
        shop.transactions.refund(reference="R-9", transaction_reference="A-9", amount=1)
    assert [one.reference for one in shop.refunds.list()] == ["R-2", "R-1", "R-0"]
    [listed] = shop.refunds.list(reference="R-1")
    assert shop.refunds.get(listed.id) == listed
    assert [one.id for one in shop.refunds.list(transaction_id=listed.transaction_id)] == [listed.id]
    assert broken(district.id) == {}


def test_the_audit_log_tells_of_an_adjustment(alliance: Client, district: District) -> None:
    member = district.member()
    alliance.members.adjust_points(member, 50, "goodwill")
    [entry] = alliance.audit_entries.list(action="points.adjusted", subject_id=member)
    assert entry.actor is not None
    assert (entry.actor.kind, entry.address) == ("key", "127.0.0.1")
    assert list(alliance.audit_entries.list(subject_id=member, recorded_to=entry.recorded_at)) == []
