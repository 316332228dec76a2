"""What became of each rule, as it is stored with a sale: rules that gave points in full, all others as words of one text.

Under thirty rules two dozen count for no sale, for few reasons: `[["base", 12, "applied"], "=\\nother-store\\ttea\\tapp"]`
says that `base` came first, and then two rules were skipped for the same reason. A rule's key has neither tabs nor lines.
Rows of before say each in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Outcome = Sequence[Any]
"""A rule's key, its points, and the code of why."""
_GAVE = "="


def packed(outcomes: Sequence[Outcome]) -> list[Any]:
    """Outcomes in their order as they are stored."""
    given: list[Any] = [one for one in outcomes if one[1]]
    if len(given) == len(outcomes):
        return given
    words: list[str] = []
    last = None
    for key, points, code in outcomes:
        if points:
            words.append(_GAVE)
            last = None
        elif code == last:
            words[-1] += f"\t{key}"
        else:
            words.append(f"{code}\t{key}")
            last = code
    given.append("\n".join(words))
    return given


def unpacked(kept: Sequence[Any]) -> list[Outcome]:
    """The outcomes of what is stored, old rows included."""
    if not kept or not isinstance(kept[-1], str):
        return list(kept)
    given = iter(kept)
    return [one for word in kept[-1].split("\n") for one in (_of_word(word) if word != _GAVE else [next(given)])]


def _of_word(word: str) -> Iterable[Outcome]:
    code, *keys = word.split("\t")
    return [[key, 0, code] for key in keys]


def given_by_rule(kept: Sequence[Any]) -> tuple[tuple[str, int], ...]:
    """The rules that gave points, and how many."""
    return tuple((one[0], one[1]) for one in kept if not isinstance(one, str) and one[1])
