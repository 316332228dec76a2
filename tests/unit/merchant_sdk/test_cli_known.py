"""What was reported before is told from what is new, what an earlier run did, and what stands twice in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from merchant_sdk import cli
from tests.factories.command_product import Product, rejected_rows

HEADER = "流水号,金额,时间,手机号\n"
AT = "2026-11-20 10:00:00"
A, B, C = (f"{name},1,{AT},\n" for name in "ABC")


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    return tmp_path / "sales.csv"


def counts(capsys: Any, path: Path, *options: str, code: int = 0) -> tuple[int, int, int]:
    """How many rows were recorded, known already, and done in an earlier run."""
    assert cli.main(["report", str(path), *options]) == code
    first = capsys.readouterr().out.splitlines()[0]
    recorded, known, before = (int(part.split()[0]) for part in first.split(", "))
    return recorded, known, before


def test_the_same_file_again_is_an_earlier_run_s(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(HEADER + A + B)
    assert counts(capsys, sales) == (2, 0, 0)
    assert counts(capsys, sales) == (0, 0, 2)
    assert len(product.batches) == 1


def test_the_same_rows_under_another_name_are_known(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(HEADER + A + B)
    counts(capsys, sales)
    other = sales.with_name("other.csv")
    other.write_bytes(sales.read_bytes())
    assert counts(capsys, other) == (0, 2, 0)


def test_an_export_that_overlaps_the_last_one_brings_what_is_new(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(HEADER + A + B)
    counts(capsys, sales)
    sales.write_text(HEADER + B + C)
    assert counts(capsys, sales) == (1, 1, 0)
    assert product.recorder.times_sent["B"] == 2


def test_a_lost_journal_costs_nothing(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(HEADER + A + B)
    counts(capsys, sales)
    sales.with_name("sales.csv.journal").unlink()
    assert counts(capsys, sales) == (0, 2, 0)


def test_the_same_rows_in_another_form_are_known(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(HEADER + A + B)
    counts(capsys, sales)
    sales.write_bytes(
        "手机号;时间;流水号;金额（分）\r\n;2026/11/20 10:00:00;A;100\r\n;2026-11-20T10:00:00+08:00;'B;100\r\n".encode(
            "gb18030"
        )
    )
    assert counts(capsys, sales) == (0, 2, 0)


def test_a_row_that_says_another_thing_is_refused_and_not_known(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(HEADER + A + B)
    counts(capsys, sales)
    sales.write_text(HEADER + A + B.replace(",1,", ",2,") + C)
    assert counts(capsys, sales, code=1) == (1, 1, 0)
    _, [*_, reason] = rejected_rows(sales.with_name("sales.rejected.csv"))
    assert "409 reference-conflict" in reason


def test_a_row_that_stands_twice_is_neither_new_twice_nor_known(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(HEADER + A + A + B)
    assert counts(capsys, sales, code=1) == (2, 0, 0)
    assert [len(batch) for batch in product.batches] == [2]
    assert counts(capsys, sales, code=1) == (0, 0, 2)


def test_rows_that_were_corrected_are_new_and_the_others_known(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(HEADER + A + B.replace(",1,", ",x,"))
    assert counts(capsys, sales, code=1) == (1, 0, 0)
    refused = sales.with_name("sales.rejected.csv")
    refused.write_text(refused.read_text("utf-8-sig").replace(",x,", ",1,"), "utf-8")
    assert counts(capsys, refused) == (1, 0, 0)
    sales.write_text(HEADER + A + B)
    assert counts(capsys, sales) == (0, 2, 0)


def test_an_answer_that_was_lost_makes_known_rows(
    product: Product, sales: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales.write_text(HEADER + A + B)
    handle = product.handle

    def lose(request: httpx.Request) -> httpx.Response:
        handle(request)
        return httpx.Response(400, json={"status": 400, "code": "bad-request", "title": "", "detail": "lost"})

    monkeypatch.setattr(product, "handle", lose)
    assert cli.main(["report", str(sales)]) == 2
    monkeypatch.setattr(product, "handle", handle)
    capsys.readouterr()
    assert counts(capsys, sales) == (0, 2, 0), "they were recorded, and nobody said so"


def test_lines_of_a_known_receipt_are_known_rows(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(HEADER + A + A.replace(",1,", ",2,") + B)
    assert counts(capsys, sales, "--sum-lines") == (3, 0, 0)
    sales.with_name("sales.csv.journal").unlink()
    assert counts(capsys, sales, "--sum-lines") == (0, 3, 0)


def test_what_is_left_out_is_counted_in_every_run(product: Product, sales: Path, capsys: Any) -> None:
    sales.write_text(f"{HEADER}{A}B,1,{AT},测试\n")
    option = ("--ignore", "手机号=测试")
    assert counts(capsys, sales, *option) == (1, 0, 0)
    assert counts(capsys, sales, *option) == (0, 0, 1)
    assert counts(capsys, sales, "--ignore", "手机号") == (1, 1, 0), "read in another way, it is another report"
