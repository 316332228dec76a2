"""`client.members`: the district's members, and what they have; `client.cases`: what they complain of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Required, TypedDict

from merchant_sdk._answers.care import Case, MemberExport, MergePreview, SpendLock
from merchant_sdk._answers.members import Adjustment, Consent, EnrolResult, Entry, Member, Points, Presence
from merchant_sdk._calls import batches
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import UNSET, Keep, changed, day, given, path


class Person(TypedDict, total=False):
    """Who is to be enrolled; only `phone` is needed."""

    phone: Required[str]
    name: str | None
    birthday: date | str | None
    store_id: str | None
    consents: Sequence[Mapping[str, str]] | None
    identities: Sequence[Mapping[str, str]] | None
    tags: Sequence[str] | None


def body_of(person: Mapping[str, object]) -> dict[str, Any]:
    """The body of an enrolment: what is given, a birthday as text. Raises TypeError for a name that isn't Person's."""
    unknown = person.keys() - Person.__annotations__.keys()
    if unknown:
        raise TypeError(f"no such field of a member: {', '.join(sorted(unknown))}")
    birthday = person.get("birthday")
    return given(**{**person, "birthday": day(birthday) if isinstance(birthday, date) else birthday})


def _result(index: int, body: batches.Body, row: Mapping[str, Any]) -> EnrolResult:
    status, member = batches.status_of(row, "member"), row.get("member")
    if member:
        return EnrolResult(index, body.get("phone"), status, Member.read(member))
    return EnrolResult(index, body.get("phone"), status, problem=row["problem"])


PEOPLE = batches.Kind(path("members", "batch"), "members", body_of, _result)


class Members:
    """Members. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def enrol(
        self,
        phone: str,
        *,
        name: str | None = None,
        birthday: date | str | None = None,
        store_id: str | None = None,
        consents: Sequence[Mapping[str, str]] | None = None,
        identities: Sequence[Mapping[str, str]] | None = None,
        tags: Sequence[str] | None = None,
        idempotency_key: str | None = None,
    ) -> Member:
        """Makes a member of a phone; of one that is a member already, only id and masked phone come back.

        A consent is `{"controller": "district", "purpose": "membership", "version": "2026-01"}`,
        an identity `{"kind": "wechat_openid", "value": "…"}`. `tags` are the alliance's words for groups of members.
        """
        person: Person = {"phone": phone, "name": name, "birthday": birthday, "store_id": store_id}
        body = body_of({**person, "consents": consents, "identities": identities, "tags": tags})
        answer = self._sender.request("POST", path("members"), json=body, idempotency_key=idempotency_key)
        return Member.read(answer)

    def enrol_batch(
        self,
        people: Iterable[Mapping[str, object]],
        *,
        batch_size: int = batches.BATCH_SIZE,
        workers: int = batches.WORKERS,
        on_progress: batches.Progress | None = None,
    ) -> Iterator[EnrolResult]:
        """Enrols people (mappings with the names of `enrol`) in batches, as `transactions.report_batch` reports sales."""
        return batches.send_all(
            self._sender, PEOPLE, people, batch_size=batch_size, workers=workers, on_progress=on_progress
        )

    def resolve(self, code: str, *, store_id: str | None = None, idempotency_key: str | None = None) -> Presence:
        """Who shows a member code (18 digits, scanned or typed) at a store; a store's key need not name its own.

        It works once for each code. Raises NotFound for a wrong one, MemberCodeExpired for that of another minute (say
        a screenshot), MemberCodeUsed, and RateLimited after too many wrong ones.
        """
        body = given(code=code, store_id=store_id)
        answer = self._sender.request(
            "POST", path("member-codes", "resolve"), json=body, idempotency_key=idempotency_key
        )
        return Presence.read(answer)

    def get(self, member_id: str) -> Member:
        """A member; with a merchant's key no name, birthday, tags or tier until it has shown itself there, say by a code.

        Raises NotFound where the key may not see it.
        """
        return Member.read(self._sender.request("GET", path("members", member_id)))

    def find(self, phone: str) -> Member | None:
        """The member with a phone, or None where there is none that the key may see."""
        return next(self.list(phone=phone), None)

    def update(
        self,
        member_id: str,
        *,
        phone: str | Keep = UNSET,
        reason: str | Keep = UNSET,
        name: str | Keep | None = UNSET,
        birthday: date | str | Keep | None = UNSET,
        identities: Sequence[Mapping[str, str]] | Keep = UNSET,
        tags: Sequence[str] | Keep = UNSET,
    ) -> Member:
        """Changes what is given; None empties a field. `tags`, and a phone with its `reason`, with a district's key only.

        Whose phone changes is signed out everywhere, and spends nothing for 24 hours.

        A merchant's key changes members whom it newly enrolled, until they have signed in or shown a code, and a birthday
        that is known once in 365 days: Conflict (`birthday-fixed`) before that.
        """
        if isinstance(birthday, date):
            birthday = day(birthday)
        body = changed(phone=phone, reason=reason, name=name, birthday=birthday, identities=identities, tags=tags)
        return Member.read(self._sender.request("PATCH", path("members", member_id), json=body))

    def list(self, *, phone: str | None = None, number: str | None = None, tag: str | None = None) -> Iterator[Member]:
        """All members that the key may see, newest first; or those with a phone, a number or a tag."""
        return read_all(self._sender, path("members"), Member, {"phone": phone, "number": number, "tag": tag})

    def record_consent(
        self,
        member_id: str,
        *,
        controller: str,
        purpose: str,
        version: str,
        granted: bool = True,
        idempotency_key: str | None = None,
    ) -> Consent:
        """Records a consent to the `district` or to a merchant's id, or (`granted=False`) its withdrawal."""
        body = given(controller=controller, purpose=purpose, version=version, granted=granted)
        address = path("members", member_id, "consents")
        answer = self._sender.request("POST", address, json=body, idempotency_key=idempotency_key)
        return Consent.read(answer)

    def points(self, member_id: str) -> Points:
        """A member's points today. With a merchant's key, of members who have shown themselves there, say by a code.

        Raises PermissionDenied (`member-unproven`) before that.
        """
        return Points.read(self._sender.request("GET", path("members", member_id, "points")))

    def entries(self, member_id: str) -> Iterator[Entry]:
        """All movements of a member's points, newest first."""
        return read_all(self._sender, path("members", member_id, "points", "entries"), Entry, {})

    def adjust_points(
        self, member_id: str, points: int, reason: str, *, idempotency_key: str | None = None
    ) -> Adjustment:
        """Gives a member points at the district's cost, or takes some (below 0); with a district's key.

        It has no reference: to repeat it safely later, give an `idempotency_key` of your own. Raises ValidationError
        where more is taken than can be spent, TypeError for points that are no int.
        """
        if type(points) is not int:
            raise TypeError(f"points: {points!r} is no int")
        address, body = path("members", member_id, "points", "adjustments"), {"points": points, "reason": reason}
        answer = self._sender.request("POST", address, json=body, idempotency_key=idempotency_key)
        return Adjustment.read(answer)

    def freeze(self, member_id: str, *, idempotency_key: str | None = None) -> Member:
        """Keeps a member from spending and claiming; with a district's key. It earns and is refunded as before."""
        address = path("members", member_id, "freeze")
        return Member.read(self._sender.request("POST", address, idempotency_key=idempotency_key))

    def unfreeze(self, member_id: str, *, idempotency_key: str | None = None) -> Member:
        """Lets a frozen member spend and claim again; with a district's key."""
        address = path("members", member_id, "unfreeze")
        return Member.read(self._sender.request("POST", address, idempotency_key=idempotency_key))

    def lock_spending(self, member_id: str, *, locked: bool = True, idempotency_key: str | None = None) -> SpendLock:
        """Lets a member's points rest, or (`locked=False`) be spent again; with a district's key."""
        address, body = path("members", member_id, "spend-lock"), {"locked": locked}
        answer = self._sender.request("POST", address, json=body, idempotency_key=idempotency_key)
        return SpendLock.read(answer)

    def preview_merge(self, member_id: str, *, into: str) -> MergePreview:
        """What `merge` would make of two members now; nothing is changed. With a district's key."""
        address = path("members", member_id, "merge-preview")
        return MergePreview.read(self._sender.request("GET", address, params={"into": into}))

    def merge(self, member_id: str, *, into: str, idempotency_key: str | None = None) -> Member:
        """Makes a member part of another, for good, and gives that one; with a district's key.

        Points, debts, sales and memberships go there, and both ids answer with it from then on. Raises MemberFrozen
        where one of them is frozen, ValidationError where they are one already.
        """
        address, body = path("members", member_id, "merge"), {"into": into}
        return Member.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def export(self, member_id: str) -> MemberExport:
        """Everything that is known of a member, to hand to them; with a district's key."""
        return MemberExport.read(self._sender.request("GET", path("members", member_id, "export")))

    def export_page(self, member_id: str, *, language: str | None = None) -> str:
        """The same as a page of HTML to read and to print, in a `language` such as `zh` or `en`."""
        address = path("members", member_id, "export", "page")
        return self._sender.fetch(address, "text/html", language=language).decode()

    def erase(self, member_id: str) -> Member:
        """Forgets a person, for good; with a district's key. Points are lost, sales stay without a name.

        It can be repeated: one that is erased already is answered alike.
        """
        return Member.read(self._sender.request("DELETE", path("members", member_id)))


class Cases:
    """`client.cases`: what shoppers complain of about the sales that the key sees. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def list(
        self, *, step: str | None = None, transaction_id: str | None = None, merchant_id: str | None = None
    ) -> Iterator[Case]:
        """All of them, those at a step (`open`, `answered`, `withdrawn`), about a sale or a merchant's, newest first."""
        filters = {"step": step, "transaction_id": transaction_id, "merchant_id": merchant_id}
        return read_all(self._sender, path("cases"), Case, filters)

    def get(self, case_id: str) -> Case:
        """One of them."""
        return Case.read(self._sender.request("GET", path("cases", case_id)))

    def answer(self, case_id: str, answer: str, *, idempotency_key: str | None = None) -> Case:
        """Says to its shopper what there is to say, once (Conflict); points and money are put right apart."""
        place = path("cases", case_id, "answer")
        return Case.read(self._sender.request("POST", place, json={"answer": answer}, idempotency_key=idempotency_key))
