"""What became of each rule of a set, and how it is stored with a sale.

Under thirty rules two dozen give nothing to a sale, for few reasons, and most sales share these with many others. So they
stand as words of one text, by which is remembered what such sales have in common: in
`[["base", 12, "applied"], "=\\nother-store\\ttea\\tapp"]` the rule `base` came first, and then two rules were skipped for the
same reason. A rule's key has neither tabs nor lines. Rows of before say each in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

APPLIED = "applied"
_GAVE = "="
_MOST_KNOWN = 4_096


class Outcome(NamedTuple):
    """What became of one rule: applied with its points, or skipped for a reason with a stable code."""

    rule_key: str
    points: int
    code: str = APPLIED


@dataclass(slots=True)
class Outcomes:
    """What became of the rules of a set, in their order: those that gave points (key, points), and `others`, words of all
    that gave none, with a `=` where among them each of those stands.
    """

    given: tuple[tuple[str, int], ...] = ()
    others: str = ""

    def __iter__(self) -> Iterator[Outcome]:
        given = iter(self.given)
        return iter([Outcome(*next(given)) if one is None else one for one in row_of(self.others)])


def outcomes_of(all_: Iterable[Outcome]) -> Outcomes:
    """Outcomes in their order, as one."""
    row = list(all_)
    given = tuple([(one.rule_key, one.points) for one in row if one.points])
    return Outcomes(given, words_of([None if one.points else one for one in row]))


def words_of(row: Iterable[Outcome | None]) -> str:
    """The words of rules that gave nothing; None stands for one that gave points."""
    words: list[str] = []
    last = None
    for one in row:
        if one is None:
            words.append(_GAVE)
            last = None
        elif one.code == last:
            words[-1] += f"\t{one.rule_key}"
        else:
            words.append(f"{one.code}\t{one.rule_key}")
            last = one.code
    return "\n".join(words)


@lru_cache(maxsize=_MOST_KNOWN)
def row_of(others: str) -> tuple[Outcome | None, ...]:
    """What words say of each rule; None for one that gave points."""
    return tuple(one for word in others.split("\n") if word for one in _of_word(word))


def _of_word(word: str) -> Iterable[Outcome | None]:
    if word == _GAVE:
        return [None]
    code, *keys = word.split("\t")
    return [Outcome(key, 0, code) for key in keys]


def packed(outcomes: Outcomes) -> list[Any]:
    """Outcomes as they are stored: the words are left out where all rules gave points."""
    given = [[key, points, APPLIED] for key, points in outcomes.given]
    return [*given, outcomes.others] if outcomes.others.strip(f"{_GAVE}\n") else given


def unpacked(kept: Sequence[Any]) -> Outcomes:
    """The outcomes of what is stored, old rows included."""
    if kept and isinstance(kept[-1], str):
        return Outcomes(given_by_rule(kept), kept[-1])
    return outcomes_of(Outcome(*one) for one in kept)


def given_by_rule(kept: Sequence[Any]) -> tuple[tuple[str, int], ...]:
    """The rules that gave points, and how many, of what is stored."""
    return tuple([(one[0], one[1]) for one in kept if not isinstance(one, str) and one[1]])
