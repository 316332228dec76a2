"""A till's offline queue, the SDK's command and its examples against the running product."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from merchant_sdk import Client, ConnectionFailed, OfflineQueue, webhooks
from tests.conftest import ROOT
from tests.factories.codes import early_in_the_minute, new_phone_of
from tests.factories.districts import District, new_phone
from tests.factories.processes import wait_until

EXAMPLES = ROOT / "merchant_sdk" / "examples"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue.db"


@pytest.fixture
def client(address: str, district: District) -> Iterator[Client]:
    with Client(district.shop.key, address) as client:
        yield client


def nowhere() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_sales_made_while_the_server_is_away_count_once_when_it_is_back(
    district: District, client: Client, path: Path
) -> None:
    phone = new_phone()
    member = district.member(phone)
    store = district.shop.store_code
    with Client(district.shop.key, nowhere()) as away, OfflineQueue(path, away) as queue:
        with queue.sending(every_seconds=0.01):
            kept = [queue.report(amount=100 * n, store_code=store, phone=phone) for n in range(1, 31)]
        report = queue.send()
        assert isinstance(report.error, ConnectionFailed)
        assert (report.sent, report.waiting, queue.counts().waiting) == (0, 30, 30)
    assert district.balance(member)["available"] == 0

    sent: list[str] = []
    with OfflineQueue(path, client, batch_size=7, on_sent=lambda item, _: sent.append(item.reference)) as queue:
        with queue.sending(every_seconds=0.05):
            assert wait_until(lambda: queue.counts().waiting == 0)
        assert queue.rejected() == []
    assert sent == [item.reference for item in kept]
    assert district.balance(member)["available"] == sum(range(1, 31))

    with OfflineQueue(path.with_name("again.db"), client) as queue:  # the disk was put back from a copy
        for item in kept:
            queue.keep("sale", item.body)
        assert queue.send().sent == 30
    assert district.balance(member)["available"] == sum(range(1, 31))


def test_a_batch_that_the_server_cannot_even_read_loses_only_its_poison(
    district: District, client: Client, path: Path
) -> None:
    store = district.shop.store_code
    with OfflineQueue(path, client) as queue:
        for number in range(20):
            amount = 1 << 70 if number in (3, 11) else 100  # no number that the product's JSON has
            queue.report(reference=f"A-{number}", amount=amount, store_code=store)
        queue.report(reference="A-no-store", amount=100, store_code="nowhere")
        report = queue.send()
        assert (report.sent, report.rejected, report.waiting, report.error) == (18, 3, 0, None)
        assert [item.reference for item in queue.rejected()] == ["A-3", "A-11", "A-no-store"]
        assert [item.status for item in queue.rejected()] != [0, 0, 0]
    rows = district.api.get("/v1/transactions?limit=100", district.key).ok()["data"]
    assert {row["reference"] for row in rows} == {f"A-{number}" for number in range(20)} - {"A-3", "A-11"}


def test_a_rejected_sale_is_retried_once_its_store_is_there(district: District, client: Client, path: Path) -> None:
    with OfflineQueue(path, client) as queue:
        queue.report(reference="A-1", amount=100, store_code="A101-2")
        assert queue.send().rejected == 1
        store = {
            "merchant_id": district.shop.merchant_id,
            "name": "西街店",
            "code": "A101-2",
            "zone": "w",
            "area_m2": 9,
        }
        district.api.post("/v1/stores", store, district.key).ok(201)
        assert queue.retry(queue.rejected()[0].id)
        assert queue.send().sent == 1


def test_a_revoked_key_keeps_everything(district: District, address: str, path: Path) -> None:
    made = district.api.post("/v1/api-keys", {"name": "till", "merchant_id": district.shop.merchant_id}, district.key)
    key = made.ok(201)
    district.api.call("DELETE", f"/v1/api-keys/{key['id']}", key=district.key).ok()
    with Client(key["secret"], address) as client, OfflineQueue(path, client) as queue:
        queue.report(amount=100, store_code=district.shop.store_code)
        assert wait_until(lambda: queue.send().error is not None)
        assert (queue.rejected(), queue.counts().waiting + queue.send().sent) == ([], 1)


def run(address: str, district: District, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command with the environment that its words ask for."""
    env = {**os.environ, "QUANTONG_BASE_URL": address, "QUANTONG_API_KEY": district.shop.key}
    env |= {
        "STORE_CODE": district.shop.store_code,
        "STORE_ID": district.shop.store_id,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }
    return subprocess.run([sys.executable, *command], env=env, cwd=cwd, capture_output=True, text=True, timeout=60)


def test_a_table_is_reported_and_reported_again(address: str, district: District, tmp_path: Path) -> None:
    at = f"{datetime.now(UTC):%Y-%m-%d} 00:00:00Z"
    rows = [f"R-{number},{number}.00,{at},{district.shop.store_code}" for number in range(1, 451)]
    text = "\r\n".join(["流水号,金额（元）,交易时间,门店", *rows, f"R-bad,1.00,{at},nowhere", ""])
    (tmp_path / "sales.csv").write_text(text, encoding="gb18030")
    command = ("-c", "import sys; from merchant_sdk.cli import main; sys.exit(main())", "report", "sales.csv")
    first = run(address, district, *command, cwd=tmp_path)
    assert (first.returncode, first.stderr.splitlines()[-1]) == (1, "sales: 451 of 451")
    assert first.stdout.startswith("450 recorded, 0 known already, 0 in an earlier run\n1 rejected: sales.rejected.csv")
    assert "R-bad" in (tmp_path / "sales.rejected.csv").read_text(encoding="utf-8-sig")
    (tmp_path / "sales.csv.journal").unlink()
    again = run(address, district, *command, cwd=tmp_path)
    assert again.stdout.startswith("0 recorded, 450 known already, 0 in an earlier run\n1 rejected")
    day = district.api.get(f"/v1/transactions/summary?on={at[:10]}", district.key).ok()
    assert (day["count"], day["amount"]) == (450, 100 * sum(range(1, 451)))
    status = run(address, district, *command[:2], "status", cwd=tmp_path)
    assert (status.returncode, status.stdout) == (0, "key: works\n")


