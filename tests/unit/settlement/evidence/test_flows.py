"""What a shop is told of whose points it accepted: no counterparty of few members, and none that could be worked out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settlement.evidence.flows import AcceptedFlow, all_flows, shown_flows


def flow(points: int, members: int, first: int = 0) -> AcceptedFlow:
    return AcceptedFlow(points, frozenset(f"m{number}" for number in range(first, first + members)))


@pytest.mark.parametrize(
    ("flows", "shown", "rest"),
    [
        ({}, {}, None),
        ({"B": flow(300, 40), "C": flow(20, 3), "D": flow(30, 12)}, {"B": 300}, 50),
        ({"B": flow(300, 40), "D": flow(30, 12)}, {"B": 300, "D": 30}, None),
        ({"B": flow(300, 10)}, {"B": 300}, None),
        ({"B": flow(300, 9)}, {}, 300),
        ({"B": flow(300, 40), "C": flow(20, 6), "D": flow(30, 6, 6)}, {"B": 300}, 50),
        ({"B": flow(300, 40), "C": flow(20, 6), "D": flow(30, 6)}, {}, 350),
        ({"B": flow(300, 40), "C": flow(20, 3)}, {}, 320),
        ({"B": flow(300, 40), "C": flow(-5, 3), "D": flow(-30, 12)}, {"B": 300}, -35),
    ],
)
def test_the_worked_flows(flows: dict[str, AcceptedFlow], shown: dict[str, int], rest: int | None) -> None:
    """The third row of the design's, and what lies around its limits."""
    assert shown_flows(flows) == (shown, rest)


@given(
    st.dictionaries(
        st.text("ABCDEF", min_size=1, max_size=2),
        st.builds(flow, st.integers(-50, 500), st.integers(1, 15), st.integers(0, 20)),
    )
)
def test_sums_add_up_and_the_rest_hides_ten_members_of_two_shops(flows: dict[str, AcceptedFlow]) -> None:
    shown, rest = shown_flows(flows)
    assert sum(shown.values()) + (rest or 0) == sum(one.points for one in flows.values())
    assert all(len(flows[one].members) >= 10 for one in shown)
    hidden = flows.keys() - shown.keys()
    if shown and hidden:
        assert len(hidden) >= 2 and len(frozenset().union(*(flows[one].members for one in hidden))) >= 10
    assert sum(all_flows(flows).shown.values()) == sum(one.points for one in flows.values())
