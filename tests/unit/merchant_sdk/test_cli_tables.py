from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from merchant_sdk import cli
from tests.factories.command_product import Product, rejected_rows

HEADER = "流水号,金额,时间,手机号\n"
AT = "2026-11-20 10:00:00"


def zipped(name: str, content: bytes) -> bytes:
    """A ZIP of one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    return tmp_path / "sales.csv"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 500, "an old .xls, or an .xlsx with a password"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "an HTML page"),
        (b'<?xml version="1.0"?><Workbook/>', "it is XML"),
        (b"%PDF-1.7", "a PDF"),
        (gzip.compress(b"x"), "an archive"),
        (zipped("bill.csv", b"x"), "an archive"),
        (zipped("content.xml", b"<x/>"), "an archive"),
    ],
    ids=["old xls", "html", "xml", "pdf", "gzip", "zip", "ods"],
)
def test_what_is_no_table_is_told_in_one_sentence(
    product: Product, sales: Path, capsys: Any, content: bytes, words: str
) -> None:
    sales.write_bytes(content)
    assert cli.main(["report", str(sales)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{sales}: ")
    assert words in line
    assert product.batches == []


def test_reasons_are_told_in_the_reader_s_language(product: Product, sales: Path, capsys: Any) -> None:
    flaw = {"status": 409, "code": "reference-conflict", "detail": "单号已用于另一笔交易。"}
    product.refused["B"] = flaw
    sales.write_text(f"{HEADER}1.0E+20,1,{AT},\n合计,1,{AT},\nA,1.234,{AT},\nB,1,{AT},\n")
    assert cli.main(["report", str(sales), "--language", "zh"]) == 1
    _, *rows = rejected_rows(sales.with_name("sales.rejected.csv"))
    assert [row[4] for row in rows] == [
        "流水号：1.0E+20：表格软件已把这个号码缩短；请把此列设为“文本”格式后重新导出",
        "这是合计行",
        "金额：1.234 不足一分的零头（单位是元）",
        "409 reference-conflict: 单号已用于另一笔交易。",
    ]
    assert "拒收 4 行" in capsys.readouterr().out
    sales.write_text("流水号,时间\n")
    assert cli.main(["report", str(sales), "--language", "zh"]) == 2
    assert "没有 amount 的列" in capsys.readouterr().err


def test_the_server_is_asked_for_the_same_language(
    sales: Path, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    handle = product.handle
    monkeypatch.setattr(
        product,
        "handle",
        lambda request: (heard.append(request.headers.get("Accept-Language", "")), handle(request))[1],
    )
    sales.write_text(f"{HEADER}A,1,{AT},\n")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert cli.main(["report", str(sales)]) == 0
    assert heard == ["zh"]


def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(
    product: Product, sales: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QUANTONG_API_KEY")
    sales.write_text(f"{HEADER}A,12.80,{AT},13800000000\nB,x,{AT},\n")
    assert cli.main(["report", str(sales), "--dry-run"]) == 1
    first, second, last = capsys.readouterr().out.splitlines()
    assert json.loads(first.removeprefix("row 2: ")) == {
        "reference": "A",
        "amount": 1280,
        "occurred_at": "2026-11-20T02:00:00Z",
        "phone": "13800000000",
    }
    assert second == "row 3: rejected: amount: 'x' is no amount"
    assert last == "1 would be sent, 1 rejected; nothing was sent"
    assert [file.name for file in sales.parent.iterdir()] == ["sales.csv"]
    assert product.batches == []


def test_what_is_left_out_and_what_stands_twice_is_told(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(f"{HEADER}A,1,{AT},\nA,1,{AT},\nB,-1,{AT},\nC,2,{AT},测试\n")
    command = ["report", str(sales), "--negative-are-refunds", "--ignore", "手机号=测试"]
    assert cli.main(command) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[:4] == [
        "1 recorded, 0 known already, 0 in an earlier run",
        "1 left out: refunds, for `quantong-merchant refund`",
        "1 left out: 手机号: 测试 (--ignore)",
        "1 twice in this very file, not sent again",
    ]
    assert cli.main(command) == 1
    assert capsys.readouterr().out.startswith("0 recorded, 0 known already, 1 in an earlier run\n")


def test_receipts_of_lines_are_sent_once_and_an_interrupted_run_goes_on(
    product: Product, sales: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merchant_sdk._command.importing.BATCH_SIZE", 1)
    sales.write_text(f"{HEADER}A,1,{AT},\nB,2,{AT},\nA,3,{AT},\n")
    product.fault = lambda: httpx.Response(401) if product.batches else None
    command = ["report", str(sales), "--sum-lines"]
    assert cli.main(command) == 2
    product.fault = lambda: None
    assert cli.main(command) == 0
    assert capsys.readouterr().out == "2 recorded, 0 known already, 1 in an earlier run\n"
    assert {reference: body["amount"] for reference, body in product.recorder.bodies.items()} == {"B": 200, "A": 400}
    assert set(product.recorder.times_sent.values()) == {1}


def test_each_sheet_has_files_of_its_own(product: Product, tmp_path: Path) -> None:
    path = tmp_path / "sales.xlsx"
    book = openpyxl.Workbook()
    for name, reference in (("九月", "A"), ("十月", "B")):
        sheet = book.create_sheet(name)
        sheet.append(["流水号", "金额", "时间"])
        sheet.append([reference, 1, AT])
        sheet.append(["x", "y", AT])
    book.save(path)
    for name in ("九月", "十月"):
        assert cli.main(["report", str(path), "--sheet", name]) == 1
        assert rejected_rows(tmp_path / f"sales.{name}.rejected.csv")[1][0] == "x"
    assert product.recorder.order == ["A", "B"]


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:7890", "http://[::1"])
def test_a_proxy_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, capsys: Any, value: str) -> None:
    monkeypatch.setenv("ALL_PROXY", value)
    monkeypatch.setenv("QUANTONG_API_KEY", "sk_test_1")
    monkeypatch.setenv("QUANTONG_BASE_URL", "http://127.0.0.1:1")
    assert cli.main(["status"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert f"a proxy that can't be used (ALL_PROXY={value})" in line


def test_certificates_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent.pem")
    monkeypatch.setenv("QUANTONG_API_KEY", "sk_test_1")
    monkeypatch.setenv("QUANTONG_BASE_URL", "http://127.0.0.1:1")
    assert cli.main(["status"]) == 2
    assert "SSL_CERT_FILE=/nonexistent.pem" in capsys.readouterr().err


def test_rows_of_a_day_alone_are_reported_at_the_time_that_is_said(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text("流水号,金额,日期\nA,1,2026-11-20\nB,2,2026-11-20\n")
    assert cli.main(["report", str(sales)]) == 1
    assert product.batches == []
    refused = sales.with_name("sales.rejected.csv")
    assert "--at 12:00" in refused.read_text("utf-8-sig")
    assert cli.main(["report", str(refused), "--at", "18:30"]) == 0
    assert [row["occurred_at"] for row in product.batches[0]] == ["2026-11-20T10:30:00Z"] * 2
    for wrong in ("25:00", "noon"):
        with pytest.raises(SystemExit):
            cli.main(["report", str(sales), "--at", wrong])
        assert f"'{wrong}' is no time of a day" in capsys.readouterr().err


def test_another_time_is_another_report(product: Product, sales: Path) -> None:
    sales.write_text("流水号,金额,日期\nA,1,2026-11-20\n")
    assert cli.main(["report", str(sales), "--at", "12:00"]) == 0
    assert cli.main(["report", str(sales), "--at", "12:00"]) == 0
    assert len(product.batches) == 1
    assert cli.main(["report", str(sales), "--at", "18:00"]) == 1, "the server holds the other time"
    assert len(product.batches) == 2
