"""The books of a closed period go to programs of plain-text accounting, which find them in order."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from app.exports.tasks import make_export
from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api, Reply
from tests.factories.checksums import Watch
from tests.factories.clock import SetClock
from tests.factories.coupons import claim, new_campaign
from tests.factories.districts import District, new_district
from tests.factories.points import adjust
from tests.factories.refunds import give_back
from tests.factories.settlement import close, month, periods, publish_terms

HLEDGER = shutil.which("hledger")
_POSTING = re.compile(r"\s+(\S+)  (-?[\d.]+) (CNY|POINTS)(?: = (-?[\d.]+) \3)?$")
_BALANCE = re.compile(r"[\d-]+ balance (\S+)  (-?[\d.]+) ~ 0.001 (CNY|POINTS)$")


@pytest.fixture(scope="module")
def street(_clockwork: tuple[Flask, SetClock]) -> Iterator[District]:
    """Two closed months."""
    app, clock = _clockwork
    clock.set(month(1))
    district = new_district(Api.inside(app, OPERATOR_KEY))
    publish_terms(district).ok(201)
    with app.app_context():
        member = district.member()
        sale = district.report(member_id=member, amount=30_000).ok(201)
        code = claim(district, new_campaign(district)["id"], member).ok(201)["code"]
        district.report(member_id=member, amount=12_800, coupons=[code], store_id=district.other_shop.store_id).ok(201)
        clock.set(month(2))
        close(district, 1)
        give_back(district, sale["id"], 1_000)
        adjust(district, member, 25)
        clock.set(month(3))
        close(district, 2)
        yield district


def ask(district: District, number: int, form: str, key: str | None = None) -> Reply:
    body = {"kind": "books", "format": form, "period_id": periods(district)[number - 1]["id"]}
    return district.api.post("/v1/exports", body, key or district.key)


def books(district: District, number: int, form: str) -> str:
    made = ask(district, number, form).ok(202)
    assert made["list"] == "books" and make_export(district.id, made["id"])
    return str(district.api.get(f"/v1/exports/{made['id']}/download", district.key).ok(200))


@pytest.mark.parametrize("form", ["beancount", "hledger"])
@pytest.mark.parametrize("number", [1, 2])
def test_each_transaction_comes_to_nothing_and_accounts_to_their_balances(
    street: District, form: str, number: int
) -> None:
    """Reckoned from the text alone."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    open_: dict[str, Decimal] = defaultdict(Decimal)
    asserted = 0
    for line in books(street, number, form).splitlines():
        if posting := _POSTING.match(line):
            account, amount, commodity, balance = posting.groups()
            sums[account, commodity] += Decimal(amount)
            open_[commodity] += Decimal(amount)
        elif found := _BALANCE.match(line):
            account, balance, commodity = found.groups()
        else:
            assert not any(open_.values())
            continue
        if balance is not None:
            assert sums[account, commodity] == Decimal(balance)
            asserted += 1
    assert asserted == len(sums) and any(sums.values())


@pytest.mark.parametrize("number", [1, 2])
def test_beancount_finds_no_flaw_and_a_fen_that_is_wrong(street: District, tmp_path: Path, number: int) -> None:
    loader = pytest.importorskip("beancount.loader", reason="beancount has no wheel for this machine")
    text = books(street, number, "beancount")
    assert loader.load_string(text)[1] == []
    wrong = re.sub(r"(balance \S+Funding\S*  -?\d+\.\d)(\d)", lambda m: f"{m[1]}{(int(m[2]) + 1) % 10}", text, count=1)
    assert wrong != text and loader.load_string(wrong)[1] != []


@pytest.mark.skipif(HLEDGER is None, reason="hledger isn't installed (apt-get install hledger)")
@pytest.mark.parametrize("number", [1, 2])
def test_hledger_finds_no_flaw_and_a_fen_that_is_wrong(street: District, tmp_path: Path, number: int) -> None:
    def check(text: str) -> int:
        path = tmp_path / "books.hledger"
        path.write_text(text, encoding="utf-8")
        return subprocess.run(
            [str(HLEDGER), "-f", str(path), "check", "--strict"], capture_output=True, check=False
        ).returncode

    text = books(street, number, "hledger")
    assert check(text) == 0
    wrong = re.sub(r"(= -?\d+\.\d)(\d)", lambda m: f"{m[1]}{(int(m[2]) + 1) % 10}", text, count=1)
    assert wrong != text and check(wrong) != 0


def test_books_are_of_a_closed_period_and_for_the_alliance(street: District, watch: Watch) -> None:
    before = watch.sums(street.id)
    refused = ask(street, 3, "beancount")
    assert (refused.status, refused.pointers) == (422, {"/period_id"})
    assert ask(street, 1, "beancount", street.shop.key).status == 403
    assert ask(street, 1, "csv").pointers == {"/format"}
    assert street.api.post("/v1/exports", {"kind": "books", "format": "hledger"}, street.key).pointers == {"/period_id"}
    assert street.api.post("/v1/exports", {"format": "csv"}, street.key).pointers == {"/list"}
    assert street.api.post("/v1/exports", {"list": "stores", "format": "hledger"}, street.key).pointers == {"/format"}
    assert watch.sums(street.id) == before
