"""Whoever holds a statement can prove that it stands in its period, and its period after all before it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from decimal import Decimal
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import psycopg
import pytest
from flask import Flask

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.figures.trees import GrowingTree
from app.foundation.tenancy import system_principal
from app.points.tasks import expire_district
from app.settlement import closing, queries
from app.settlement.evidence.queries import pieces, rows_of_days, rows_of_piece
from app.settlement.sealing import hashes
from app.settlement.sealing.texts import SealedRow
from merchant_sdk.cli import main
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.coupons import claim, new_campaign
from tests.factories.districts import District
from tests.factories.points import adjust, change_programme
from tests.factories.refunds import give_back
from tests.factories.settlement import close, items, month, periods, publish_terms, statements


@pytest.fixture
def street(timed: District, timed_app: Flask, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[District]:
    """Two closed months with each kind of row, read by threes."""
    monkeypatch.setattr(hashes, "JOURNALS_A_SET", 3)
    clock.set(month(1))
    publish_terms(timed).ok(201)
    change_programme(timed, expiry={"policy": "months", "months": 1})
    with timed_app.app_context():
        member, other = timed.member(), timed.member()
        sale = timed.report(member_id=member, amount=30_000).ok(201)
        for _ in range(4):
            timed.report(member_id=other, amount=1_000, store_id=timed.other_shop.store_id).ok(201)
        timed.report(member_id=member, amount=90, points_to_spend=90, store_id=timed.other_shop.store_id).ok(201)
        funding = {"district": 0, "merchant": 100, "government": 0}
        campaign = new_campaign(timed, funding=funding, sponsor_merchant_id=timed.shop.merchant_id)
        code = claim(timed, campaign["id"], member).ok(201)["code"]
        adjust(timed, other, 25)
        timed.report(member_id=member, amount=12_800, coupons=[code], store_id=timed.other_shop.store_id).ok(201)
        clock.set(month(2))
        close(timed, 1)
        give_back(timed, sale["id"], 1_000)
        clock.set(month(2, 25))
        expire_district(timed.id)
        clock.set(month(3))
        close(timed, 2)
        yield timed


def proof(district: District, statement: Any, key: str | None = None) -> Any:
    return district.api.get(f"/v1/statements/{statement['id']}/proof", key or district.key).ok(200)


def rows_of(district: District, statement: Any) -> list[SealedRow]:
    with unit_of_work(system_principal(district.id)) as uow:
        row = queries.find_statement(uow, statement["id"])
        each = [rows_of_piece(uow, row, number) for number in range(1, pieces(uow, row.id) + 1)]
        return [*chain.from_iterable(each), *rows_of_days(uow, row)]


def test_a_statement_leads_to_the_hash_of_its_period_and_that_to_the_one_before(street: District) -> None:
    before = "00" * 32
    for number, period in enumerate(periods(street)[:2], start=1):
        for one in statements(street, number):
            shown = proof(street, one)
            leaf, content = json.loads(shown["leaf"]), json.loads(shown["content"])
            assert {name: leaf[name] for name in ("opening", "net_position", "closing")}.items() <= one.items()
            digest = hashlib.sha256(bytes.fromhex(shown["previous_hash"]) + shown["content"].encode()).hexdigest()
            assert digest == shown["hash"] == period["hash"]
            assert (shown["previous_hash"], content["number"]) == (before, number)
        before = period["hash"]
    assert broken(street.id) == {}


def test_the_rows_of_a_statement_are_in_its_tree_and_come_to_its_lines(street: District) -> None:
    for number in (1, 2):
        for one in statements(street, number):
            found, tree = rows_of(street, one), GrowingTree()
            sums: dict[int, int] = {}
            for row in found:
                tree.add(row.text().encode())
                sums[row.line] = sums.get(row.line, 0) + row.n
            leaf = json.loads(proof(street, one)["leaf"])
            assert (leaf["rows"], leaf["tree"]) == (len(found), tree.root.hex())
            assert sums == {line["line"]: line["points"] or line["amount"] for line in one["lines"]}
            for line in one["lines"]:
                causes = {row.cause[:3] for row in found if row.line == line["line"]}
                assert causes == {
                    {"coupon-funding": "red", "breakage": "20" + str(month(2).year)[2:3]}.get(line["kind"], "jou")
                }


def test_a_merchant_proves_its_own_statement_and_no_other(street: District) -> None:
    own, other = (statements(street, 1, key=shop.key)[0] for shop in (street.shop, street.other_shop))
    shown = proof(street, own, street.shop.key)
    assert shown["statement_id"] == own["id"]
    assert street.other_shop.merchant_id not in json.dumps(shown)
    assert street.api.get(f"/v1/statements/{other['id']}/proof", street.shop.key).status == 404


def test_what_was_closed_before_there_was_evidence_gets_it_from_the_job(
    street: District, superuser: psycopg.Connection
) -> None:
    """In order, with the same trees; until then there is no proof."""
    found = [one["hash"] for one in periods(street)]
    values = {"district": street.id[-32:]}
    for statement in (
        "UPDATE settlement_periods SET read_to = NULL, content = NULL, tree = NULL, previous_hash = NULL, hash = NULL",
        "DELETE FROM statement_pieces",
        "DELETE FROM statement_leaves",
    ):
        superuser.execute(f"{statement} WHERE district_id = %(district)s", values)
    [own] = statements(street, 2, key=street.shop.key)
    assert street.api.get(f"/v1/statements/{own['id']}/proof", street.shop.key).code == "evidence-not-made"
    assert closing.gather(street.id) > 0
    again = [one["hash"] for one in periods(street)]
    assert [one is None for one in again] == [one is None for one in found] and again[:2] != found[:2], "salts are new"
    assert json.loads(proof(street, own)["leaf"])["rows"] == len(rows_of(street, own))
    assert closing.gather(street.id) == 0
    assert broken(street.id) == {}


def exported(district: District, statement: Any, form: str, key: str | None = None) -> bytes:
    reply = district.api.get(f"/v1/statements/{statement['id']}/export?format={form}", key or district.key)
    return reply.ok(200).encode("latin-1")


def as_json(district: District, statement: Any, key: str | None = None) -> Any:
    return district.api.get(f"/v1/statements/{statement['id']}/export?format=json", key or district.key).ok(200)


def checked(*files: Any, more: tuple[str, ...] = ()) -> tuple[int, str]:
    """What `quantong-merchant check` says of files."""
    with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()) as said:
        paths = [Path(folder, f"{number}.json") for number in range(len(files))]
        for path, content in zip(paths, files, strict=True):
            path.write_text(json.dumps(content), encoding="utf-8")
        code = main(["check", *map(str, paths), *more, "--language", "en"])
    return code, said.getvalue()


def changed(file: Any, *way: Any) -> Any:
    """The same with the value at a place changed by one; of a text its last digit."""
    copy = json.loads(json.dumps(file))
    place = copy
    for step in way[:-1]:
        place = place[step]
    value = place[way[-1]]
    if isinstance(value, str):
        place[way[-1]] = value[:-1] + ("1" if value[-1] == "0" else "0")
    else:
        place[way[-1]] = value + 1
    return copy


def test_a_statement_is_recomputed_from_its_file_alone(street: District) -> None:
    """By each party, over both months; whatever is changed in the file is found."""
    parties = {one["party"]["id"]: [one] for one in statements(street, 1)}
    for one in statements(street, 2):
        parties.setdefault(one["party"]["id"], []).append(one)
    assert len(parties) == 3
    for found in parties.values():
        files = [as_json(street, one) for one in found]
        assert checked(*files)[0] == 0
    [own] = statements(street, 2, key=street.shop.key)
    file = as_json(street, own, street.shop.key)
    hash_ = file["proof"]["hash"]
    assert checked(file, more=("--hash", hash_))[0] == 0
    assert checked(file, more=("--hash", "00" * 32))[0] == 1
    [before] = statements(street, 1, key=street.shop.key)
    assert checked(file, as_json(street, before))[0] == 1, "the other way round"
    for way in (
        ("statement", "id"),
        *(
            ("statement", name)
            for name in ("opening", "net_position", "payments", "closing", "to_invoice", "to_be_invoiced")
        ),
        *(("statement", "lines", 0, name) for name in ("points", "amount", "price", "kind")),
        *(("rows", 0, place) for place in (1, 3, 4)),
        ("rows", 0, 0),
        *(("proof", name) for name in ("leaf", "content", "previous_hash", "hash", "size")),
        ("proof", "path", 0),
    ):
        code, said = checked(changed(file, *way))
        assert code == 1 and said.count("\n") == 1, way
    for name in ("statement", "rows", "proof", "prices"):
        assert checked({key: value for key, value in file.items() if key != name})[0] == 1, name
    assert checked({**file, "rows": file["rows"][1:]})[0] == checked({**file, "rows": file["rows"] * 2})[0] == 1
    assert checked({"object": "statement"})[0] == 2


def test_rows_become_a_table(street: District) -> None:
    [own] = statements(street, 2, key=street.shop.key)
    text = exported(street, own, "csv", street.shop.key).decode("utf-8-sig")
    heading, *found = csv.reader(io.StringIO(text))
    assert heading == ["行", "行类别", "来源", "积分", "单价（分）", "金额", "条款版本"]
    assert [int(row[0]) for row in found] == [row.line for row in rows_of(street, own)]
    assert sum(Decimal(row[5]) for row in found) * 100 == own["net_position"]
    book = openpyxl.load_workbook(io.BytesIO(exported(street, own, "xlsx", street.shop.key)))
    assert [[str(cell.value) for cell in row[:3]] for row in book.worksheets[0].iter_rows(min_row=2)] == [
        row[:3] for row in found
    ]
    assert exported(street, own, "xlsx") == exported(street, own, "xlsx"), "the same bytes again"
    paper = exported(street, own, "pdf", street.shop.key)
    assert paper.startswith(b"%PDF-") and paper == exported(street, own, "pdf", street.shop.key)
    other = street.other_shop.key
    for form in ("json", "csv", "xlsx", "pdf"):
        assert street.api.get(f"/v1/statements/{own['id']}/export?format={form}", other).status == 404


def test_flows_are_told_by_counterparty_but_for_small_ones(street: District) -> None:
    """A shop learns the sum alone where few members came; the alliance sees who issued the points."""
    [own] = statements(street, 1, key=street.other_shop.key)
    path = f"/v1/statements/{own['id']}/flows"
    told = street.api.get(path, street.other_shop.key).ok(200)
    assert (told["points"], told["accepted_from"], told["rest"]) == (90, [], 90)
    seen = street.api.get(path, street.key).ok(200)
    issuer = {"kind": "merchant", "id": street.shop.merchant_id}
    assert (seen["accepted_from"], seen["rest"]) == ([{"party": issuer, "points": 90}], None)
    assert street.api.get(path, street.shop.key).status == 404


def test_items_come_page_by_page_from_what_was_read_at_the_close(street: District) -> None:
    for number in (1, 2):
        for one in statements(street, number):
            rows = rows_of(street, one)
            for line in (line for line in one["lines"] if line["kind"] not in ("breakage", "coupon-funding")):
                found, after = [], {}
                while (page := items(street, one, line["line"], limit=1, **after)) and page["data"]:
                    found += [item["id"] for item in page["data"]]
                    after = {"starting_after": found[-1]}
                assert found == [row.cause for row in reversed(rows) if row.line == line["line"]]
