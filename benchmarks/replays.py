"""Replay: 70,000 past sales rehearsed by the version in force and by a draft of thirty rules with caps and budgets."""

from __future__ import annotations

import time
from typing import Any

from app.config import Settings
from app.factory import create_app
from app.transactions.tasks import run_replay
from benchmarks import rule_sets
from benchmarks.stage import Stage, call

SALES = 70_000
QUICK_SALES = 10_000
PERIOD = {"from": "2000-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}
AIM_SECONDS = 20.0


def measure(ready: Stage, *, quick: bool) -> None:
    """Seconds for each, and that the version in force comes to what was awarded, exactly."""
    ready.fill(QUICK_SALES if quick else SALES)
    [version] = call("GET", "/v1/rule-sets?limit=1", ready.key)["data"]
    draft = call(
        "POST", "/v1/rule-sets", ready.key, {"name": "draft", "rules": rule_sets.thirty_rules(ready.merchant_ids())}
    )
    for name, rule_set in (("the version in force", version), ("a draft of thirty rules", draft)):
        asked = call("POST", f"/v1/rule-sets/{rule_set['id']}/replay", ready.key, PERIOD)
        with create_app(Settings.from_environment(ready.env)).app_context():
            started = time.perf_counter()
            assert run_replay(ready.district_id, asked["id"])
            took = time.perf_counter() - started
        result: dict[str, Any] = call("GET", f"/v1/replays/{asked['id']}", ready.key)["result"]
        line = f"{result['sales']:>9,} sales {took:>6.1f} s {result['sales'] / took:>9,.0f}/s  {took / AIM_SECONDS:.2f} of the aim"
        print(f"{name:<38}{line}", flush=True)
        if rule_set is version:
            assert result["points"] == result["awarded"], "the version in force comes to what was awarded"
