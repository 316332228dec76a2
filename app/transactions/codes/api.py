"""`/v1/member-codes`: it stands here, for it tells a member's points too."""

from __future__ import annotations

from typing import Any

from app.foundation.clock import format_instant
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes, needs_shift, once_of
from app.members import rules
from app.members import services as members
from app.members.codes import presence_tokens
from app.members.errors import MemberCodeExpired, MemberCodeUsed
from app.transactions import answers, schemas
from app.transactions.codes import services
from app.transactions.codes.services import Resolved

member_codes = Routes("member_codes", __name__, url_prefix="/v1/member-codes")


@member_codes.serve(
    "POST",
    "/resolve",
    scope="transactions:write",
    body=schemas.ResolveBody(),
    answers={200: answers.RESOLVED},
    problems=(MemberCodeExpired, MemberCodeUsed),
    own_transaction=True,
    till=needs_shift,
)
def resolve_member_code(call: Call) -> Answer:
    """Say whose member code was shown, and use it up.

    The token names the member in sales at this store for ten minutes, and proves that they are there to spend points.
    """
    once = once_of(call, services.to_store, services.again)
    resolved = services.resolve(call.principal, call.body["code"], call.body["store_id"], once)
    headers = {"Cache-Control": "no-store", **({"Idempotent-Replayed": "true"} if resolved.is_replay else {})}
    return Answer(_show_resolved(resolved, call.principal.district_id), headers=headers)


def _show_resolved(resolved: Resolved, district_id: str) -> dict[str, Any]:
    presented = resolved.presence
    name = members.open_field(resolved.name, presented.member_id, "name")
    return {
        "object": "presence",
        "member": {
            "id": presented.member_id,
            "masked_name": name and rules.mask_name(name),
            "tier": resolved.tier,
            "points": resolved.spendable,
        },
        "store_id": presented.store_id,
        "presence_token": presence_tokens.make_token(district_id, presented),
        "expires_at": format_instant(presented.expires_at),
    }
