"""From whom the points came that a party accepted, without telling who they were: counterparties of ten members or more. Pure.

Those with fewer are told together, as the rest. It holds ten members of two shops at least, else it takes in the smallest of
those that would be shown: with sums that add up, nobody finds a single small one by taking away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

MEMBERS_TOLD, SHOPS_OF_THE_REST = 10, 2


class AcceptedFlow(NamedTuple):
    """How many points came from a counterparty, and by whom."""

    points: int
    members: frozenset[str]


class ShownFlows(NamedTuple):
    """Points by counterparty, and those of the rest; None where there is none."""

    shown: Mapping[str, int]
    rest: int | None


def shown_flows(flows: Mapping[str, AcceptedFlow]) -> ShownFlows:
    """What may be told; all of it adds up to the sum of all."""
    hidden = {one for one, flow in flows.items() if len(flow.members) < MEMBERS_TOLD}
    left = sorted(flows.keys() - hidden, key=lambda one: (abs(flows[one].points), one))
    while hidden and left and not _is_enough(hidden, flows):
        hidden.add(left.pop(0))
    shown = {one: flows[one].points for one in reversed(left)}
    return ShownFlows(shown, sum(flows[one].points for one in hidden) if hidden else None)


def all_flows(flows: Mapping[str, AcceptedFlow]) -> ShownFlows:
    """All of it, for who sees everything."""
    ordered: Iterable[str] = sorted(flows, key=lambda one: (-abs(flows[one].points), one))
    return ShownFlows({one: flows[one].points for one in ordered}, None)


def _is_enough(hidden: Collection[str], flows: Mapping[str, AcceptedFlow]) -> bool:
    members = frozenset[str]().union(*(flows[one].members for one in hidden))
    return len(hidden) >= SHOPS_OF_THE_REST and len(members) >= MEMBERS_TOLD
