"""`/v1/me/phone` and `/v1/me/proofs`: a member's number changes by codes to both, and is proven anew for what is final."""

from __future__ import annotations

from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import SHOPPER, Call, Routes
from app.foundation.i18n import words as _l
from app.foundation.problems import Conflict, DomainError, NotFound, ValidationFailed
from app.members.errors import PhoneTaken
from app.members.rules import mask_phone
from app.signin import answers, schemas
from app.signin.errors import FreshProofRequired, InvalidCode, SessionOver
from app.signin.phones import services as phones
from app.signin.phones.services import Waiting
from app.signin.present import REPLAYED_SECONDS, open_tokens, seal_tokens, show_me, show_tokens
from app.signin.sessions import services as sessions

my_phone = Routes("my_phone", __name__, url_prefix="/v1/me")


def _show_waiting(waiting: Waiting) -> dict[str, Any]:
    return {
        "object": "phone_change",
        "masked_phone": mask_phone(waiting.phone),
        "asked_at": format_instant(waiting.asked_at),
        "changes_at": format_instant(waiting.due_at),
    }


def _moved(uow: UnitOfWork, member_id: str, tokens: dict[str, Any]) -> dict[str, Any]:
    return {**show_me(uow, member_id), "tokens": tokens}


def _again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    if "waiting" in stored:
        return _waiting(uow, stored["waiting"])
    return _moved(uow, stored["member_id"], open_tokens(uow, stored))


def _waiting(uow: UnitOfWork, member_id: str) -> dict[str, Any]:
    found = phones.waiting(uow, member_id)
    if found is None:
        raise NotFound
    return _show_waiting(found)


@my_phone.serve(
    "POST",
    "/phone",
    scope=SHOPPER,
    body=schemas.PhoneBody(),
    answers={200: answers.MOVED, 202: answers.PHONE_CHANGE},
    problems=(Conflict, FreshProofRequired, InvalidCode, NotFound, PhoneTaken, SessionOver),
    audit="member.phone_changed",
    replay=_again,
    replay_seconds=REPLAYED_SECONDS,
)
def change_phone(uow: UnitOfWork, call: Call) -> Answer:
    """Change one's phone: with a code to the new number, and one to the old number in `old`.

    The old number is told. All sessions end, and with them the keys of member codes: the answer holds the tokens of a new
    session. Spending rests for 24 hours.

    With `old_number_lost` the change waits for seven days (202), can be seen and cancelled at `/v1/me/phone/change`, and
    ends if the session that asked for it ends, or if the old number is proven meanwhile.
    """
    proof = {name: call.body[name] for name in ("challenge", "code")}
    old = call.body["old"]
    if (old is None) != call.body["old_number_lost"]:
        if old is not None:
            raise ValidationFailed.at(
                "/old_number_lost", "not-both", _l("A code to the old number says it isn't lost.")
            )
        raise FreshProofRequired(_l("Send a code to the old number in `old`, or say that it is lost."))
    return _change(uow, proof, old) if old is not None else _ask(uow, proof)


def _change(uow: UnitOfWork, proof: dict[str, str], old: dict[str, str]) -> Answer:
    outcome = phones.change_phone(uow, proof, old)
    if isinstance(outcome, DomainError):
        return Answer.refused(outcome)
    uow.finish()
    return Answer(_moved(uow, outcome.member_id, show_tokens(outcome)), stored=seal_tokens(outcome))


def _ask(uow: UnitOfWork, proof: dict[str, str]) -> Answer:
    outcome = phones.ask_change(uow, proof)
    if isinstance(outcome, DomainError):
        return Answer.refused(outcome)
    own, due_at = uow.principal.id, format_instant(outcome.due_at)
    return Answer(
        _show_waiting(outcome), 202, stored={"waiting": own}, audited={"member_id": own, "changes_at": due_at}
    )


@my_phone.serve("GET", "/phone/change", scope=SHOPPER, answers={200: answers.PHONE_CHANGE}, problems=(NotFound,))
def get_phone_change(uow: UnitOfWork, call: Call) -> Answer:
    """Read the change of one's phone that waits."""
    return Answer(_waiting(uow, call.principal.id))


@my_phone.serve(
    "DELETE",
    "/phone/change",
    scope=SHOPPER,
    answers={200: answers.PHONE_CHANGE},
    problems=(NotFound,),
    audit="member.phone_change_cancelled",
)
def cancel_phone_change(uow: UnitOfWork, call: Call) -> Answer:
    """Cancel the change of one's phone that waits, from whichever session it was asked for."""
    own = call.principal.id
    return Answer(_show_waiting(phones.cancel_change(uow, own)), audited={"member_id": own})


@my_phone.serve(
    "POST", "/proofs", scope=SHOPPER, body=schemas.ProofBody(), answers={200: answers.PROOF}, problems=(InvalidCode,)
)
def prove(uow: UnitOfWork, call: Call) -> Answer:
    """Prove one's number anew, by a code that was asked for at `/v1/auth/codes`.

    For five minutes this session may then do what needs a fresh proof: unlock spending, export, leave. A session that
    began less than five minutes ago needs none.
    """
    refusal = phones.prove_anew(uow, **call.body)
    if refusal is not None:
        return Answer.refused(refusal)
    fresh_until = sessions.fresh_until(sessions.current(uow))
    return Answer({"object": "proof", "member_id": call.principal.id, "fresh_until": format_instant(fresh_until)})
