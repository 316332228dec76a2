"""Named parameters as numbers, and several writes as one statement."""

from __future__ import annotations

import pytest

from app.foundation.database.statements import numbered, together


def test_names_are_numbered_in_the_order_of_their_first_use() -> None:
    statement = numbered("SELECT %(b)s, %(a)s, %(b)s::text")
    assert statement.text == b"SELECT $1, $2, $1::text"
    assert statement.names == ("b", "a")
    assert list(statement.values({"a": 1, "b": 2, "c": 3})) == [2, 1]


def test_a_name_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        numbered("SELECT %(a)s").values({"b": 1})


def test_positions_are_numbered_as_they_stand() -> None:
    statement = numbered("SELECT %s, %s WHERE 'a' LIKE '%%'")
    assert statement.text == b"SELECT $1, $2 WHERE 'a' LIKE '%'"
    assert statement.names == ()
    assert list(statement.values(["x", "y"])) == ["x", "y"]


def test_no_parameters_are_none() -> None:
    statement = numbered("SELECT 1")
    assert (statement.text, list(statement.values(None)), list(statement.values({}))) == (b"SELECT 1", [], [])


def test_a_statement_is_translated_once() -> None:
    assert numbered("SELECT %(once)s") is numbered("SELECT %(once)s")


def test_words_of_any_alphabet_stay() -> None:
    assert numbered("SELECT '街%%' || %(a)s").text == "SELECT '街%' || $1".encode()


def test_writes_together_keep_their_own_parameters_and_share_two() -> None:
    insert = "INSERT INTO t VALUES (%(district)s, %(id)s, %(now)s)"
    statement = together((insert + " RETURNING id", insert))
    assert statement.text == (
        b"WITH w0 AS (INSERT INTO t VALUES ($1, $2, $3) RETURNING id), w1 AS (INSERT INTO t VALUES ($1, $4, $3)) SELECT"
    )
    assert statement.names == ("district", "w0_id", "now", "w1_id")


def test_names_that_only_begin_like_the_shared_ones_are_a_write_s_own() -> None:
    statement = together(("SELECT %(district_id)s, %(nowhere)s", "SELECT %(now)s"))
    assert statement.names == ("w0_district_id", "w0_nowhere", "now")


def test_one_write_is_still_a_statement() -> None:
    assert together(("SELECT %(a)s",)).text == b"WITH w0 AS (SELECT $1) SELECT"
