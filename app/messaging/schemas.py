"""Bodies and queries of this room."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Any
from urllib.parse import urlsplit

from marshmallow import validates_schema

from app.foundation.http.contract.shapes import Shape
from app.foundation.http.fields import Body, Id, Instant, Integer, ListOf, OneOf, Text, page_query
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l
from app.foundation.runtime import runtime
from app.messaging.rules import is_public

_PATTERN = re.compile(r"\*|[a-z_]+\.(\*|[a-z_]+)", re.ASCII)
MOST_OVERLAP_SECONDS = 7 * 24 * 3600


class EndpointUrl(Text):
    """An absolute https address (http where a setting allows it), without credentials or fragment."""

    def __init__(self, **options: Any) -> None:
        super().__init__(1000, visible=True, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        settings = runtime().settings
        try:
            parts = urlsplit(text)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise Wrong("invalid-url", _l("This is no address.")) from None
        schemes = ("https", "http") if settings.webhook_allow_http else ("https",)
        if parts.scheme not in schemes or not host or parts.username or parts.password or parts.fragment:
            raise Wrong("invalid-url", _l("An https address without credentials is needed."))
        if not text.isascii() or " " in text:
            raise Wrong("invalid-url", _l("An address is written in ASCII without spaces (xn--… for other letters)."))
        if not settings.webhook_allow_private and _is_private_literal(host):
            raise Wrong("invalid-url", _l("This address is not on the open internet."))
        return text

    def accepts(self) -> Shape:
        example = "https://erp.example.com/quantong"
        return {"type": "string", "format": "uri", "maxLength": 1000, "pattern": "^https?://", "examples": [example]}


def _is_private_literal(host: str) -> bool:
    """Whether a host is this machine or a private address by its spelling alone, as name servers' clients read it."""
    host = host.rstrip(".")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost") or _is_private_number(host)
    return not is_public(host)


def _is_private_number(host: str) -> bool:
    """`2130706433`, `0x7f.1` and `127.1` are addresses, too."""
    try:
        return not is_public(socket.inet_ntoa(socket.inet_aton(host)))
    except OSError:
        return False


class EventPattern(Text):
    """`points.earned`, `points.*` or `*`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(60, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if not _PATTERN.fullmatch(text):
            raise Wrong("invalid-event", _l("The name of an event, `points.*` or `*` is needed."))
        return text

    def accepts(self) -> Shape:
        return {"type": "string", "maxLength": 60, "pattern": r"^(\*|[a-z_]+\.(\*|[a-z_]+))$", "examples": ["points.*"]}


class EndpointBody(Body):
    url = EndpointUrl(required=True)
    events = ListOf(EventPattern(), least=1, most=50, load_default=lambda: ["*"])
    description = Text(200, load_default=None, allow_none=True, example="ERP")


class EndpointChange(Body):
    url = EndpointUrl()
    events = ListOf(EventPattern(), least=1, most=50)
    description = Text(200, allow_none=True)
    status = OneOf(("enabled", "disabled"))


class RotateSecretBody(Body):
    overlap_seconds = Integer(0, MOST_OVERLAP_SECONDS, load_default=24 * 3600, example=3600)


class ReplayBody(Body):
    """Instants; `to` is the first one left out."""

    class Meta:
        include = {"from": Instant(required=True)}

    to = Instant(required=True)

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: object) -> None:
        if data["from"] >= data["to"]:
            raise Wrong("out-of-range", _l("The span must end after it begins."), "to")


EVENTS = page_query("evt", type=Text(60))
ENDPOINTS = page_query("whe")
DELIVERIES = page_query("whd", status=OneOf(("pending", "delivered", "failed")), event_id=Id("evt"))
