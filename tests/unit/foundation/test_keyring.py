"""Sealing, blind indexes and derived secrets, through every turn of the keys."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.keyring import Keyring, SealBroken, digest_of, parse_keys

DISTRICT, OTHER_DISTRICT = "dis_" + "1" * 32, "dis_" + "2" * 32
ROW, OTHER_ROW = "mem_" + "a" * 32, "mem_" + "b" * 32
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


def secret(version: int) -> bytes:
    """The key of a version in these tests."""
    return hashlib.sha256(f"key {version}".encode()).digest()


def setting(*versions: int) -> str:
    """A setting with these versions, the current one first."""
    return ",".join(f"{one}:{base64.urlsafe_b64encode(secret(one)).decode().rstrip('=')}" for one in versions)


def keyring(*versions: int) -> Keyring:
    return Keyring(encryption_keys=setting(*versions), index_keys=setting(*versions), signing_keys=setting(*versions))


def test_keys_of_a_setting() -> None:
    padded = f" 7:{base64.urlsafe_b64encode(secret(7)).decode()} ,, {setting(255)},"
    assert [(key.version, key.secret) for key in parse_keys(padded)] == [(7, secret(7)), (255, secret(255))]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(" , ", id="only commas"),
        pytest.param(setting(1)[2:], id="no version"),
        pytest.param("1:", id="no key"),
        pytest.param("1:" + "A" * 42, id="31 bytes"),
        pytest.param("1:" + "A" * 44, id="33 bytes"),
        pytest.param("1:" + "A" * 41, id="cut off in a byte"),
        pytest.param("1:" + "ä" * 43, id="not ASCII"),
        pytest.param("0" + setting(1)[1:], id="version 0"),
        pytest.param("-" + setting(1), id="version below 0"),
        pytest.param("256" + setting(1)[1:], id="version above a byte"),
        pytest.param("one" + setting(1)[1:], id="version in words"),
        pytest.param(setting(1, 2, 1), id="a version twice"),
    ],
)
def test_settings_that_are_no_keys(text: str) -> None:
    with pytest.raises(ValueError):
        parse_keys(text)


@given(TEXTS, TEXTS)
def test_what_is_sealed_opens_where_it_belongs(text: str, row: str) -> None:
    ring = keyring(1)
    assert ring.open(ring.seal(text, bound_to=row), bound_to=row) == text


@given(TEXTS, TEXTS, TEXTS)
def test_what_is_moved_does_not_open(text: str, row: str, other: str) -> None:
    ring = keyring(1)
    sealed = ring.seal(text, bound_to=row)
    if row == other:
        other += "'"
    with pytest.raises(SealBroken):
        ring.open(sealed, bound_to=other)


def test_a_seal_hides_text_and_equality() -> None:
    ring = keyring(1)
    one, two = (ring.seal("13800000000", bound_to=ROW) for _ in range(2))
    assert one != two
    assert b"13800000000" not in one


def test_every_changed_byte_breaks_the_seal() -> None:
    ring = keyring(1)
    sealed = ring.seal("name", bound_to=ROW)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            ring.open(bytes(changed), bound_to=ROW)


def test_every_cut_breaks_the_seal() -> None:
    ring = keyring(1)
    sealed = ring.seal("name", bound_to=ROW)
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            ring.open(sealed[:length], bound_to=ROW)


def test_fields_outlive_a_new_key_and_end_with_their_own() -> None:
    old, both, new = keyring(1), keyring(2, 1), keyring(2)
    sealed = old.seal("name", bound_to=ROW)
    assert both.open(sealed, bound_to=ROW) == "name"
    assert old.seal_is_current(sealed)
    assert not both.seal_is_current(sealed)
    with pytest.raises(SealBroken):
        new.open(sealed, bound_to=ROW)

    again = both.seal("name", bound_to=ROW)
    assert (again[0], both.seal_is_current(again)) == (2, True)
    assert new.open(again, bound_to=ROW) == "name"


def test_another_key_of_the_same_version_opens_nothing() -> None:
    sealed = keyring(1).seal("name", bound_to=ROW)
    stranger = Keyring(encryption_keys="1:" + "A" * 43, index_keys=setting(1), signing_keys=setting(1))
    with pytest.raises(SealBroken):
        stranger.open(sealed, bound_to=ROW)


def test_indexes_are_made_under_every_key_the_current_first() -> None:
    ring = keyring(3, 1, 2)
    indexes = ring.indexes(DISTRICT, "phone", "+8613800000000")
    assert list(indexes) == [3, 1, 2]
    assert indexes[3] == ring.index(DISTRICT, "phone", "+8613800000000")
    for version, index in indexes.items():
        assert index == keyring(version).index(DISTRICT, "phone", "+8613800000000")
    assert len(set(indexes.values())) == 3


def test_an_index_is_half_an_hmac_sha_256() -> None:
    label = f"{DISTRICT}\0phone\0+8613800000000".encode()
    assert keyring(1).index(DISTRICT, "phone", "+8613800000000") == hmac.digest(secret(1), label, "sha256")[:16]


@pytest.mark.parametrize(
    "other",
    [
        (OTHER_DISTRICT, "phone", "+8613800000000"),
        (DISTRICT, "wechat_openid", "+8613800000000"),
        (DISTRICT, "phone", "+8613800000001"),
    ],
    ids=["district", "kind", "value"],
)
def test_indexes_differ_by(other: tuple[str, str, str]) -> None:
    ring = keyring(2, 1)
    same, different = ring.indexes(DISTRICT, "phone", "+8613800000000"), ring.indexes(*other)
    assert not set(same.values()) & set(different.values())


def test_derived_secrets_can_be_made_again() -> None:
    ring = keyring(1)
    derived = ring.derive("claim", ROW)
    assert derived == keyring(1, 2).derive("claim", ROW)
    assert len(base64.b32decode(derived.upper() + "=" * 6)) == 16
    assert derived == derived.lower()
    others = [
        ring.derive("claim", OTHER_ROW),
        ring.derive("receipt", ROW),
        keyring(2, 1).derive("claim", ROW),
    ]
    assert len({derived, *others}) == 4


def test_digest_is_sha_256() -> None:
    assert digest_of("sk_live_x") == hashlib.sha256(b"sk_live_x").digest()


def test_a_derived_secret_is_recognised_after_rotation() -> None:
    old, rotated = keyring(1), keyring(2, 1)
    assert old.derive("claim", ROW) in rotated.derive_all("claim", ROW)
    assert next(rotated.derive_all("claim", ROW)) == rotated.derive("claim", ROW) == keyring(2).derive("claim", ROW)
