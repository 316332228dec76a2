from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from merchant_sdk import cli
from tests.factories.command_product import Product, rejected_rows

HEADER = "退款单号,原流水号,退款金额,退款时间,退款原因,收银员"
ROWS = [f"R-{number},A-{number},-{number}.50,2026-01-02 20:{number:02d}:00,尺码不合适,王" for number in range(1, 10)]


@pytest.fixture
def refunds(product: Product, tmp_path: Path) -> Path:
    for number in range(1, 10):
        sale = {"reference": f"A-{number}", "amount": 10_000, "occurred_at": "2026-01-01T00:00:00Z"}
        product.recorder.answer([sale])
    return tmp_path / "refunds.csv"


def table(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_table_of_refunds_is_reported(product: Product, refunds: Path, capsys: Any, encoding: str) -> None:
    refunds.write_text(table(*ROWS), encoding=encoding)
    assert cli.main(["refund", str(refunds)]) == 0
    assert list(product.recorder.refunds) == [f"R-{number}" for number in range(1, 10)]
    assert product.recorder.refunds["R-3"] == {
        "reference": "R-3",
        "transaction_reference": "A-3",
        "amount": 350,
        "occurred_at": "2026-01-02T12:03:00Z",
        "reason": "尺码不合适",
    }
    said = capsys.readouterr()
    assert said.out == "9 recorded, 0 known already, 0 in an earlier run\n"
    assert "columns that are not sent: 收银员" in said.err
    assert "refunds: 9 of 9" in said.err
    assert not refunds.with_name("refunds.rejected.csv").exists()


def test_a_sheet_of_refunds_is_reported(product: Product, refunds: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["refund_no", "order_no", "refund_amount"])
    book.active.append([7, "A-7", -12.8])
    book.save(refunds.with_suffix(".xlsx"))
    command = ["refund", str(refunds.with_suffix(".xlsx")), "--now", "--set", "reason=recall"]
    assert cli.main(command) == 0
    assert product.batches == [[{"reference": "7", "transaction_reference": "A-7", "amount": 1280, "reason": "recall"}]]


def test_refused_refunds_go_into_a_file_that_can_be_sent_again(product: Product, refunds: Path, capsys: Any) -> None:
    refunds.write_text(table(ROWS[0], "R-x,A-x,-1,2026-01-02 20:00,,", "R-y,,-1,2026-01-02 20:00,,", ROWS[1]))
    assert cli.main(["refund", str(refunds)]) == 1
    assert "2 recorded" in capsys.readouterr().out
    rejected = refunds.with_name("refunds.rejected.csv")
    header, *rows = rejected_rows(rejected)
    assert header == [*HEADER.split(","), "refused_because"]
    assert [(row[0], row[-1].split(":")[0]) for row in rows] == [
        ("R-x", "404 sale-not-recorded-yet"),
        ("R-y", "transaction_reference or transaction_id"),
    ]
    product.recorder.answer([{"reference": "A-x", "amount": 100, "occurred_at": "2026-01-01T00:00:00Z"}])
    assert cli.main(["refund", str(refunds)]) == 1
    assert capsys.readouterr().out.startswith("1 recorded, 0 known already, 2 in an earlier run\n1 rejected")
    assert cli.main(["refund", str(rejected)]) == 1
    assert [row[0] for row in rejected_rows(rejected.with_name("refunds.rejected.rejected.csv"))] == ["退款单号", "R-y"]


def test_an_interrupted_run_goes_on(product: Product, refunds: Path, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("merchant_sdk._command.importing.BATCH_SIZE", 3)
    refunds.write_text(table(*ROWS))
    answers = [None, None, httpx.Response(401, json={"code": "unauthorized"})]
    product.fault = lambda: answers.pop(0) if answers else None
    assert cli.main(["refund", str(refunds)]) == 2
    assert "6 rows are done; run it again to go on" in capsys.readouterr().err
    assert cli.main(["refund", str(refunds)]) == 0
    assert capsys.readouterr().out == "3 recorded, 0 known already, 6 in an earlier run\n"
    refunds.with_name("refunds.csv.journal").unlink()
    assert cli.main(["refund", str(refunds)]) == 0
    assert capsys.readouterr().out == "0 recorded, 9 known already, 0 in an earlier run\n"
    assert product.recorder.conflicts == []


def test_a_table_of_sales_is_no_table_of_refunds(product: Product, refunds: Path, capsys: Any) -> None:
    refunds.write_text("流水号,金额,时间\nA-1,1,2026-01-01 00:00\n")
    assert cli.main(["refund", str(refunds)]) == 2
    assert "no column for reference, transaction_reference or transaction_id; there are" in capsys.readouterr().err
    assert product.batches == []
