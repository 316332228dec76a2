"""Holds every answer against the contract's document: status, content type, headers, and a body without anything more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from app.factory import ROOMS
from app.foundation.http.contract.openapi import document

Json = dict[str, Any]
_OF_HTTP = {"HEAD", "OPTIONS"}
"""Methods that no operation describes."""


@cache
def contract() -> Contract:
    """The contract of this code."""
    return Contract(document(spec for room in ROOMS for spec in room.specs))


class Contract:
    """Checks answers. Safe for threads: a validator made twice is the same."""

    def __init__(self, whole: Json) -> None:
        self.whole = whole
        self._closed = {name: closed(one) for name, one in whole["components"]["schemas"].items()}
        self._paths = [(_matcher(path, methods), methods) for path, methods in whole["paths"].items()]
        self._validators: dict[int, Any] = {}

    def operation(self, method: str, path: str) -> Json | None:
        """The operation that a call would meet."""
        found: Json | None = (self._methods(path, method.lower()) or {}).get(method.lower())
        return found

    def check(self, method: str, path: str, status: int, headers: Mapping[str, str], body: Any) -> None:
        """Raises AssertionError where an answer isn't what the document says."""
        path = path.partition("?")[0]
        if not path.startswith("/v1/") or method in _OF_HTTP:
            return
        response = self._response(method, path, status)
        where = f"{method} {path} {status} {body}"[:1500]
        self._check_headers(response, headers, where)
        media = response["content"].get(headers["Content-Type"].partition(";")[0])
        assert media is not None, f"{where}: {headers['Content-Type']}"
        self.check_value(media["schema"], body, where)

    def check_value(self, schema: Json, value: Any, where: str) -> None:
        """Raises AssertionError where a value isn't of a shape of the document."""
        for error in self._validator(schema).iter_errors(value):
            raise AssertionError(f"{where}\nat {error.instance_path}: {error.message}"[:3000])

    def named(self, schema: Json) -> Json:
        """A shape itself, where a name stands for it."""
        found: Json = (
            self.whole["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
        )
        return found

    def _response(self, method: str, path: str, status: int) -> Json:
        components = self.whole["components"]["responses"]
        methods = self._methods(path, method.lower())
        if methods is None or method.lower() not in methods:
            name, expected = ("NotFound", 404) if methods is None else ("MethodNotAllowed", 405)
            assert status == expected, f"{method} {path} is no operation, yet answers {status}"
            return components[name]
        responses = methods[method.lower()]["responses"]
        assert str(status) in responses, f"{method} {path} may not answer {status}"
        found = responses[str(status)]
        return components[found["$ref"].rsplit("/", 1)[1]] if "$ref" in found else found

    def _methods(self, path: str, method: str) -> Json | None:
        """Those of the path; where several fit, of the one that has the method: `/coupons/validate` could be a code."""
        fitting = [methods for matches, methods in self._paths if matches.fullmatch(path)]
        return next((methods for methods in fitting if method in methods), next(iter(fitting), None))

    def _check_headers(self, response: Json, headers: Mapping[str, str], where: str) -> None:
        for name, reference in response["headers"].items():
            header = self.whole["components"]["headers"][reference["$ref"].rsplit("/", 1)[1]]
            value = headers.get(name)
            assert value is not None or not header["required"], f"{where}: no {name}"
            assert value is None or re.search(header["schema"].get("pattern", ""), value), f"{where}: {name}: {value}"
        for name in _NAMED & {name.title() for name in dict(headers)}:
            assert name in {one.title() for one in response["headers"]}, f"{where}: {name} is not documented"

    def _validator(self, schema: Json) -> Any:
        found = self._validators.get(id(schema))
        if found is None:
            whole = {**closed(schema), "components": {"schemas": self._closed}}
            found = self._validators[id(schema)] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return found


_NAMED = {
    "Idempotent-Replayed",
    "Ratelimit-Limit",
    "Ratelimit-Remaining",
    "Ratelimit-Reset",
    "Retry-After",
    "Www-Authenticate",
    "Allow",
}
"""Headers that are ours to promise; others belong to HTTP and the server."""


def closed(shape: Any) -> Any:
    """A shape whose objects have the properties that it names and no others."""
    if isinstance(shape, list):
        return [closed(one) for one in shape]
    if not isinstance(shape, dict):
        return shape
    inner = {key: _closed_within(key, one) for key, one in shape.items()}
    if shape.get("type") == "object" and "properties" in shape:
        inner.setdefault("additionalProperties", False)
    return inner


def _closed_within(key: str, value: Any) -> Any:
    if key in ("const", "enum", "example", "examples", "default"):
        return value
    return {name: closed(one) for name, one in value.items()} if key == "properties" else closed(value)


def _matcher(path: str, methods: Json) -> re.Pattern[str]:
    patterns = {one["name"]: one["schema"]["pattern"][1:-1] for one in _path_parameters(methods)}
    return re.compile(re.sub(r"\{(\w+)\}", lambda found: patterns[found[1]], path))


def _path_parameters(methods: Json) -> Iterator[Json]:
    for operation in methods.values():
        yield from (one for one in operation["parameters"] if one.get("in") == "path")
