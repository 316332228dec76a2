"""What happens to members. Ids only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class MemberEnrolled(Event):
    """Somebody has become a member of the district, at a merchant's shop or without one."""

    type: ClassVar[str] = "member.enrolled"
    member_id: str
    merchant_id: str | None
    phone_indexes: tuple[bytes, ...]  # find the sales that wait for this phone; not told outside
    owed: int  # points owed when this phone's member left; not told outside

    def payload(self) -> dict[str, object]:
        return {"member_id": self.member_id, "merchant_id": self.merchant_id}


@dataclass(frozen=True, slots=True)
class MemberPhoneChanged(Event):
    """A member is found by another phone now."""

    type: ClassVar[str] = "member.phone_changed"
    member_id: str
    phone_indexes: tuple[bytes, ...]
    old_phone: str | None  # is told of it; not told outside
    owed: int  # when the phone's last member left; not told here

    def payload(self) -> dict[str, object]:
        return {"member_id": self.member_id}


@dataclass(frozen=True, slots=True)
class MemberPhoneReleased(Event):
    """A phone leads to the member no more: after a long time away somebody else has proven to hold the number."""

    type: ClassVar[str] = "member.phone_released"
    member_id: str


@dataclass(frozen=True, slots=True)
class MembershipStarted(Event):
    """A member of the district has become a member of a merchant.

    `way`: `enrolment` or `purchase` by the merchant's word; `sign-in`, `code`, `claim` or `consent` by the member's own act.
    """

    type: ClassVar[str] = "membership.started"
    member_id: str
    merchant_id: str
    way: str


@dataclass(frozen=True, slots=True)
class ConsentRecorded(Event):
    """A member has given or withdrawn a consent. `controller` is `district` or the id of a merchant."""

    type: ClassVar[str] = "consent.recorded"
    member_id: str
    controller: str
    purpose: str
    granted: bool


@dataclass(frozen=True, slots=True)
class MemberCodeKeyReplaced(Event):
    """A member's phone makes its codes from a new key; those of the old one prove nothing any more."""

    type: ClassVar[str] = "member.code_key_replaced"
    member_id: str


@dataclass(frozen=True, slots=True)
class MemberMerged(Event):
    """A member has become part of another, to whom its id leads from now on."""

    type: ClassVar[str] = "member.merged"
    member_id: str
    into_id: str


@dataclass(frozen=True, slots=True)
class MemberErased(Event):
    """A member has left, and what was known of the person is forgotten. Forget it, too."""

    type: ClassVar[str] = "member.erased"
    member_id: str


@dataclass(frozen=True, slots=True)
class MemberFrozen(Event):
    """The alliance has frozen a member: it earns and is refunded, but can't spend or claim."""

    type: ClassVar[str] = "member.frozen"
    member_id: str


@dataclass(frozen=True, slots=True)
class MemberUnfrozen(Event):
    """A frozen member may spend and claim again."""

    type: ClassVar[str] = "member.unfrozen"
    member_id: str
