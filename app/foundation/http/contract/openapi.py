"""The contract as an OpenAPI 3.1 document, made from what the routes declare."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from app.foundation.http.accepted import shape_of, shape_of_batch, shape_of_body
from app.foundation.http.contract.components import HEADERS, INFO, PARAMETERS, SECURITY, Components
from app.foundation.http.contract.examples import example_of
from app.foundation.http.contract.refusals import header_name, name_of, refusals_of, response_of
from app.foundation.http.contract.shapes import FILE, PAGE, PICTURE, Shape, public_id
from app.foundation.http.fields import Nothing
from app.foundation.http.routing import ANYONE, MOST_OF_A_CODE, OPERATOR, SHOPPER, STAFF, TILL, RouteSpec, needs_none
from app.foundation.http.uploads import ANY, FORM, TABLES
from app.foundation.problems import MethodNotAllowed, NotFound
from app.foundation.symbols import MEDIA_TYPES

_PATH_ID = re.compile(r"<(\w+):(\w+)>")
Json = dict[str, Any]


def document(specs: Iterable[RouteSpec]) -> Json:
    """The document of these routes. Raises ValueError where two shapes claim one name."""
    components = Components()
    paths: dict[str, Json] = {}
    for spec in specs:
        paths.setdefault(path_of(spec), {})[spec.method.lower()] = _operation(spec, components)
    for everywhere in (NotFound, MethodNotAllowed):
        _refused([everywhere], components)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in sorted({path.split("/")[2] for path in paths})],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.schemas.items())),
            "responses": dict(sorted(components.responses.items())),
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "securitySchemes": SECURITY,
        },
    }


def path_of(spec: RouteSpec) -> str:
    """A route's path as OpenAPI writes it."""
    return _PATH_ID.sub(r"{\2}", spec.rule)


def _operation(spec: RouteSpec, components: Components) -> Json:
    operation: Json = {
        "operationId": spec.name,
        "tags": [spec.rule.split("/")[2]],
        "summary": spec.summary,
        "description": _description(spec),
        "security": _security(spec),
        "x-scope": spec.scope,
        "x-alliance-only": spec.alliance_only,
        "parameters": _parameters(spec),
        "responses": _responses(spec, components),
    }
    body = _body(spec, components)
    if body is not None:
        operation["requestBody"] = body
    return operation


def _description(spec: RouteSpec) -> str:
    kept = f"The audit log keeps it as `{spec.audit}`." if spec.audit else ""
    return "\n\n".join(part for part in (spec.description, _needs(spec), kept) if part)


def _needs(spec: RouteSpec) -> str:
    special = {
        OPERATOR: "Needs the operator's key.",
        SHOPPER: "Needs the token of a shopper who is signed in.",
        TILL: "Needs the token of a till.",
        STAFF: "Needs the token of staff who is signed in.",
        ANYONE: "Needs neither key nor token.",
    }
    if spec.scope in special:
        return special[spec.scope]
    key = f"Needs a key with the scope `{spec.scope}`" + (", of the whole district" if spec.alliance_only else "")
    if spec.till is None:
        return key + (", or the token of the member." if spec.shopper else ".")
    return f"{key}, or the token of a till{'' if spec.till is needs_none else ' that is open'}."


def _security(spec: RouteSpec) -> list[Json]:
    own: dict[str, list[Json]] = {
        SHOPPER: [{"shopperToken": []}],
        STAFF: [{"staffToken": []}],
        TILL: [{"tillToken": []}],
        ANYONE: [],
    }
    if spec.scope in own:
        return own[spec.scope]
    ways = (("staffToken", True), ("shopperToken", spec.shopper), ("tillToken", spec.till is not None))
    return [{"apiKey": [spec.scope]}, *({way: []} for way, is_open in ways if is_open)]


