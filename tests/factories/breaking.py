"""What in a newer contract would break those who rely on the older one.

A request that was accepted stays accepted; an answer says all that was promised, as it was promised. New paths, optional
fields, properties, problems and values of an answer's enumerations are additions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.factories.narrowing import Comparison

Json = dict[str, Any]


def breaks(old: Json, new: Json) -> list[str]:
    """Each break in words, with its place."""
    return list(_Contracts(old, new).breaks())


class _Contracts:
    """Two documents side by side."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old, new
        self._comparison = Comparison(old, new)
        self._compared: set[tuple[str | None, str | None]] = set()

    def breaks(self) -> Iterator[str]:
        new_paths = {_shape(path): methods for path, methods in self._new["paths"].items()}
        for path, methods in self._old["paths"].items():
            for method, old in methods.items():
                new = new_paths.get(_shape(path), {}).get(method)
                where = f"{method.upper()} {path}"
                if new is None:
                    yield f"{where}: removed"
                else:
                    yield from self._operation(where, old, new)

    def _operation(self, where: str, old: Json, new: Json) -> Iterator[str]:
        if old["x-scope"] != new["x-scope"]:
            yield f"{where}: needs the scope {new['x-scope']} instead of {old['x-scope']}"
        if new.get("x-alliance-only") and not old.get("x-alliance-only"):
            yield f"{where}: is for keys of the whole district only"
        yield from self._parameters(where, old, new)
        yield from self._body(f"{where} body", old.get("requestBody"), new.get("requestBody"))
        for status, response in old["responses"].items():
            newer = new["responses"].get(status)
            if newer is None:
                yield f"{where} {status}: no longer answered"
            elif (pair := (response.get("$ref"), newer.get("$ref"))) not in self._compared:
                self._compared.add(pair if pair[0] else (None, where + status))
                yield from self._response(f"{where} {status}", self._of_old(response), self._of_new(newer))

    def _of_old(self, node: Json) -> Json:
        return self._comparison.old.resolve(node)

    def _of_new(self, node: Json) -> Json:
        return self._comparison.new.resolve(node)

    def _parameters(self, where: str, old: Json, new: Json) -> Iterator[str]:
        before = {_key(one): one for one in map(self._of_old, old["parameters"])}
        after = {_key(one): one for one in map(self._of_new, new["parameters"])}
        for key, one in before.items():
            if key not in after:
                yield f"{where} {key}: parameter removed"
                continue
            if after[key]["required"] and not one["required"]:
                yield f"{where} {key}: required now"
            yield from self._comparison.of_requests(f"{where} {key}", one["schema"], after[key]["schema"])
        yield from (
            f"{where} {key}: new and required" for key in after.keys() - before.keys() if after[key]["required"]
        )

    def _body(self, where: str, old: Json | None, new: Json | None) -> Iterator[str]:
        if new is None:
            if old is not None:
                yield f"{where}: removed"
        elif old is None:
            if new["required"]:
                yield f"{where}: new and required"
        else:
            if new["required"] and not old["required"]:
                yield f"{where}: required now"
            for kind, media in old["content"].items():
                if kind not in new["content"]:
                    yield f"{where}: no longer as {kind}"
                else:
                    yield from self._comparison.of_requests(where, media["schema"], new["content"][kind]["schema"])

    def _response(self, where: str, old: Json, new: Json) -> Iterator[str]:
        yield from (f"{where}: header {name} removed" for name in old["headers"].keys() - new["headers"].keys())
        for kind, media in old["content"].items():
            if kind not in new["content"]:
                yield f"{where}: no longer as {kind}"
            else:
                yield from self._comparison.of_answers(where, media["schema"], new["content"][kind]["schema"])


def _shape(path: str) -> str:
    """A path whatever its parameters are called."""
    return re.sub(r"\{\w+\}", "{}", path)


def _key(parameter: Json) -> str:
    """How a parameter is told from others: one in the path by its pattern, for its name is not on the wire."""
    name = parameter["schema"].get("pattern") if parameter["in"] == "path" else parameter["name"]
    return f"{parameter['in']} {name}"
