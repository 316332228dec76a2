"""Two JSON Schemas compared: whether a newer one refuses requests, or breaks promises of answers, of the older one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Shape = Any
_LEAST = ("minimum", "minLength", "minItems", "minProperties")
_MOST = ("maximum", "maxLength", "maxItems", "maxProperties")
_EVERYTHING: Json = {}


class Side:
    """One of the two documents."""

    def __init__(self, whole: Json) -> None:
        self._whole = whole

    def resolve(self, node: Shape) -> Json:
        """A node without references, `true` and `false` as schemas, an enumeration for a constant, null as a type,
        one spelling of a character in a pattern."""
        if isinstance(node, bool):
            return {} if node else {"not": {}}
        while "$ref" in node:
            found = self._whole
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = {**found, **{key: value for key, value in node.items() if key != "$ref"}}
        if "pattern" in node:
            node = {**node, "pattern": re.sub(r"\\u00([0-9a-f]{2})", r"\\x\1", node["pattern"])}
        if "const" in node:
            node = {**node, "enum": [node["const"]]}
        some = node.get("anyOf", ())
        if {"type": "null"} in some and len(some) == 2:
            [other] = [self.resolve(one) for one in some if one != {"type": "null"}]
            rest = {key: value for key, value in node.items() if key != "anyOf"}
            node = {**other, **rest, "type": [*_types(other), "null"]}
        return dict(node)


class Comparison:
    """Shapes of an old and a new document."""

    def __init__(self, old: Json, new: Json) -> None:
        self.old, self.new = Side(old), Side(new)

    def of_requests(self, where: str, old: Shape, new: Shape) -> Iterator[str]:
        """What the old one accepts and the new one refuses, or takes otherwise."""
        old, new = self.old.resolve(old), self.new.resolve(new)
        if "not" in old and not old["not"]:
            return
        yield from _values(where, old, new, of_answer=False)
        yield from _limits(where, old, new)
        if new.get("default", old.get("default")) != old.get("default"):
            yield f"{where}: another default"
        if "not" in new and new["not"] != old.get("not"):
            yield f"{where}: something more is refused"
        known = old.get("allOf", [])
        more = (one for one in new.get("allOf", ()) if one not in known and not _on_new_fields(one, old))
        yield from (f"{where}: something more is demanded" for _ in more)
        yield from self._choices(where, old, new, of_answer=False)
        yield from self._inside(where, old, new)
        was = old.get("properties", {})
        for name, one in was.items():
            if name in new.get("properties", {}):
                yield from self.of_requests(f"{where}.{name}", one, new["properties"][name])
            elif new.get("additionalProperties") is False and one is not False:
                yield f"{where}.{name}: no longer accepted"
        yield from (f"{where}.{name}: required now" for name in _required(new) - _required(old))

    def of_answers(self, where: str, old: Shape, new: Shape) -> Iterator[str]:
        """What the old one promises and the new one doesn't. What was never anything but null promised nothing."""
        old, new = self.old.resolve(old), self.new.resolve(new)
        if _types(old) == ["null"] and "null" in _types(new):
            return
        yield from _values(where, old, new, of_answer=True)
        yield from _limits(where, new, old)
        for first, second in zip(old.get("allOf", ()), new.get("allOf", ()), strict=False):
            yield from self.of_answers(where, first, second)
        yield from self._choices(where, old, new, of_answer=True)
        yield from self._inside(where, old, new, of_answer=True)
        for name, one in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield f"{where}.{name}: no longer answered"
            else:
                yield from self.of_answers(f"{where}.{name}", one, new["properties"][name])
        yield from (f"{where}.{name}: no longer always there" for name in _required(old) - _required(new))

    def _inside(self, where: str, old: Json, new: Json, *, of_answer: bool = False) -> Iterator[str]:
        compare = self.of_answers if of_answer else self.of_requests
        for key in ("items", "additionalProperties"):
            if key == "additionalProperties" and old.get(key, True) is False:
                continue
            if key in old or (key in new and not of_answer):
                yield from compare(f"{where}[]", old.get(key, _EVERYTHING), new.get(key, _EVERYTHING))

    def _choices(self, where: str, old: Json, new: Json, *, of_answer: bool) -> Iterator[str]:
        """Each alternative that was accepted has one that accepts it; each that is answered, one that promised it."""
        before, after = (side.get("oneOf", side.get("anyOf", ())) for side in (old, new))
        if before and not after:
            if of_answer:
                yield f"{where}: no longer one of several"
        elif of_answer:
            for one in after:
                if before and not any(not list(self.of_answers(where, other, one)) for other in before):
                    yield f"{where}: another alternative is answered"
        else:
            for one in before or ([_EVERYTHING] if after else []):
                if not any(not list(self.of_requests(where, one, other)) for other in after):
                    yield f"{where}: an alternative is no longer accepted"


def _types(shape: Json) -> list[str]:
    kind = shape.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def _on_new_fields(demand: Json, old: Json) -> bool:
    """Whether a demand that fields don't go together names one that nobody could have sent."""
    together = demand.get("not", {}).get("required", ()) if demand.keys() == {"not"} else ()
    return old.get("additionalProperties") is False and any(one not in old.get("properties", {}) for one in together)


def _required(shape: Json) -> set[str]:
    return set(shape.get("required", ()))


def _values(where: str, old: Json, new: Json, *, of_answer: bool) -> Iterator[str]:
    wide, narrow = (old, new) if of_answer else (new, old)
    if _types(wide) and not (_types(narrow) and set(_types(narrow)) <= set(_types(wide))):
        yield f"{where}: {_types(new) or 'any type'} instead of {_types(old) or 'any type'}"
    gone = [value for value in old.get("enum", ()) if "enum" in new and value not in new["enum"]]
    if gone or (("enum" in new) != ("enum" in old) and ("enum" in old) == of_answer):
        yield f"{where}: {gone or 'values are'} no longer {'answered' if of_answer else 'accepted'}"
    for key in ("pattern", "format"):
        if key in wide and wide[key] != narrow.get(key):
            yield f"{where}: {key} {new.get(key)} instead of {old.get(key)}"


def _limits(where: str, wide: Json, narrow: Json) -> Iterator[str]:
    """Where the second is narrower than the first."""
    for key in _LEAST:
        if key in narrow and narrow[key] > wide.get(key, float("-inf")):
            yield f"{where}: {key} {narrow[key]}, {wide.get(key)}"
    for key in _MOST:
        if key in narrow and narrow[key] < wide.get(key, float("inf")):
            yield f"{where}: {key} {narrow[key]}, {wide.get(key)}"
