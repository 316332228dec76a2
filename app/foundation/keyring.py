"""Secrets at rest: sealing of personal fields, blind indexes, and derived secrets. Keys rotate by version.

Sealing is AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; the associated data binds a sealed field to its
row, so that it can't be moved to another. A blind index is HMAC-SHA-256 under a key derived per district, cut to 16 bytes:
equal values can be found, nothing can be read back, and two districts can't be joined.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_SHORTEST = 1 + _NONCE_BYTES + 16
"""Version byte, nonce and tag: what a sealed empty text takes."""


class SealBroken(Exception):
    """A sealed field doesn't open: its key is gone, or it was changed or moved."""


@dataclass(frozen=True, slots=True)
class Key:
    """A versioned key of 32 bytes."""

    version: int
    secret: bytes


def parse_keys(text: str) -> tuple[Key, ...]:
    """Keys of a setting `version:base64url,…`. Raises ValueError where a key isn't 32 bytes or a version repeats."""
    keys = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        version, _, encoded = part.partition(":")
        try:
            secret = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except binascii.Error as error:
            raise ValueError("a key is not base64url") from error
        if len(secret) != 32 or not 0 < int(version) < 256:
            raise ValueError("a key has 32 bytes and a version from 1 to 255")
        keys.append(Key(int(version), secret))
    if not keys or len({key.version for key in keys}) != len(keys):
        raise ValueError("keys need versions that differ")
    return tuple(keys)


class Keyring:
    """Seals, opens, indexes and derives with the keys of the settings."""

    def __init__(self, *, encryption_keys: str, index_keys: str, signing_keys: str) -> None:
        sealing = parse_keys(encryption_keys)
        self._current = sealing[0].version
        self._ciphers = {key.version: AESGCM(key.secret) for key in sealing}
        self._index_keys = parse_keys(index_keys)
        self._signing_keys = parse_keys(signing_keys)
        self._signing_secrets: dict[str, dict[int, bytes]] = {}

    def seal(self, text: str, *, bound_to: str) -> bytes:
        """Version byte, nonce and ciphertext of a text bound to the id of its row."""
        return self.seal_bytes(text.encode(), bound_to=bound_to)

    def seal_bytes(self, content: bytes, *, bound_to: str) -> bytes:
        """The same of bytes, such as a piece of a file."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, content, bound_to.encode())
        return bytes([self._current]) + nonce + sealed

    def open(self, sealed: bytes, *, bound_to: str) -> str:
        """The text that was sealed. Raises SealBroken."""
        return self.open_bytes(sealed, bound_to=bound_to).decode()

    def open_bytes(self, sealed: bytes, *, bound_to: str) -> bytes:
        """The bytes that were sealed. Raises SealBroken."""
        if len(sealed) < _SHORTEST:
            raise SealBroken("a sealed field was cut off")
        cipher = self._ciphers.get(sealed[0])
        if cipher is None:
            raise SealBroken("the key of this field is gone")
        body = sealed[1 + _NONCE_BYTES :]
        try:
            return cipher.decrypt(sealed[1 : 1 + _NONCE_BYTES], body, bound_to.encode())
        except InvalidTag as error:
            raise SealBroken("a sealed field was changed or moved") from error

    def seal_is_current(self, sealed: bytes) -> bool:
        """Whether a field is sealed under the newest key."""
        return sealed[0] == self._current

    @property
    def seal_version(self) -> int:
        """The version of the newest sealing key."""
        return self._current

    @property
    def index_versions(self) -> list[int]:
        """The versions of the index keys in use."""
        return [key.version for key in self._index_keys]

    def indexes(self, district_id: str, kind: str, value: str) -> dict[int, bytes]:
        """Blind index (16 bytes) of a value by key version, the current version first."""
        label = f"{district_id}\0{kind}\0{value}".encode()
        return {key.version: hmac.digest(key.secret, label, hashlib.sha256)[:16] for key in self._index_keys}

    def index(self, district_id: str, kind: str, value: str) -> bytes:
        """Blind index under the current key."""
        key = self._index_keys[0]
        return hmac.digest(key.secret, f"{district_id}\0{kind}\0{value}".encode(), hashlib.sha256)[:16]

    def derive(self, purpose: str, subject: str) -> str:
        """A secret of 128 bits (base32, lower case) that can be made again from its subject's id."""
        return next(self.derive_all(purpose, subject))

    def derive_all(self, purpose: str, subject: str) -> Iterator[str]:
        """The secrets of a subject under each signing key, the current one first."""
        for key in self._signing_keys:
            digest = hmac.digest(key.secret, f"{purpose}\0{subject}".encode(), hashlib.sha256)
            yield base64.b32encode(digest[:16]).decode().rstrip("=").lower()

    def signing_secrets(self, purpose: str) -> Mapping[int, bytes]:
        """Keys of 32 bytes for one purpose, by version: the first one signs, all of them recognise."""
        found = self._signing_secrets.get(purpose)
        if found is None:
            secrets = (
                (key.version, hmac.digest(key.secret, purpose.encode(), hashlib.sha256)) for key in self._signing_keys
            )
            found = self._signing_secrets[purpose] = dict(secrets)
        return found


def digest_of(secret: str) -> bytes:
    """What is stored of a random secret: SHA-256; enough where the secret has 128 bits of chance or more."""
    return hashlib.sha256(secret.encode()).digest()
