"""Whole numbers shared out by exact parts, by largest remainder. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
_NO_CEILINGS: Mapping[object, int] = MappingProxyType({})


def shares(
    total: int,
    weights: Mapping[K, int | Fraction] | Mapping[K, int],
    ceilings: Mapping[K, int] = _NO_CEILINGS,  # type: ignore[assignment]
) -> dict[K, int]:
    """Splits a whole number by weights, by largest remainder; ties go to the earlier. The shares add to the total.

    What is left over never lifts a share above its ceiling, so that a total rounded up breaks no cap. Each ceiling is
    at least its weight where weights are the exact parts of which the total is the rounded sum.
    """
    if not total:
        return {}
    some = {key: weight for key, weight in weights.items() if weight}
    if len(some) == 1:
        return dict.fromkeys(some, total)
    whole = sum(some.values())
    result: dict[K, int] = {}
    remainders: dict[K, int | Fraction] = {}
    for key, weight in some.items():
        result[key], remainders[key] = divmod(total * weight, whole)
    left = total - sum(result.values())
    if left:
        for key in sorted(remainders, key=lambda one: -remainders[one]):
            if key not in ceilings or result[key] < ceilings[key]:
                result[key] += 1
                left -= 1
                if not left:
                    break
    return {key: share for key, share in result.items() if share}


def spread(total: int, weights: Sequence[int], ceilings: Mapping[int, int] = _NO_CEILINGS) -> list[int]:  # type: ignore[assignment]
    """The same, quicker for a long row of weights, in a row of shares (0 where a weight is); ceilings go by place.

    Not all weights are 0.
    """
    whole = sum(weights)
    exact = [total * weight for weight in weights]
    found = [part // whole for part in exact]
    left = total - sum(found)
    if left:
        remainders = [part % whole for part in exact]
        order = sorted(range(len(found)), key=remainders.__getitem__, reverse=True)
        for place in [one for one in order if weights[one] and found[one] < ceilings.get(one, total)][:left]:
            found[place] += 1
    return found
