"""A statement recomputed from its file, with nothing but what stands in it: rows, lines, net position, closing, and proof.

Whoever made the file can't have changed a figure without changing the period's hash, which takes in all periods before.
Trees are those of RFC 6962, rows and leaves canonical JSON.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from merchant_sdk._tables.words import Refusal, TableError

OF_POINTS = ("issue", "acceptance", "breakage", "debt", "adjustment")
PAID_FOR = ("acceptance", "coupon")
"""Lines that a party is paid for, and invoices."""
_LEAF, _NODE = b"\x00", b"\x01"


class DoesNotHold(Refusal):
    """Something isn't what it should be; the words say what."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What holds: the statement, how many rows it has, its period's number and hash, and the hash before."""

    statement_id: str
    party_id: str
    rows: int
    closing: int
    opening: int
    number: int
    hash: str
    previous_hash: str

    def told(self) -> dict[str, object]:
        """What is said of it."""
        return {name: getattr(self, name) for name in ("statement_id", "rows", "closing", "number", "hash")}


def read(path: Path) -> dict[str, Any]:
    """A file as `GET /v1/statements/{id}/export?format=json` gives it. Raises TableError."""
    try:
        found = json.loads(path.read_bytes())
    except ValueError:
        raise TableError("no-statement", path=path) from None
    if not isinstance(found, dict) or found.get("object") != "statement_file":
        raise TableError("no-statement", path=path)
    return found


def check(file: Mapping[str, Any]) -> Checked:
    """Recomputes a statement. Raises DoesNotHold, also where something is missing in the file."""
    try:
        return _check(file)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
        raise DoesNotHold("check-whole") from None


def _check(file: Mapping[str, Any]) -> Checked:
    statement, proof = file["statement"], file["proof"]
    leaf, content = json.loads(proof["leaf"]), json.loads(proof["content"])
    _check_figures(statement, leaf)
    _check_rows(file["rows"], leaf)
    _check_proof(proof, content)
    _check_lines(statement, file["rows"], _Prices(content["terms"], leaf["prices"], file["prices"]))
    return Checked(
        statement["id"],
        statement["party"]["id"],
        leaf["rows"],
        statement["closing"],
        statement["opening"],
        content["number"],
        proof["hash"],
        proof["previous_hash"],
    )


def check_order(before: Checked, after: Checked) -> None:
    """Holds two statements of one party, in periods that follow each other, against each other. Raises DoesNotHold."""
    if before.party_id != after.party_id or before.number + 1 != after.number:
        raise DoesNotHold("check-apart", before=before.statement_id, after=after.statement_id)
    if before.hash != after.previous_hash:
        raise DoesNotHold("check-chain", before=before.number, after=after.number)
    if before.closing != after.opening:
        raise DoesNotHold("check-opening", found=after.opening, wanted=before.closing)


def _check_figures(statement: Mapping[str, Any], leaf: Mapping[str, Any]) -> None:
    if (statement["id"], statement["party"]) != (leaf["statement_id"], leaf["party"]):
        raise DoesNotHold("check-other", found=statement["id"], wanted=leaf["statement_id"])
    for figure in ("opening", "net_position", "payments", "closing"):
        _same(figure, statement[figure], leaf[figure])
    _same("net_position", statement["net_position"], sum(line["amount"] for line in statement["lines"]))
    due = statement["opening"] + statement["net_position"] + statement["payments"]
    _same("closing", statement["closing"], due)
    paid_for = sum(line["amount"] for line in statement["lines"] if line["kind"] in PAID_FOR)
    _same("to_invoice", statement["to_invoice"], paid_for)
    _same("to_be_invoiced", statement["to_be_invoiced"], paid_for - statement["net_position"])


def _same(figure: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise DoesNotHold("check-figure", figure=figure, found=found, wanted=wanted)


def _check_rows(rows: Sequence[Sequence[Any]], leaf: Mapping[str, Any]) -> None:
    tree = _root([_leaf(json.dumps(row, separators=(",", ":")).encode()) for row in rows])
    if len(rows) != leaf["rows"] or tree.hex() != leaf["tree"]:
        raise DoesNotHold("check-rows")


def _check_proof(proof: Mapping[str, Any], content: Mapping[str, Any]) -> None:
    path = [bytes.fromhex(digest) for digest in proof["path"]]
    root = _root_by(_leaf(proof["leaf"].encode()), proof["place"], proof["size"], path)
    if root is None or root.hex() != content["tree"] or proof["size"] != content["statements"]:
        raise DoesNotHold("check-path")
    digest = hashlib.sha256(bytes.fromhex(proof["previous_hash"]) + proof["content"].encode()).hexdigest()
    if digest != proof["hash"]:
        raise DoesNotHold("check-hash", number=content["number"])


class _Prices:
    """What a point may be worth in a line, by kind and version of the terms."""

    def __init__(
        self, terms: Iterable[Mapping[str, Any]], own: Iterable[Sequence[Any]], others: Iterable[Mapping[str, Any]]
    ) -> None:
        self._terms = {one["version"]: one for one in terms}
        self._own = {version: (issue, redemption) for version, issue, redemption in own}
        self._others: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for one in others:
            self._others[one["version"]].append((one["issue_price"], one["redemption_price"]))

    def of(self, kind: str, version: int) -> set[Decimal]:
        """Exact; empty where there is no such version."""
        if kind == "acceptance":
            return self._accepted(version)
        if kind == "breakage":
            share = Decimal(self._terms[version]["breakage_share"]) / 100
            return {price * share for price in self._issued(version)}
        return self._issued(version)

    def _issued(self, version: int) -> set[Decimal]:
        return {Decimal(issue) for issue, _ in self._pairs(version)}

    def _accepted(self, version: int) -> set[Decimal]:
        paid = {Decimal(redemption) for _, redemption in self._pairs(version)}
        if self._terms[version]["own_points"] == "cost":
            paid |= {price for one in self._terms for price in self._issued(one)}
        return paid

    def _pairs(self, version: int) -> list[tuple[str, str]]:
        if version in self._own:
            return [self._own[version]]
        general = self._terms[version]
        return [(general["issue_price"], general["redemption_price"]), *self._others[version]]


def _check_lines(statement: Mapping[str, Any], rows: Iterable[Sequence[Any]], prices: _Prices) -> None:
    sums: dict[int, int] = defaultdict(int)
    versions: dict[int, set[int | None]] = defaultdict(set)
    lines = {line["line"]: line for line in statement["lines"]}
    for cause, number, kind, n, version in rows:
        if number not in lines or lines[number]["kind"] != kind:
            raise DoesNotHold("check-stray", cause=cause, line=number)
        sums[number] += n
        versions[number].add(version)
    for number, line in lines.items():
        has_price = line["kind"] in OF_POINTS
        _check_line(line, sums[number], has_price=has_price)
        if has_price and any(Decimal(line["price"]) not in prices.of(line["kind"], v) for v in versions[number] if v):
            raise DoesNotHold("check-price", line=number, price=line["price"])


def _check_line(line: Mapping[str, Any], total: int, *, has_price: bool) -> None:
    if has_price != (line["price"] is not None):
        raise DoesNotHold("check-price", line=line["line"], price=line["price"])
    if total != (line["points"] if has_price else line["amount"]):
        raise DoesNotHold("check-line", line=line["line"], found=line["points"] or line["amount"], wanted=total)
    wanted = int((total * Decimal(line["price"] or 1)).quantize(Decimal(1), ROUND_HALF_UP))
    if wanted != line["amount"]:
        raise DoesNotHold("check-line", line=line["line"], found=line["amount"], wanted=wanted)


def _leaf(row: bytes) -> bytes:
    return hashlib.sha256(_LEAF + row).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


def _root(level: list[bytes]) -> bytes:
    """RFC 6962, 2.1: pair by pair; who stands alone at the end goes up as it is."""
    if not level:
        return hashlib.sha256().digest()
    while len(level) > 1:
        pairs = [_node(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        level = [*pairs, *level[len(pairs) * 2 :]]
    return level[0]


def _root_by(leaf: bytes, place: int, size: int, path: Iterable[bytes]) -> bytes | None:
    """The root that a leaf and a path lead to; None where the path has another length."""
    digest, beside, last = leaf, iter(path), size - 1
    while last > 0:
        if place & 1 or place < last:
            if (other := next(beside, None)) is None:
                return None
            digest = _node(other, digest) if place & 1 else _node(digest, other)
        place, last = place >> 1, last >> 1
    return digest if next(beside, None) is None and not place else None
