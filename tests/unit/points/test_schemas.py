"""Bodies of programmes and rules: what is accepted, what it becomes, and where a flaw points."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from marshmallow import Schema

from app.foundation.http.validation import load
from app.foundation.problems import NotFound, ValidationFailed
from app.points.earning.compile import compile_rule
from app.points.earning.conditions import Conditions
from app.points.earning.rules import Rule
from app.points.schemas import EntriesPage, ProgrammeChange, PublishBody, RuleSetBody
from tests.factories.sdk_calls import PROGRAMME

MERCHANT, STORE = "mer_" + "1" * 32, "str_" + "1" * 32


def rule(**changes: Any) -> dict[str, Any]:
    return {"key": "base", "kind": "base", "name": "1 per yuan", "points": 1, "per_amount": 100} | changes


def rules(*all_of_them: dict[str, Any]) -> dict[str, Any]:
    return load(RuleSetBody(), {"name": "2026 spring", "rules": list(all_of_them)})


def flaws(schema: Schema, body: Any) -> set[tuple[str, str]]:
    with pytest.raises((ValidationFailed, NotFound)) as caught:
        load(schema, body)
    return {(flaw.pointer, flaw.code) for flaw in caught.value.flaws}


def flaws_of_rule(**changes: Any) -> set[tuple[str, str]]:
    found = flaws(RuleSetBody(), {"name": "x", "rules": [rule(**changes)]})
    return {(pointer.removeprefix("/rules/0"), code) for pointer, code in found}


def flaws_of_conditions(**conditions: Any) -> set[tuple[str, str]]:
    found = flaws_of_rule(conditions=conditions)
    return {(pointer.removeprefix("/conditions"), code) for pointer, code in found}


def test_the_programme_of_the_contract() -> None:
    assert load(ProgrammeChange(), PROGRAMME) == {**PROGRAMME, "point_value": Decimal(1)}
    assert load(ProgrammeChange(), {}) == {}
    assert load(ProgrammeChange(), {"late_sale_days": None}) == {"late_sale_days": None}


@pytest.mark.parametrize("text", ["1", "0.01", "999999.9999", "0.5", "10"])
def test_point_values(text: str) -> None:
    assert load(ProgrammeChange(), {"point_value": text}) == {"point_value": Decimal(text)}


@pytest.mark.parametrize(
    "value",
    [
        "0",
        "0.0000",
        "-1",
        "+1",
        "1.",
        ".5",
        "1e2",
        "1.00001",
        "1000000",
        "NaN",
        "Infinity",
        "",
        " 1",
        "1\n",
        "１",
        "٣",
        1,
        1.5,
        True,
        None,
        ["1"],
    ],
    ids=repr,
)
def test_what_is_no_point_value(value: Any) -> None:
    [(pointer, code)] = flaws(ProgrammeChange(), {"point_value": value})
    assert pointer == "/point_value"
    assert code in {"invalid-decimal", "null", "invalid"}


@pytest.mark.parametrize(
    "expiry",
    [
        {"policy": "months", "months": 1},
        {"policy": "months", "months": 120},
        {"policy": "year_end", "grace_months": 0},
        {"policy": "never"},
    ],
    ids=str,
)
def test_expiries(expiry: dict[str, Any]) -> None:
    assert load(ProgrammeChange(), {"expiry": expiry}) == {"expiry": expiry}


@pytest.mark.parametrize(
    ("expiry", "flaw"),
    [
        ({}, ("/policy", "required")),
        ({"policy": "weeks"}, ("/policy", "not-a-choice")),
        ({"policy": "months"}, ("/months", "required")),
        ({"policy": "months", "months": 0}, ("/months", "out-of-range")),
        ({"policy": "months", "months": 121}, ("/months", "out-of-range")),
        ({"policy": "months", "months": "12"}, ("/months", "invalid-type")),
        ({"policy": "months", "months": 12, "grace_months": 1}, ("/grace_months", "unknown-field")),
        ({"policy": "year_end"}, ("/grace_months", "required")),
        ({"policy": "year_end", "grace_months": 61}, ("/grace_months", "out-of-range")),
        ({"policy": "never", "months": 1}, ("/months", "unknown-field")),
        ({"policy": "never", "years": 1}, ("/years", "unknown-field")),
        ("never", ("", "invalid-type")),
        (None, ("", "null")),
    ],
    ids=str,
)
def test_expiries_that_do_not_fit(expiry: Any, flaw: tuple[str, str]) -> None:
    assert flaws(ProgrammeChange(), {"expiry": expiry}) == {(f"/expiry{flaw[0]}", flaw[1])}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rounding": "ceil"}, "not-a-choice"),
        ({"pending_days": -1}, "out-of-range"),
        ({"pending_days": 366}, "out-of-range"),
        ({"refund_policy": "ignore"}, "not-a-choice"),
        ({"max_spend_percent": 101}, "out-of-range"),
        ({"max_spend_percent": 50.0}, "invalid-type"),
        ({"min_spend_points": True}, "invalid-type"),
        ({"min_spend_points": None}, "null"),
        ({"late_sale_days": -1}, "out-of-range"),
        ({"spend_proof": "none"}, "not-a-choice"),
        ({"currency": "USD"}, "unknown-field"),
    ],
    ids=str,
)
def test_programmes_that_do_not_fit(change: dict[str, Any], code: str) -> None:
    [name] = change
    assert flaws(ProgrammeChange(), change) == {(f"/{name}", code)}


def test_defaults_of_a_rule() -> None:
    [loaded] = rules(rule())["rules"]
    assert loaded == rule(priority=0, conditions={}, funding={"merchant": 100, "district": 0})
    assert compile_rule(loaded) == Rule("base", "1 per yuan", 1, 100)


def test_defaults_are_not_shared() -> None:
    one, other = rules(rule(key="a"), rule(key="b", priority=1))["rules"]
    assert one["conditions"] is not other["conditions"]
    assert one["funding"] is not other["funding"]


def test_conditions_become_json_that_compiles() -> None:
    conditions = {
        "merchant_ids": [MERCHANT],
        "store_ids": [STORE],
        "categories": ["food"],
        "channels": ["till"],
        "payment_methods": ["wechat"],
        "weekdays": [5, 6, 7],
        "time_windows": [{"from": "22:00", "to": "02:00"}],
        "date_from": "2026-01-01",
        "date_to": "2026-01-01",
        "min_amount": 5,
        "max_amount": 5,
    }
    [loaded] = rules(rule(conditions=conditions))["rules"]
    assert loaded["conditions"] == conditions
    assert compile_rule(loaded).conditions != Conditions()


@pytest.mark.parametrize("kind", ["Base", "", "penalty"])
def test_a_rule_of_another_kind_is_refused_by_name(kind: str) -> None:
    assert flaws_of_rule(kind=kind) == {("/kind", "not-a-choice")}


def rule_of(kind: str, **fields: Any) -> dict[str, Any]:
    return {"key": "k", "kind": kind, "name": "n", **fields}


@pytest.mark.parametrize(
    "given",
    [
        rule_of("base", points=1, per_amount=100, priority=3),
        rule_of("multiplier", factor="1.5"),
        rule_of("multiplier", factor="100", exclusive_group="festival", caps={"per_transaction": 10}),
        rule_of("bonus", points=50, conditions={"min_amount": 20_000}),
    ],
)
def test_each_kind_has_its_fields(given: dict[str, Any]) -> None:
    [loaded] = rules(given)["rules"]
    assert given.items() <= loaded.items()


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (rule_of("multiplier"), {("/factor", "required")}),
        (rule_of("bonus", factor="2"), {("/points", "required"), ("/factor", "unknown-field")}),
        (rule_of("bonus", points=1, priority=1), {("/priority", "unknown-field")}),
        (rule_of("base", points=1), {("/per_amount", "required")}),
        (rule_of("multiplier", factor="2", points=1), {("/points", "unknown-field")}),
        *(
            (rule_of("multiplier", factor=factor), {("/factor", code)})
            for factor, code in (
                ("1", "invalid-factor"),
                ("1.0000", "invalid-factor"),
                ("100.1", "invalid-factor"),
                ("1e1", "invalid-factor"),
                ("\u0662", "invalid-factor"),
                ("-2", "invalid-factor"),
                (2, "invalid-type"),
            )
        ),
    ],
)
def test_a_field_of_another_kind_is_refused(given: dict[str, Any], found: set[tuple[str, str]]) -> None:
    wanted = {(f"/rules/0{pointer}", code) for pointer, code in found}
    assert flaws(RuleSetBody(), {"name": "x", "rules": [given]}) == wanted


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({"points": 0}, ("/points", "out-of-range")),
        ({"points": 1_000_001}, ("/points", "out-of-range")),
        ({"points": 1.5}, ("/points", "invalid-type")),
        ({"per_amount": 0}, ("/per_amount", "out-of-range")),
        ({"per_amount": "100"}, ("/per_amount", "invalid-type")),
        ({"priority": -1}, ("/priority", "out-of-range")),
        ({"key": ""}, ("/key", "invalid-length")),
        ({"key": "a\tb"}, ("/key", "invalid-characters")),
        ({"key": "k" * 61}, ("/key", "invalid-length")),
        ({"name": None}, ("/name", "null")),
        ({"factor": "2.0"}, ("/factor", "unknown-field")),
        ({"caps": {"per_transaction": 0}}, ("/caps/per_transaction", "out-of-range")),
        ({"caps": {"per_day": 1}}, ("/caps/per_day", "unknown-field")),
        ({"conditions": []}, ("/conditions", "invalid-type")),
        ({"funding": {"merchant": 60, "district": 41}}, ("/funding", "not-100")),
        ({"funding": {"merchant": 60}}, ("/funding", "not-100")),
        ({"funding": {}}, ("/funding", "not-100")),
        ({"funding": {"merchant": 101}}, ("/funding/merchant", "out-of-range")),
        ({"funding": {"merchant": 100, "government": 0}}, ("/funding/government", "unknown-field")),
    ],
    ids=str,
)
def test_rules_that_do_not_fit(changes: dict[str, Any], flaw: tuple[str, str]) -> None:
    assert flaws_of_rule(**changes) == {flaw}


def test_what_a_rule_needs() -> None:
    needed = {(f"/rules/0/{name}", "required") for name in ("key", "kind", "name")}
    assert flaws(RuleSetBody(), {"name": "x", "rules": [{}]}) == needed


@pytest.mark.parametrize(
    ("funding", "loaded"),
    [
        ({"merchant": 100}, {"merchant": 100, "district": 0}),
        ({"district": 100}, {"merchant": 0, "district": 100}),
        ({"merchant": 60, "district": 40}, {"merchant": 60, "district": 40}),
    ],
    ids=str,
)
def test_funding(funding: dict[str, int], loaded: dict[str, int]) -> None:
    assert rules(rule(funding=funding))["rules"][0]["funding"] == loaded


@pytest.mark.parametrize(
    ("conditions", "flaw"),
    [
        ({"merchant_ids": [STORE]}, ("/merchant_ids/0", "not-found")),
        ({"merchant_ids": MERCHANT}, ("/merchant_ids", "invalid-type")),
        ({"weekdays": [0]}, ("/weekdays/0", "out-of-range")),
        ({"weekdays": [1, 8]}, ("/weekdays/1", "out-of-range")),
        ({"weekdays": ["1"]}, ("/weekdays/0", "invalid-type")),
        ({"weekdays": [1] * 8}, ("/weekdays", "invalid-length")),
        ({"date_from": "2026-02-30"}, ("/date_from", "invalid-date")),
        ({"date_from": "2026-01-02", "date_to": "2026-01-01"}, ("/date_to", "contradiction")),
        ({"min_amount": 2, "max_amount": 1}, ("/max_amount", "contradiction")),
        ({"min_amount": -1}, ("/min_amount", "out-of-range")),
        ({"tags": ["x" * 41]}, ("/tags/0", "invalid-length")),
        ({"first_in_district": 1}, ("/first_in_district", "invalid-type")),
        ({"birthday": "week"}, ("/birthday", "not-a-choice")),
        ({"vips": ["vip"]}, ("/vips", "unknown-field")),
        ({"time_windows": [{"from": "22:00"}]}, ("/time_windows/0/to", "required")),
        ({"time_windows": [{"from": "22:00", "to": "22:00"}]}, ("/time_windows/0/to", "empty-window")),
        ({"time_windows": [{"start": "22:00", "from": "1:00", "to": "2:00"}]}, None),
    ],
    ids=str,
)
def test_conditions_that_do_not_fit(conditions: dict[str, Any], flaw: tuple[str, str] | None) -> None:
    found = flaws_of_conditions(**conditions)
    if flaw is None:
        assert ("/time_windows/0/start", "unknown-field") in found
    else:
        assert found == {flaw}


@pytest.mark.parametrize("clock", ["00:00", "09:05", "19:59", "23:59"])
def test_times_of_day(clock: str) -> None:
    loaded = rules(rule(conditions={"time_windows": [{"from": clock, "to": "12:34"}]}))
    assert compile_rule(loaded["rules"][0]).conditions.time_windows[0].start.isoformat("minutes") == clock


@pytest.mark.parametrize(
    "clock", ["24:00", "9:05", "12:60", "12:5", "12-05", "1205", "12:05:00", "", "１2:00", "1٢:00", 12]
)
def test_what_is_no_time_of_day(clock: Any) -> None:
    [(pointer, code)] = flaws_of_conditions(time_windows=[{"from": clock, "to": "12:34"}])
    assert pointer == "/time_windows/0/from"
    assert code in {"invalid-clock", "invalid-length", "invalid-type"}


def test_a_rule_set_has_a_name_and_a_rule() -> None:
    assert flaws(RuleSetBody(), {}) == {("/name", "required"), ("/rules", "required")}
    assert flaws(RuleSetBody(), {"name": "x", "rules": []}) == {("/rules", "invalid-length")}
    assert flaws(RuleSetBody(), {"name": "x", "rules": [rule()] * 201}) == {("/rules", "invalid-length")}


def test_publishing() -> None:
    assert load(PublishBody(), {}) == {"effective_at": None}
    assert load(PublishBody(), {"effective_at": "2026-01-01T00:00:00+08:00"}) == {
        "effective_at": datetime(2025, 12, 31, 16, tzinfo=UTC)
    }
    assert flaws(PublishBody(), {"effective_at": "2026-01-01"}) == {("/effective_at", "invalid-instant")}


def test_entries_are_paged_by_number() -> None:
    assert load(EntriesPage(), {}) == {"limit": 20, "starting_after": None, "ending_before": None}
    assert load(EntriesPage(), {"limit": "100", "starting_after": "7"})["starting_after"] == 7
    assert flaws(EntriesPage(), {"limit": "101", "ending_before": "x"}) == {
        ("/limit", "out-of-range"),
        ("/ending_before", "invalid-type"),
    }
