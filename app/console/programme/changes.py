"""What is different between two sets of rules, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from app.console.programme.controls import present, texts_of
from app.console.programme.sentences import Names, Phrase, sentence, sentences_of, value_of

Rules = Sequence[Mapping[str, Any]]


class Difference(NamedTuple):
    """What was said and what is said; empty for nothing."""

    before: str
    after: str


class Change(NamedTuple):
    """What has become of a rule; `differences` where it stands in both sets."""

    kind: Literal["added", "removed", "changed"]
    name: str
    differences: tuple[Difference, ...]


def changes_of(before: Rules, after: Rules, names: Names) -> list[Change]:
    """Rule by rule, in the order of `after`; those that are gone at the end."""
    whole = names._replace(is_whole=True)
    old, new = ({rule["key"]: rule for rule in rules} for rules in (before, after))
    found = []
    for key, rule in new.items():
        if key not in old:
            found.append(Change("added", rule["name"], (Difference("", said_of(rule, whole)),)))
        elif differences := differences_of(old[key], rule, whole):
            found.append(Change("changed", rule["name"], differences))
    gone = [
        Change("removed", rule["name"], (Difference(said_of(rule, whole), ""),))
        for key, rule in old.items()
        if key not in new
    ]
    return found + gone


def is_reordered(before: Rules, after: Rules) -> bool:
    """Whether rules that stand in both stand in another order: of equal shares, the one that comes first is rounded up."""
    old, new = ([rule["key"] for rule in rules] for rules in (before, after))
    return [key for key in old if key in new] != [key for key in new if key in old]


def told_fields(rule: Mapping[str, Any]) -> set[str]:
    """The fields of which a reader is told: a priority of 0 is none."""
    return present(texts_of(rule)) - (set() if rule.get("priority") else {"priority"})


def said_of(rule: Mapping[str, Any], names: Names) -> str:
    """All that a rule says."""
    sentences = sentences_of(rule["kind"], told_fields(rule))
    joined = (sentence(phrases, rule, names) for phrases in sentences)
    return " ".join(one for one in joined if one)


def differences_of(before: Mapping[str, Any], after: Mapping[str, Any], names: Names) -> tuple[Difference, ...]:
    """Phrase by phrase; a rule that has become one of another kind is said whole."""
    found = [Difference(before["name"], after["name"])] if before["name"] != after["name"] else []
    if before["kind"] != after["kind"]:
        return (*found, Difference(said_of(before, names), said_of(after, names)))
    old, new = (_by_subject(rule) for rule in (before, after))
    for subject in {**old, **new}:
        phrases = old.get(subject), new.get(subject)
        fields = {field for phrase in phrases if phrase is not None for field in phrase.fields}
        if any(value_of(field, before) != value_of(field, after) for field in fields):
            sides = zip(phrases, (before, after), strict=True)
            found.append(Difference(*(phrase.text(rule, names) if phrase else "" for phrase, rule in sides)))
    return tuple(found)


def _by_subject(rule: Mapping[str, Any]) -> dict[str, Phrase]:
    """A rule's phrases by what they speak of: dates are one subject, with or without an end."""
    return {phrase.subject: phrase for phrase in sentences_of(rule["kind"], present(texts_of(rule))).phrases}