def _parameters(spec: RouteSpec) -> list[Json]:
    parameters: list[Json] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _named_by(prefix),
            "example": example_of(_named_by(prefix)),
        }
        for prefix, name in _PATH_ID.findall(spec.rule)
    ]
    for name, one in (spec.query.fields if spec.query is not None else {}).items():
        parameters.append({"name": name, "in": "query", "required": one.required, "schema": shape_of(one)})
    shared = ["Idempotency-Key"] if spec.method == "POST" else []
    return parameters + [
        {"$ref": f"#/components/parameters/{name}"} for name in (*shared, "Accept-Language", "Request-Id")
    ]


def _named_by(kind: str) -> Shape:
    return _TEXTS.get(kind) or public_id(kind)


_ANY_TEXT = {"type": "string", "pattern": f"^[^/]{{1,{MOST_OF_A_CODE}}}$"}
_TEXTS: dict[str, Shape] = {
    "code": {**_ANY_TEXT, "examples": ["7K3M-Q9ZT-H2VC-1"]},
    "slug": {**_ANY_TEXT, "examples": ["hubin"]},
}
"""What stands in paths besides ids."""


def _body(spec: RouteSpec, components: Components) -> Json | None:
    if spec.uploads:
        return _upload()
    if spec.raw:
        return {"required": True, "content": {"application/json": {"schema": {}, "example": {}}}}
    if spec.batch is not None:
        shape = shape_of_batch(spec.batch)
    elif spec.body is not None and not isinstance(spec.body, Nothing):
        shape = shape_of_body(spec.body)
    else:
        return None
    return {"required": "required" in shape, "content": {"application/json": _media(shape, components)}}


def _upload() -> Json:
    """A file: as it is, or as a part of a form, with what is said in the query beside it."""
    content: Json = {kind: _file(kind) for kind in (*TABLES, ANY)}
    form = {"type": "object", "properties": {"file": {"type": "string"}}, "required": ["file"]}
    return {"required": True, "content": {**content, FORM: {"schema": form, "example": {"file": "…"}}}}


def _file(kind: str) -> Json:
    return {"schema": {"type": "string", "contentMediaType": kind}, "example": "…"}


def _media(shape: Shape, components: Components) -> Json:
    return {"schema": components.hoisted(shape), "example": example_of(shape)}


def _responses(spec: RouteSpec, components: Components) -> Json:
    done = {str(status): _done(spec, shape, components) for status, shape in spec.answers.items()}
    refused = {str(status): _refused(some, components) for status, some in refusals_of(spec).items()}
    return dict(sorted({**done, **refused}.items()))


def _done(spec: RouteSpec, shape: Shape, components: Components) -> Json:
    names = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]
    if spec.method == "POST":
        names.append("Idempotent-Replayed")
    headers = ["Request-Id", *(header_name(name, False) for name in names)]
    return {
        "description": shape.get("description") or shape["title"],
        "headers": {one.removesuffix("-if-any"): {"$ref": f"#/components/headers/{one}"} for one in headers},
        "content": _content(shape, components),
    }


def _content(shape: Shape, components: Components) -> Json:
    if shape is PICTURE:
        return {kind: _media({"type": "string", "contentMediaType": kind}, components) for kind in MEDIA_TYPES.values()}
    if FILE in shape:
        return {kind: _media(_content_of(kind), components) for kind in shape[FILE]}
    if shape is PAGE:
        return {"text/html": _media({"type": "string"}, components)}
    return {"application/json": _media(shape, components)}


def _content_of(kind: str) -> Shape:
    """What a file of a type holds, as far as JSON Schema tells: a file of JSON is read as such."""
    return {"type": "object"} if kind == "application/json" else {"type": "string", "contentMediaType": kind}


def _refused(refusals: list[Any], components: Components) -> Json:
    name = name_of(refusals)
    if name not in components.responses:
        response = response_of(refusals)
        [media] = response["content"].values()
        media["schema"] = components.hoisted(media["schema"])
        components.responses[name] = response
    return {"$ref": f"#/components/responses/{name}"}
