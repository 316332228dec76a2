from __future__ import annotations

import http.client
import io
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from merchant_sdk import Client, OfflineQueue, cli, webhooks
from merchant_sdk._command import importing
from merchant_sdk._command.listening import listener
from merchant_sdk._command.progress import Progress
from tests.factories.command_product import Product, rejected_rows

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    return tmp_path / "sales.csv"


def table(*rows: str) -> str:
    return "\n".join(["流水号,金额,时间,手机号,备注", *rows]) + "\n"


GOOD = [f"A-{number},{number}.50,2026-01-01 20:{number:02d}:00,13800000000,面" for number in range(10)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_table_is_reported(product: Product, sales: Path, capsys: Any, encoding: str, ends: str) -> None:
    sales.write_bytes(table(*GOOD).replace("\n", ends).encode(encoding))
    assert cli.main(["report", str(sales)]) == 0
    assert product.recorder.bodies["A-3"] == {
        "reference": "A-3",
        "amount": 350,
        "occurred_at": "2026-01-01T12:03:00Z",
        "phone": "13800000000",
    }
    assert product.recorder.order == [f"A-{number}" for number in range(10)]
    said = capsys.readouterr()
    assert said.out == "10 recorded, 0 known already, 0 in an earlier run\n"
    assert "columns that are not sent: 备注" in said.err
    assert "sales: 10 of 10" in said.err
    assert not sales.with_name("sales.rejected.csv").exists()


def test_a_sheet_is_reported(product: Product, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["单号", "金额", "时间", "手机号"])
    book.active.append([10001, 128.4, datetime(2026, 1, 1, 20, 15), 13800000000])
    book.active.append([None, None, None, None])
    book.active.append(["A-2", "1,000", "2026/1/1 20:16", None])
    book.save(tmp_path / "sales.xlsx")
    assert cli.main(["report", str(tmp_path / "sales.xlsx")]) == 0
    assert list(product.recorder.bodies.values()) == [
        {"reference": "10001", "amount": 12840, "occurred_at": "2026-01-01T12:15:00Z", "phone": "13800000000"},
        {"reference": "A-2", "amount": 100000, "occurred_at": "2026-01-01T12:16:00Z"},
    ]


def test_bad_rows_never_stop_good_ones(product: Product, sales: Path, capsys: Any) -> None:
    flaw = {"pointer": "/phone", "code": "invalid-phone", "detail": "No such phone."}
    product.refused["A-3"] = {"status": 422, "code": "validation-failed", "errors": [flaw]}
    product.refused["A-9"] = {"status": 409, "code": "reference-conflict", "detail": "It is another sale's."}
    bad = [
        "B-1,1.234,2026-01-01 20:00,,",
        "B-2,1,yesterday,,",
        ",1,2026-01-01 20:00,,",
        f"B-3,1,2026-01-01 20:00,{'x' * 20000},",
    ]
    sales.write_text(
        table(bad[0], *GOOD[:5], "", *bad[1:], *GOOD[5:], 'C-1,1,2026-01-01 20:00,,"两\n行"', "C-2,1,2,3,4,5")
    )
    assert cli.main(["report", str(sales)]) == 1
    assert len(product.recorder.order) == 9
    header, *rows = rejected_rows(sales.with_name("sales.rejected.csv"))
    assert header == ["流水号", "金额", "时间", "手机号", "备注", "reason"]
    assert [(row[0], row[5]) for row in rows] == [
        ("B-1", "amount: 1.234 has parts of a fen (the unit is yuan)"),
        ("A-3", "422 validation-failed: phone: No such phone."),
        ("B-2", "occurred_at: 'yesterday' is no time of a day (say 2026-01-01 20:15:00)"),
        ("", "reference: empty"),
        ("B-3", "its cells are too long"),
        ("A-9", "409 reference-conflict: It is another sale's."),
        ("C-2", "more cells than there are columns: is a comma not quoted?"),
    ]
    assert rows[1][:5] == GOOD[3].split(",")
    assert "7 rejected: " in capsys.readouterr().out


def test_the_rejected_file_can_be_corrected_and_reported(product: Product, sales: Path) -> None:
    sales.write_text(table("A-1,x,2026-01-01 20:00,,"))
    assert cli.main(["report", str(sales)]) == 1
    rejected = sales.with_name("sales.rejected.csv")
    rejected.write_text(rejected.read_text(encoding="utf-8-sig").replace(",x,", ",5,"), encoding="utf-8-sig")
    assert cli.main(["report", str(rejected)]) == 0
    assert product.recorder.bodies["A-1"]["amount"] == 500
    assert rejected.exists()


def test_a_run_goes_on_where_the_last_one_ended(
    product: Product, sales: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH_SIZE", 3)
    sales.write_text(table("B-1,x,2026-01-01 20:00,,", *GOOD))
    product.fault = lambda: httpx.Response(503) if len(product.batches) >= 2 else None
    assert cli.main(["report", str(sales)]) == 2
    assert "7 rows are done; run it again to go on" in capsys.readouterr().err
    assert product.recorder.order == [f"A-{number}" for number in range(6)]
    assert len(rejected_rows(sales.with_name("sales.rejected.csv"))) == 2
    product.fault = lambda: None
    assert cli.main(["report", str(sales)]) == 1
    assert capsys.readouterr().out.startswith("4 recorded, 0 known already, 6 in an earlier run\n1 rejected")
    assert set(product.recorder.times_sent.values()) == {1}
    assert cli.main(["report", str(sales)]) == 1
    assert capsys.readouterr().out.startswith("0 recorded, 0 known already, 10 in an earlier run\n1 rejected")
    assert set(product.recorder.times_sent.values()) == {1}


def test_a_torn_journal_loses_little_and_harms_nothing(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(table(*GOOD))
    cli.main(["report", str(sales)])
    journal = sales.with_name("sales.csv.journal")
    head, _ = journal.read_text().splitlines()
    journal.write_text(f'{head}\n[2,3]\n"x"\n[4,"5"]\n{{\n[6,')
    capsys.readouterr()
    assert cli.main(["report", str(sales)]) == 0
    assert capsys.readouterr().out == "0 recorded, 8 known already, 2 in an earlier run\n"
    assert product.recorder.conflicts == []


def test_a_changed_file_is_reported_anew(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(table(*GOOD[:9]))
    cli.main(["report", str(sales)])
    sales.write_text(table(*GOOD))
    capsys.readouterr()
    assert cli.main(["report", str(sales)]) == 0
    assert capsys.readouterr().out == "1 recorded, 9 known already, 0 in an earlier run\n"
    assert (
        cli.main(["report", str(sales), "--unit", "yuan", "--set", "channel=till"]) == 1
    )  # other sales now: conflicts


def test_options(product: Product, sales: Path) -> None:
    sales.write_text("no;sum;when\nA-1;1250;2026-01-01 20:00\n")
    options = ["--map", "no=reference", "--map", "sum=amount", "--map", "when=occurred_at", "--unit", "fen"]
    options += ["--time-zone", "Europe/Berlin", "--set", "store_code=A101-1"]
    assert cli.main(["report", str(sales), *options]) == 0
    assert product.recorder.bodies["A-1"] == {
        "reference": "A-1",
        "amount": 1250,
        "occurred_at": "2026-01-01T19:00:00Z",
        "store_code": "A101-1",
    }


def test_sales_of_now(product: Product, sales: Path) -> None:
    sales.write_text("单号,金额\nA-1,5\n")
    assert cli.main(["report", str(sales)]) == 2
    assert product.batches == []
    assert cli.main(["report", str(sales), "--now"]) == 0
    assert product.batches == [[{"reference": "A-1", "amount": 500}]]


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (None, [], "No such file"),
        (b"", [], "empty"),
        (b"\n \n", [], "empty"),
        (b"\x81", [], "neither UTF-8 nor GB18030"),
        (b"PK\x03\x04rubbish", [], "no XLSX file"),
        (b"a,b\n1,2\n", [], "no column for reference, amount, occurred_at; there are: a, b"),
        (b"reference,amount,occurred_at\n", ["--time-zone", "Mars/Base"], "no such time zone"),
        (b"reference,amount,occurred_at\n", ["--map", "amount"], "NAME=VALUE"),
        (b"reference,amount,occurred_at\n", ["--set", "colour=red"], "no such field: colour"),
        (b"reference,amount,occurred_at\n", ["--base-url", "ftp://x"], "base_url"),
        (b"reference,amount,occurred_at\n", ["--key", "ü"], "api_key"),
        (b"reference,amount,occurred_at\n", ["--key", ""], "QUANTONG_API_KEY"),
    ],
)
def test_what_cannot_be_done_is_said(
    product: Product, sales: Path, capsys: Any, content: bytes | None, options: list[str], words: str
) -> None:
    if content is not None:
        sales.write_bytes(content)
    assert cli.main(["report", str(sales), *options]) == 2
    assert words in capsys.readouterr().err
    assert product.batches == []


def test_a_refused_key_ends_the_run(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(table(*GOOD))
    product.fault = lambda: httpx.Response(401, json={"code": "unauthorized"})
    assert cli.main(["report", str(sales)]) == 2
    assert "401 unauthorized" in capsys.readouterr().err


def test_an_interrupted_run(product: Product, sales: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sales.write_text(table(*GOOD))
    with monkeypatch.context() as patched:
        advance, calls = Progress.advance, iter([None, None])

        def interrupt(self: Progress, count: int) -> None:
            if next(calls, "third") == "third":
                raise KeyboardInterrupt
            advance(self, count)

        patched.setattr(Progress, "advance", interrupt)
        assert cli.main(["report", str(sales)]) == 130
    capsys.readouterr()
    assert cli.main(["report", str(sales)]) == 0
    assert capsys.readouterr().out == "0 recorded, 7 known already, 3 in an earlier run\n"


def test_wrong_usage(capsys: Any) -> None:
    for arguments in ([], ["dance"], ["report"], ["report", "x", "--unit", "jiao"]):
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        assert ended.value.code == 2


def test_without_openpyxl_the_extra_is_named(
    product: Product, sales: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    sales.write_bytes(b"PK\x03\x04")
    assert cli.main(["report", str(sales)]) == 2
    assert "pip install 'quantong-merchant-sdk[xlsx]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (None, 0, "key: works\n"),
        (
            httpx.Response(403, json={"code": "forbidden", "detail": "No."}),
            0,
            "key: works, but may not read sales (No.)",
        ),
        (httpx.Response(401, json={"code": "unauthorized"}), 1, "key: refused (401 unauthorized"),
        (httpx.Response(500), 2, ""),
    ],
)
def test_status_of_the_key(product: Product, capsys: Any, answer: Any, code: int, words: str) -> None:
    product.fault = lambda: answer
    assert cli.main(["status"]) == code
    assert words in capsys.readouterr().out


def test_status_of_a_queue(product: Product, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "queue.db"
    with (
        Client("sk_test_1", "http://q.test", transport=httpx.MockTransport(product.handle)) as client,
        OfflineQueue(path, client, now=lambda: datetime(2026, 1, 1, 12, tzinfo=UTC)) as queue,
    ):
        queue.report(reference="A-1", amount=1)
        product.refused["A-1"] = {"status": 404, "code": "not-found", "detail": "No such store."}
        queue.send()
        queue.report(reference="A-2", amount=1)
    assert cli.main(["status", "--queue", str(path)]) == 1
    said = capsys.readouterr().out
    assert "queue: 1 waiting, since 2026-01-01 12:00:00 UTC; 1 rejected\n" in said
    assert "  1  sale A-1: 404 not-found: No such store.\nkey: works\n" in said
    monkeypatch.delenv("QUANTONG_API_KEY")
    assert cli.main(["status", "--queue", str(path)]) == 1
    assert cli.main(["status", "--queue", str(tmp_path / "none")]) == 2
    assert not (tmp_path / "none").exists()
    assert cli.main(["status"]) == 2


@pytest.fixture
def listening() -> Iterator[tuple[int, list[str]]]:
    said: list[str] = []
    with listener("127.0.0.1", 0, [SECRET], said.append) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1], said
        server.shutdown()
        thread.join()


def post(port: int, body: bytes, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/hook", body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_listen_shows_verified_webhooks_and_says_which_are_not(listening: tuple[int, list[str]]) -> None:
    port, said = listening
    body = '{"type": "points.earned", "timestamp": "2026-01-01T00:00:00Z", "data": {"name": "面"}}'.encode()
    headers = webhooks.sign(body, SECRET, "evt_1", datetime.now(UTC))
    assert post(port, body, headers) == 204
    assert said[0] == '2026-01-01 00:00:00 UTC  points.earned  evt_1  (verified)\n{\n  "name": "面"\n}'
    assert post(port, body + b" ", headers) == 400
    assert "NOT VERIFIED (no signature" in said[1]
    assert post(port, body, {}) == 400
    assert post(port, b"", {"Content-Length": "9999999999"}) == 413
    assert post(port, b"", {"Content-Length": "x"}) == 411
    assert len(said) == 3


def test_listen_wants_a_secret_and_a_free_port(
    listening: tuple[int, list[str]], capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QUANTONG_WEBHOOK_SECRET", raising=False)
    assert cli.main(["listen"]) == 2
    assert "--secret" in capsys.readouterr().err
    assert cli.main(["listen", "--secret", SECRET, "--port", str(listening[0])]) == 2
    assert "in use" in capsys.readouterr().err
    assert cli.main(["listen", "--secret", "whsec_", "--port", "0"]) == 2


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_is_a_bar() -> None:
    out, clock = Terminal(), iter(range(100))
    progress = Progress(out, "sales", 200, lambda: float(next(clock)))
    progress.begin(100)
    progress.advance(50)
    progress.end()
    last = out.getvalue().split("\r")[-1]
    assert last.startswith(f"sales {'█' * 22}{'░' * 8}  75% 150/200 0:")
    assert last.endswith("\x1b[K\n")


def test_progress_elsewhere_is_lines() -> None:
    out = io.StringIO()
    progress = Progress(out, "sales", 1000)
    progress.begin(0)
    for _ in range(1000):
        progress.advance(1)
    progress.end()
    assert out.getvalue().splitlines() == [f"sales: {done:,} of 1,000" for done in range(100, 1001, 100)]
