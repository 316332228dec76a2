"""Two members become one: ways to find them, memberships, consents and what is known of them go to the survivor."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of
from app.foundation.problems import ValidationFailed
from app.foundation.runtime import keyring
from app.members import queries, services
from app.members.events import MemberMerged
from app.members.models import Consent, Member
from app.members.services import Identity, personal, seal

_MEMBERSHIPS = """
    INSERT INTO merchant_memberships AS m (district_id, member_id, merchant_id, since, way, proved_at)
    SELECT district_id, %(survivor)s::uuid, merchant_id, since, way, proved_at FROM merchant_memberships
    WHERE district_id = %(district)s::uuid AND member_id = %(old)s::uuid
    ON CONFLICT (district_id, member_id, merchant_id) DO UPDATE SET proved_at = excluded.proved_at
    WHERE m.proved_at IS NULL AND excluded.proved_at IS NOT NULL
"""
_MERGED_BEFORE = """
    UPDATE members SET merged_into = %(survivor)s::uuid
    WHERE district_id = %(district)s::uuid AND merged_into = %(old)s::uuid
"""


def merge(uow: UnitOfWork, old: Member, survivor: Member) -> None:
    """Moves everything of a member but its points and sales; the old id leads to the survivor from now on.

    The caller holds both. What the survivor lacks (name, birthday, phone) is filled, tags are joined, and a withdrawn
    consent wins.
    Raises ValidationFailed for a member and itself.
    """
    if old.id == survivor.id:
        raise ValidationFailed.at("/into", "same-member", _l("These are one member already."))
    _move_identities(uow, old, survivor)
    for field in ("phone", "name", "birthday"):
        if getattr(survivor, field) is None:
            setattr(survivor, field, seal(personal(old, field), survivor.id, field))
        setattr(old, field, None)
    survivor.written_by = old.written_by = None
    survivor.tags, old.tags = list(dict.fromkeys([*survivor.tags, *old.tags])), []
    changes = [one for one in (old.birthday_changed_at, survivor.birthday_changed_at) if one is not None]
    survivor.birthday_changed_at, old.birthday_changed_at = max(changes, default=None), None
    proofs = [one for one in (old.proved_at, survivor.proved_at) if one is not None]
    survivor.proved_at = max(proofs, default=None)
    ids = {"old": hex_of(old.id), "survivor": hex_of(survivor.id)}
    uow.write(_MEMBERSHIPS, ids)
    _join_consents(uow, old, survivor)
    uow.write(_MERGED_BEFORE, ids)
    old.status, old.merged_into, old.gone_at = "merged", survivor.id, uow.now
    survivor.returned = survivor.returned or old.returned
    uow.emit(MemberMerged(old.id, survivor.id))


def _move_identities(uow: UnitOfWork, old: Member, survivor: Member) -> None:
    """The old phone finds the survivor, too; as it isn't the survivor's own, it is kept with its index, sealed."""
    phone, has_own = personal(old, "phone"), survivor.phone is not None
    moved = []
    for row in queries.identities_of(uow, old.id):
        text = phone if row.value is None else keyring().open(row.value, bound_to=f"{old.id}/{row.kind}")
        keeps_text = row.value is not None or has_own
        sealed = seal(text, survivor.id, row.kind) if keeps_text else None
        moved.append(Identity(survivor.id, row.kind, {row.key_version: row.value_index}, sealed))
        uow.session.delete(row)
    uow.session.flush()
    services.add_identities(uow, moved)


def latest_consents(uow: UnitOfWork, member_id: str) -> dict[tuple[str, str], Consent]:
    """What a member last said, by controller and purpose."""
    return {(row.controller, row.purpose): row for row in queries.consents_of(uow, [member_id])}


def _join_consents(uow: UnitOfWork, old: Member, survivor: Member) -> None:
    own = latest_consents(uow, survivor.id)
    said = []
    for key, row in latest_consents(uow, old.id).items():
        known = own.get(key)
        if known is None or (known.granted and not row.granted):
            said.append({"controller": key[0], "purpose": key[1], "version": row.version, "granted": row.granted})
    services.record_consents(uow, [(survivor.id, one) for one in said], way="merge")
