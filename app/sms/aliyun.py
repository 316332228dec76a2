"""Alibaba Cloud's Short Message Service (Dysmsapi 2017-05-25, SendSms), over its signature method V3.

https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import orjson

from app.foundation.clock import Clock, utc_now
from app.sms.port import NotSent

_ALGORITHM = "ACS3-HMAC-SHA256"
_SIGNED = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
_MAY_PASS = ("isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "SignatureNonceUsed", "ServiceUnavailable", "Throttling")
"""Codes, or how they begin, after which another try may succeed."""
PAUSES_SECONDS = (0.5, 1.5)
"""Between the tries of one call."""


@dataclass(frozen=True, slots=True)
class AliyunAccount:
    """Who pays, and under which approved signature and templates messages leave.

    `template` is that of codes, with the one parameter `code`; `notice_template` that of notices, with `day`;
    `account_template` that of notices to staff, without any.
    """

    key_id: str
    key_secret: str
    sign_name: str
    template: str
    notice_template: str = ""
    account_template: str = ""


def query_of(parameters: Mapping[str, str]) -> str:
    """Parameters as they stand in the address and under the signature: sorted, percent-encoded (RFC 3986)."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(parameters.items()))


def signed_headers(
    *, action: str, version: str, host: str, query: str, key_id: str, key_secret: str, nonce: str, at: datetime
) -> dict[str, str]:
    """The headers of a POST to `/` with an empty body, `Authorization` last."""
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = "\n".join(["POST", "/", query, lines, _SIGNED, headers["x-acs-content-sha256"]])
    to_sign = f"{_ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(key_secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return {
        **headers,
        "Authorization": f"{_ALGORITHM} Credential={key_id},SignedHeaders={_SIGNED},Signature={signature}",
    }


class Aliyun:
    """Sends through an account. Tries again, within bounds, what may pass."""

    def __init__(
        self,
        account: AliyunAccount,
        *,
        endpoint: str,
        timeout_seconds: float,
        clock: Clock = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._account = account
        self._endpoint = endpoint.rstrip("/")
        self._host = urlsplit(endpoint).netloc
        self._clock, self._sleep = clock, sleep
        self._client = httpx.Client(timeout=timeout_seconds, transport=transport)

    def send_code(self, phone: str, code: str) -> None:
        """Raises NotSent."""
        self._send(phone, self._account.template, {"code": code})

    def send_notice(self, phone: str, changes_on: str) -> None:
        """Raises NotSent, also while no template of notices is set."""
        self._send(phone, self._account.notice_template, {"day": changes_on})

    def send_account_notice(self, phone: str) -> None:
        """Raises NotSent, also while no template of them is set."""
        self._send(phone, self._account.account_template, {})

    def _send(self, phone: str, template: str, words: Mapping[str, str]) -> None:
        if not template:
            raise NotSent("no-template", may_pass=True)
        for pause in PAUSES_SECONDS:
            try:
                return self._try(phone, template, words)
            except NotSent as error:
                if not error.may_pass:
                    raise
            self._sleep(pause)
        return self._try(phone, template, words)

    def _try(self, phone: str, template: str, words: Mapping[str, str]) -> None:
        query = query_of(
            {
                "PhoneNumbers": number_of(phone),
                "SignName": self._account.sign_name,
                "TemplateCode": template,
                "TemplateParam": orjson.dumps(words).decode(),
            }
        )
        headers = signed_headers(
            action="SendSms",
            version="2017-05-25",
            host=self._host,
            query=query,
            key_id=self._account.key_id,
            key_secret=self._account.key_secret,
            nonce=secrets.token_hex(16),
            at=self._clock(),
        )
        try:
            answer = self._client.post(f"{self._endpoint}/?{query}", headers=headers)
        except httpx.HTTPError as error:
            raise NotSent(type(error).__name__, may_pass=True) from None  # its text quotes the address, with the phone
        _check(answer)


def number_of(phone: str) -> str:
    """A phone as SendSms takes it: mainland numbers bare, others with their country code and without `+`."""
    return phone.removeprefix("+86").removeprefix("+")


def _check(answer: httpx.Response) -> None:
    code = _code_of(answer)
    if code == "OK" and answer.is_success:
        return
    raise NotSent(code, may_pass=answer.status_code >= 500 or code.startswith(_MAY_PASS))


def _code_of(answer: httpx.Response) -> str:
    try:
        body: Any = orjson.loads(answer.content)
        return str(body["Code"])[:80]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return f"http-{answer.status_code}"
