"""The parts of the document that operations share: named shapes, headers, parameters, and what introduces it."""

from __future__ import annotations

from typing import Any

from app.foundation.database.idempotency import MAX_KEY_LENGTH
from app.foundation.http.contract.shapes import Shape

_VALUES = ("examples", "example", "default", "const", "enum")
"""Keywords whose values are data, in which nothing is a shape."""
_BESIDE = ("default",)
"""Keywords that belong to the place of a shape, not to the shape."""


class Components:
    """What the document has gathered under names so far."""

    def __init__(self) -> None:
        self.schemas: dict[str, Shape] = {}
        self.responses: dict[str, dict[str, Any]] = {}

    def hoisted(self, shape: Any) -> Any:
        """A shape in which those with a title are references. Raises ValueError where two claim one name."""
        if isinstance(shape, list):
            return [self.hoisted(one) for one in shape]
        if not isinstance(shape, dict):
            return shape
        inner = {key: one if key in _VALUES else self._inside(key, one) for key, one in shape.items()}
        title = inner.pop("title", None)
        if not isinstance(title, str):
            return inner if title is None else {**inner, "title": title}
        beside = {key: inner.pop(key) for key in _BESIDE if key in inner}
        if self.schemas.setdefault(title, inner) != inner:
            raise ValueError(f"two shapes are called {title}")
        return {"$ref": f"#/components/schemas/{title}", **beside}

    def _inside(self, key: str, value: Any) -> Any:
        if key == "properties":
            return {name: self.hoisted(one) for name, one in value.items()}
        return self.hoisted(value)


def _header(about: str, example: str, *, always: bool = False, pattern: str = "") -> dict[str, Any]:
    schema = {"type": "string", **({"pattern": pattern} if pattern else {})}
    return {"description": about, "required": always, "schema": schema, "example": example}


_NUMBER = "^[0-9]+$"
_WORDS: dict[str, tuple[str, str, str]] = {
    "Request-Id": (
        "Names this request: yours if you sent one.",
        "0193f2a1c0de7b5c9a4e2d6f81b3c507",
        r"^[\w.:-]{1,100}$",
    ),
    "Idempotent-Replayed": ("`true`: this answer was given before, and nothing was done again.", "true", "^true$"),
    "RateLimit-Limit": (
        "How much is allowed, where a limit applies: calls of this key in a second, or tries.",
        "50",
        _NUMBER,
    ),
    "RateLimit-Remaining": ("How much of it is left.", "49", _NUMBER),
    "RateLimit-Reset": ("Seconds until the limit starts anew.", "1", _NUMBER),
    "Content-Language": ("The language of the words: `zh`, or `en` for who prefers it.", "zh", "^(zh|en)$"),
    "Retry-After": ("Seconds to wait before trying again.", "1", _NUMBER),
    "WWW-Authenticate": ("The scheme of authentication.", "Bearer", "^Bearer"),
    "Allow": ("The methods that this address knows.", "GET, POST", ""),
}
HEADERS = {
    **{name: _header(about, example, always=True, pattern=look) for name, (about, example, look) in _WORDS.items()},
    **{f"{name}-if-any": _header(about, example, pattern=look) for name, (about, example, look) in _WORDS.items()},
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "The same request again under the same key gets the same answer, for 24 hours or longer, and does "
        "nothing again.",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH, "pattern": "^[ -~]*$"},
    },
    "Accept-Language": {
        "name": "Accept-Language",
        "in": "header",
        "required": False,
        "description": "The language of words for people, such as `detail` of a problem and `why` of an explanation: Chinese, "
        "or English for who prefers it.",
        "schema": {"type": "string"},
        "example": "zh",
    },
    "Request-Id": {
        "name": "Request-Id",
        "in": "header",
        "required": False,
        "description": "A name of your own for this request: up to 100 letters, digits or `_ . : -`.",
        "schema": {"type": "string"},
    },
}
SECURITY = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key: `Authorization: Bearer sk_live_…`. What it may do is said by its scopes (`x-scope`).",
    },
    "shopperToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token of a shopper who has signed in (`POST /v1/auth/tokens`). It lasts some minutes "
        "and acts for that member only: another member's id answers 404.",
    },
    "tillToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a till (`POST /v1/tills/pair`): `Authorization: Bearer tt_live_…`. It acts for that "
        "till's store only; most of it needs a cashier's shift (`POST /v1/till/shift`).",
    },
    "staffToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a person of staff who has signed in (`POST /v1/staff/sessions`): `ss_…`. It does what "
        "a key with the scopes of its role does, in the district that it has chosen.",
    },
}
INFO = {
    "title": "Quantong 圈通",
    "version": "1",
    "description": "商圈多租户积分与会员系统的开放接口。金额以分为单位的整数表示；时间为带时区偏移的 RFC 3339，应答一律用 UTC；"
    "列表按新到旧，用 `starting_after` 与 `ending_before` 翻页；拒绝一律为 RFC 9457 的 problem，`code` 稳定不变，文字默认中文，可用 `Accept-Language: en` 取英文。\n\n"
    "The public interface of Quantong, a loyalty service for business districts. Amounts are integers in fen; times are "
    "RFC 3339 with an offset, answered in UTC; lists are newest first, paged by `starting_after` and `ending_before`; every "
    "refusal is an RFC 9457 problem with a stable `code`, whose words are Chinese, or English with `Accept-Language: en`.\n\n"
    "Answers may gain properties; nothing is taken away within `/v1`. Unknown fields of a request are refused. An address "
    "that is not listed answers 404, another method of one that is 405. An id of another district or merchant answers 404 "
    "like one that does not exist.",
}
