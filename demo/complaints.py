"""What customers of the street complain of: some wait for an answer. They sign in by the codes of the sandbox's inbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from demo import history
from demo.coupons import GUEST
from demo.state import State
from merchant_sdk import Client


class Complaint(NamedTuple):
    """What a customer says of its last purchase, and what the alliance has answered, if anything."""

    customer: int
    reason: str
    words: str
    reply: str | None = None


COMPLAINTS = (
    Complaint(GUEST, "points-missing", "少算了一杯茶的积分"),
    Complaint(7, "coupon", "满减券扫了两次都没减", "已核实是收银员漏扫，差额已补成积分，抱歉。"),
    Complaint(11, "wrong-amount", "小票上的金额和实付的对不上"),
)
WHOSE = frozenset(one.customer for one in COMPLAINTS)
_STEP = "complaints"


def hear(connect: Callable[[str], Client], state: State, save: Callable[[], None]) -> None:
    """Makes those that aren't there yet; each call can be repeated."""
    if _STEP in state.handed:
        return
    client = connect(state.alliance_key)
    for one in COMPLAINTS:
        if one.customer in state.members:
            _complain(client, connect, state, one)
    state.handed.append(_STEP)
    save()


def _complain(client: Client, connect: Callable[[str], Client], state: State, one: Complaint) -> None:
    sale = next(client.transactions.list(member_id=state.members[one.customer]), None)
    if sale is None:
        return
    key = f"{state.token}-complaint-{one.customer}"
    body = {"transaction_id": sale.id, "reason": one.reason, "description": one.words}
    shopper = connect(_signed_in(client, state, history.phone(one.customer)))
    made = shopper.request("POST", "/v1/cases", json=body, idempotency_key=key)
    if one.reply is not None:
        client.cases.answer(made["id"], one.reply, idempotency_key=f"{key}-answer")


def _signed_in(client: Client, state: State, phone: str) -> str:
    """The token of a customer."""
    asked = client.request("POST", "/v1/auth/codes", json={"district": state.slug, "phone": phone})
    code = next(message.code for message in client.test_inbox.list(phone=phone) if message.code)
    return str(
        client.request("POST", "/v1/auth/tokens", json={"challenge": asked["challenge"], "code": code})["access_token"]
    )