def test_the_examples_do_what_they_say(address: str, district: District, tmp_path: Path) -> None:
    done = run(address, district, str(EXAMPLES / "first_sale.py"), new_phone(), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "128 points" in done.stdout
    done = run(address, district, str(EXAMPLES / "till.py"), "4", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (done.stdout.count("sold q-"), done.stdout.count(" points\n"), done.stdout[-10:]) == (4, 4, "0 waiting\n")
    today = f"{datetime.now(UTC).astimezone().date()}"
    done = run(address, district, str(EXAMPLES / "reconcile.py"), today, district.shop.store_id, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert " sales, " in done.stdout


def test_the_example_of_a_refund(address: str, district: District, tmp_path: Path) -> None:
    member = district.member()
    sale = district.report(member_id=member, amount=10_000).ok(201)
    example = str(EXAMPLES / "refund.py")
    done = run(address, district, example, sale["reference"], "2500", "wrong size", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert ": 25.00 CNY of money to give back\n  points taken back: 25, of these owed: 0\n" in done.stdout
    assert done.stdout.endswith("0 waiting\n")
    assert district.balance(member)["available"] == 75
    done = run(nowhere(), district, example, sale["reference"], "2500", cwd=tmp_path)
    assert "1 waiting (ConnectError" in done.stdout
    done = run(address, district, str(EXAMPLES / "till.py"), "0", cwd=tmp_path)  # the till shares the file
    assert (done.returncode, done.stdout[-10:]) == (0, "0 waiting\n")
    assert done.stdout.count(": -25 points\n") == 1
    assert district.balance(member)["available"] == 50


def test_the_example_of_spending(address: str, district: District, tmp_path: Path, context: None) -> None:
    phone = new_phone_of(district, name="王小明")
    district.report(member_id=phone.member_id, amount=50_000).ok(201)
    early_in_the_minute()
    example = str(EXAMPLES / "spend_points.py")
    done = run(address, district, example, phone.code(), "12800", "300", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "王** has 500 points",
        "300 points take off 3.00; the customer says yes",
        "to pay 125.00 CNY, earned 125 points",
    ]
    other = new_phone_of(district, name="李雷")
    done = run(address, district, example, other.code(), "12800", "9999", cwd=tmp_path)
    assert done.returncode == 1
    assert "not spent: 422 validation-failed" in done.stderr
    assert district.balance(phone.member_id)["available"] == 325


def test_a_table_of_refunds_is_reported_and_reported_again(address: str, district: District, tmp_path: Path) -> None:
    at = f"{datetime.now(UTC):%Y-%m-%d} 00:00:00Z"
    sales = [district.sale(amount=1_000) for _ in range(20)]
    district.api.post("/v1/transactions/batch", {"transactions": sales}, district.key).ok()
    rows = [f"R-{number},{sale['reference']},-4.00,{at}" for number, sale in enumerate(sales)]
    text = "\r\n".join(["退款单号,原流水号,退款金额,退款时间", *rows, f"R-bad,nowhere,-1.00,{at}", ""])
    (tmp_path / "refunds.csv").write_text(text, encoding="gb18030")
    command = ("-c", "import sys; from merchant_sdk.cli import main; sys.exit(main())", "refund", "refunds.csv")
    first = run(address, district, *command, cwd=tmp_path)
    assert (first.returncode, first.stderr.splitlines()[-1]) == (1, "refunds: 21 of 21")
    assert first.stdout.startswith(
        "20 recorded, 0 known already, 0 in an earlier run\n1 rejected: refunds.rejected.csv"
    )
    assert "404 sale-not-recorded-yet" in (tmp_path / "refunds.rejected.csv").read_text(encoding="utf-8-sig")
    (tmp_path / "refunds.csv.journal").unlink()
    again = run(address, district, *command, cwd=tmp_path)
    assert again.stdout.startswith("0 recorded, 20 known already, 0 in an earlier run\n1 rejected")
    listed = district.api.get("/v1/refunds?limit=100", district.key).ok()["data"]
    assert [one["amount"] for one in listed] == [400] * 20


def test_the_till_example_sells_while_the_server_is_away(district: District, tmp_path: Path) -> None:
    done = run(nowhere(), district, str(EXAMPLES / "till.py"), "2", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.count("sold q-") == 2
    assert "2 waiting (ConnectError" in done.stdout


def test_the_receiver_example_takes_what_is_signed() -> None:
    env = {**os.environ, "QUANTONG_WEBHOOK_SECRET": SECRET, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(EXAMPLES / "webhook_receiver.py"), "0"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().split()[-1])
            body = json.dumps({"type": "a.b", "timestamp": "2026-01-01T00:00:00Z", "data": {"n": 1}}).encode()
            headers = webhooks.sign(body, SECRET, "evt_1", datetime.now(UTC))
            for sent, status in ((headers, 204), (headers, 204), ({}, 400)):
                assert httpx.post(f"http://127.0.0.1:{port}", content=body, headers=sent).status_code == status
            assert process.stdout.readline() == "a.b {'n': 1}\n"
            assert process.stdout.readline().startswith("refused: ")
        finally:
            process.terminate()
