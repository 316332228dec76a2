"""Jobs: what is to be forgotten is in the timetable, and no job walks the districts by a loop of its own."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import app
from app.wiring import ON_THE_WAY, TIMETABLE
from tests.house.test_architecture import ROOT, files, imported, name_of

MAY_LIST_DISTRICTS = {"app/districts/queries.py", "app/districts/walking.py", "app/books.py", "app/keys.py"}
"""The one loop of jobs, and two commands, which tell of each district as they go."""
FORGETS = re.compile(r"(forget|prune)(_|$)")


WALKED = {
    "give_by_days",
    "expire_points",
    "expire_coupons",
    "free_coupons",
    "announce_expiring_points",
    "review_tiers",
    "finish_phone_changes",
    "gather_journals",
    "send_due_payments",
    "make_payments",
}
"""What tells or posts something by a district's clock: `app/wiring.py` has it ON_THE_WAY of test clocks, too."""
BY_THE_TIMETABLE_ALONE = {
    "ask_waiting_exports",
    "ask_waiting_imports",
    "ask_waiting_issues",
    "send_waiting_codes",
    "send_waiting_notices",
    "send_waiting_letters",
    "look_after_all",
    "take_waiting_events",
    "ask_waiting_replays",
    "ask_waiting_bulks",
    "ask_waiting_advances",
    "add_outbox_days",
    "link_evidence",
    "count_what_is_behind",
    "ask_waiting_closes",
    "watch_credit",
    "settle_exits",
}
"""What goes by real time. What forgets tells nobody, and comes after the clock has arrived."""


def forgetting() -> Iterator[FunctionType]:
    """Whatever forgets what is over: it needs to be told nothing but where it is."""
    for found in pkgutil.walk_packages(app.__path__, "app."):
        module = importlib.import_module(found.name)
        for name, one in vars(module).items():
            is_ours = inspect.isfunction(one) and one.__module__ == found.name and FORGETS.match(name)
            if is_ours and set(inspect.signature(one).parameters) <= {"uow"}:
                yield one


def called_by(function: FunctionType) -> set[FunctionType]:
    """Every function that a function names, as `module.name` or as it stands, and what those of its module name."""
    own, found = vars(inspect.getmodule(function)), set[FunctionType]()
    for node in ast.walk(ast.parse(inspect.getsource(function))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            one = getattr(own.get(node.value.id), node.attr, None)
        else:
            one = own.get(node.id) if isinstance(node, ast.Name) else None
        if inspect.isfunction(one) and one is not function:
            found |= {one, *(called_by(one) if one.__module__ == function.__module__ else ())}
    return found


def test_whatever_forgets_is_called_by_a_job_of_the_timetable() -> None:
    jobs = {job for job, _ in TIMETABLE}
    called = {one for job in jobs for one in called_by(job)}
    found = list(forgetting())
    assert len(found) >= 7
    for one in found:
        assert one in jobs | called, f"{one.__module__}.{one.__name__} is promised and done by nobody"


def test_every_job_is_done_on_the_way_of_a_test_clock_or_has_nothing_to_tell() -> None:
    names = {job.__name__ for job, _ in TIMETABLE}
    assert {one for one in names if not FORGETS.match(one)} == WALKED | BY_THE_TIMETABLE_ALONE
    called = {one for job, _ in TIMETABLE if job.__name__ in WALKED for one in called_by(job)}
    works = {one.work for one in ON_THE_WAY}
    assert len(works) == len(WALKED)
    assert works <= called, "an errand is the job's own part in one district"


def test_no_job_walks_the_districts_by_a_loop_of_its_own() -> None:
    for path in files("app"):
        if name_of(path) not in MAY_LIST_DISTRICTS:
            assert not [module for module in imported(path) if module.endswith("all_district_ids")], name_of(path)
            assert "all_district_ids" not in path.read_text(encoding="utf-8"), name_of(path)


def test_the_exceptions_are_still_needed() -> None:
    for name in MAY_LIST_DISTRICTS:
        assert "all_district_ids" in Path(ROOT / name).read_text(encoding="utf-8"), name
