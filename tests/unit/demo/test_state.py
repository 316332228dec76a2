from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.state import State, StateError, recall, remember, write_private

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def test_what_is_remembered_is_recalled(tmp_path: Path) -> None:
    state = State.fresh("hubin", 10_106, NOW)
    state.members = {1: "mem_1", 23_570: "mem_2"}
    state.finished.append("quick")
    remember(tmp_path / "state.json", state)
    assert recall(tmp_path / "state.json") == state


def test_nothing_is_recalled_where_nothing_was_remembered(tmp_path: Path) -> None:
    assert recall(tmp_path / "state.json") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"slug": "hubin"}'])
def test_a_damaged_state_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(StateError, match=r"state\.json is not a state"):
        recall(tmp_path / "state.json")


def test_two_states_never_share_idempotency_keys() -> None:
    assert State.fresh("hubin", 1, NOW).token != State.fresh("hubin", 1, NOW).token


def test_the_full_history_holds_the_quick_one() -> None:
    state = State.fresh("hubin", 1, NOW)
    assert not state.has_finished("quick")
    state.finished.append("quick")
    assert state.has_finished("quick")
    assert not state.has_finished("full")
    state.finished.append("full")
    assert State("t", NOW, "hubin", 1, finished=["full"]).has_finished("quick")


def test_a_private_file_is_its_owners_alone_even_where_it_was_open(tmp_path: Path) -> None:
    path = tmp_path / "var" / "demo.json"
    path.parent.mkdir()
    path.write_text("{}")
    path.chmod(0o644)
    write_private(path, {"名": 1})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text(encoding="utf-8")) == {"名": 1}


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    write_private(path, {"a": 1})
    with pytest.raises(TypeError):
        write_private(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]
