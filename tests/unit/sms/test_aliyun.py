"""SendSms of Alibaba Cloud: its signature, what is sent, what is tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from app.sms.aliyun import PAUSES_SECONDS, Aliyun, AliyunAccount, number_of, query_of, signed_headers
from app.sms.port import NotSent

ACCOUNT = AliyunAccount("YourAccessKeyId", "YourAccessKeySecret", "圈通", "SMS_154950909", "SMS_154950910")
PHONE, CODE = "+8613800138000", "123456"


@pytest.mark.parametrize(
    ("nonce", "at", "signature"),
    [
        (
            "3156853299f313e23d1673dc12e1703d",
            datetime(2023, 10, 26, 10, 22, 32),
            "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
        ),
        (
            "d410180a5abf7fe235dd9b74aca91fc0",
            datetime(2023, 10, 26, 9, 1, 1),
            "e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804",
        ),
    ],
)
def test_the_signature_is_that_of_the_provider_s_examples(nonce: str, at: datetime, signature: str) -> None:
    query = query_of({"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"})
    headers = signed_headers(
        action="RunInstances",
        version="2014-05-26",
        host="ecs.cn-shanghai.aliyuncs.com",
        query=query,
        key_id=ACCOUNT.key_id,
        key_secret=ACCOUNT.key_secret,
        nonce=nonce,
        at=at.replace(tzinfo=UTC),
    )
    assert headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,"
        "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        f"Signature={signature}"
    )


def test_parameters_are_encoded_as_rfc_3986_says() -> None:
    assert query_of({"b": "圈 通*~", "a": '{"code":"1"}'}) == "a=%7B%22code%22%3A%221%22%7D&b=%E5%9C%88%20%E9%80%9A%2A~"


class Provider:
    """Answers in turn, and remembers what it was asked and how long the sender waited."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.waited: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, body = answer
        return httpx.Response(status, json=body) if isinstance(body, dict) else httpx.Response(status, text=body)

    def sender(self) -> Aliyun:
        return Aliyun(
            ACCOUNT,
            endpoint="https://dysmsapi.aliyuncs.com/",
            timeout_seconds=1,
            sleep=self.waited.append,
            transport=httpx.MockTransport(self),
        )


OK = (200, {"Code": "OK", "Message": "OK", "BizId": "9006197469364984", "RequestId": "F655A8D5"})


def test_what_is_sent() -> None:
    provider = Provider(OK)
    provider.sender().send_code(PHONE, CODE)
    [request] = provider.asked
    assert (request.method, request.url.host, request.url.path) == ("POST", "dysmsapi.aliyuncs.com", "/")
    assert parse_qs(request.url.query.decode()) == {
        "PhoneNumbers": ["13800138000"],
        "SignName": ["圈通"],
        "TemplateCode": ["SMS_154950909"],
        "TemplateParam": ['{"code":"123456"}'],
    }
    assert request.headers["x-acs-action"] == "SendSms"
    assert request.headers["x-acs-version"] == "2017-05-25"
    assert request.content == b""
    assert provider.waited == []


def test_a_notice_has_a_template_of_its_own() -> None:
    provider = Provider(OK)
    provider.sender().send_notice(PHONE, "2026-12-31")
    sent = parse_qs(provider.asked[0].url.query.decode())
    assert (sent["TemplateCode"], sent["TemplateParam"]) == (["SMS_154950910"], ['{"day":"2026-12-31"}'])


def test_without_a_template_a_notice_waits() -> None:
    sender = Aliyun(replace(ACCOUNT, notice_template=""), endpoint="https://a.example", timeout_seconds=1)
    with pytest.raises(NotSent) as refused:
        sender.send_notice(PHONE, "2026-12-31")
    assert (refused.value.code, refused.value.may_pass) == ("no-template", True)


def test_the_signature_is_over_the_query_that_leaves() -> None:
    provider = Provider(OK)
    provider.sender().send_code(PHONE, CODE)
    [request] = provider.asked
    again = signed_headers(
        action="SendSms",
        version="2017-05-25",
        host=request.headers["host"],
        query=request.url.query.decode(),
        key_id=ACCOUNT.key_id,
        key_secret=ACCOUNT.key_secret,
        nonce=request.headers["x-acs-signature-nonce"],
        at=datetime.fromisoformat(request.headers["x-acs-date"]),
    )
    assert again["Authorization"] == request.headers["Authorization"]


PASSING: dict[str, Callable[[], Any]] = {
    "slow": lambda: httpx.ReadTimeout("https://dysmsapi.aliyuncs.com/?PhoneNumbers=13800138000"),
    "away": lambda: httpx.ConnectError("refused"),
    "broken": lambda: (503, "oops"),
    "throttled": lambda: (400, {"Code": "Throttling.User"}),
    "at the carrier": lambda: (200, {"Code": "isp.SYSTEM_ERROR"}),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_may_pass_is_tried_again(name: str) -> None:
    provider = Provider(PASSING[name](), PASSING[name](), OK)
    provider.sender().send_code(PHONE, CODE)
    assert provider.waited == list(PAUSES_SECONDS)
    assert len({one.headers["x-acs-signature-nonce"] for one in provider.asked}) == 3


@pytest.mark.parametrize("name", PASSING)
def test_but_not_for_ever(name: str) -> None:
    provider = Provider(*(PASSING[name]() for _ in range(3)))
    with pytest.raises(NotSent) as refused:
        provider.sender().send_code(PHONE, CODE)
    assert refused.value.may_pass
    assert len(provider.asked) == 3
    assert "138" not in f"{refused.value} {refused.value.__cause__}"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, {"Code": "isv.BUSINESS_LIMIT_CONTROL"}, "isv.BUSINESS_LIMIT_CONTROL"),
        (200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        (403, {"Code": "SignatureDoesNotMatch"}, "SignatureDoesNotMatch"),
        (404, {"Code": "InvalidAccessKeyId.NotFound"}, "InvalidAccessKeyId.NotFound"),
        (400, "<html>", "http-400"),
        (200, "[]", "http-200"),
        (302, {"Code": "OK"}, "OK"),
    ],
)
def test_what_won_t_pass_is_told_at_once(status: int, body: Any, code: str) -> None:
    provider = Provider((status, body))
    with pytest.raises(NotSent) as refused:
        provider.sender().send_code(PHONE, CODE)
    assert (refused.value.code, refused.value.may_pass) == (code, False)
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    ("phone", "number"),
    [("+8613800138000", "13800138000"), ("+85291234567", "85291234567"), ("+12025550123", "12025550123")],
)
def test_numbers_as_the_provider_takes_them(phone: str, number: str) -> None:
    assert number_of(phone) == number
