"""Refunds that tills keep while the network is down, against the running product."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from merchant_sdk import Client, OfflineQueue
from tests.factories.books import broken
from tests.factories.districts import District
from tests.factories.points import figures
from tests.factories.processes import wait_until

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def client(address: str, district: District) -> Iterator[Client]:
    with Client(district.shop.key, address) as client:
        yield client


def test_sales_and_refunds_of_an_offline_spell_count_once(district: District, client: Client, tmp_path: Path) -> None:
    member, store = district.member(), district.shop.store_id
    with OfflineQueue(tmp_path / "queue.db") as queue:
        early = queue.refund(reference="R-early", transaction_reference="A-late", amount=500)
        kept = [queue.report(amount=1_000, store_id=store, member_id=member) for _ in range(20)]
        backs = [queue.refund(transaction_reference=item.reference, amount=400) for item in kept[:10]]
        too_much = queue.refund(transaction_reference=kept[0].reference, amount=601)
        queue.report(reference="A-late", amount=1_000, store_id=store, member_id=member)
    with OfflineQueue(tmp_path / "queue.db", client, batch_size=7) as queue:
        report = queue.send()
        assert (report.sent, report.rejected, report.waiting, report.error) == (32, 1, 0, None)
        [refused] = queue.rejected()
    assert refused.reference == too_much.reference
    assert refused.error is not None
    assert [flaw.pointer for flaw in refused.error.errors] == ["/amount"]
    assert {refund.reference for refund in client.refunds.list()} == {
        early.reference,
        *(back.reference for back in backs),
    }
    earned = (10 * 10, 10 * 6, 5)  # untouched, less 400 of 1000, less 500 of 1000
    assert figures(district, member) == (sum(earned), 0, 0)

    with OfflineQueue(tmp_path / "again.db", client) as queue:  # the disk was put back from a copy
        for kind, items in (("sale", kept), ("refund", backs)):
            for item in items:
                queue.keep(kind, item.body)
        assert queue.send().sent == 30
    assert figures(district, member) == (sum(earned), 0, 0)
    assert broken(district.id) == {}


def test_a_refund_at_one_till_waits_for_the_sale_at_another(district: District, client: Client, tmp_path: Path) -> None:
    member, later = district.member(), datetime.now(UTC) + timedelta(minutes=1)
    with OfflineQueue(tmp_path / "second.db", client) as queue:
        queue.refund(reference="R-1", transaction_reference="A-1", amount=1_000)
        assert (queue.send().waiting, queue.rejected()) == (1, [])
    with OfflineQueue(tmp_path / "first.db", client) as queue:
        queue.report(reference="A-1", amount=1_000, store_id=district.shop.store_id, member_id=member)
        assert queue.send().sent == 1
    assert figures(district, member) == (10, 0, 0)
    with OfflineQueue(tmp_path / "second.db", client, now=lambda: later) as queue:
        assert queue.send().sent == 1
    assert figures(district, member) == (0, 0, 0)
    assert broken(district.id) == {}


def test_a_thread_sends_refunds_too(district: District, client: Client, tmp_path: Path) -> None:
    with OfflineQueue(tmp_path / "queue.db", client) as queue, queue.sending(every_seconds=0.05):
        item = queue.report(amount=1_000, store_id=district.shop.store_id)
        back = queue.refund(transaction_reference=item.reference, amount=1_000)
        assert wait_until(lambda: queue.counts().waiting == 0)
        assert queue.rejected() == []
    [refund] = client.refunds.list(reference=back.reference)
    assert client.transactions.get(refund.transaction_id).status == "refunded"
