"""An authenticator in software: makes passkeys and proves them, as a browser's do (WebAuthn level 2)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.factories.staff import Person

ORIGIN = "http://localhost:8000"
HOST = "localhost"
_PRESENT, _WITH_KEY = 0x01, 0x40


def _text(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


class SoftKey:
    """One passkey; `sign_count` grows with each use."""

    def __init__(self, origin: str = ORIGIN, host: str = HOST) -> None:
        self.id = secrets.token_bytes(32)
        self.origin, self.host, self.sign_count = origin, host, 0
        self._secret = ec.generate_private_key(ec.SECP256R1())

    def made(self, options: dict[str, Any], name: str = "laptop") -> dict[str, str]:
        """What it answers when it is made."""
        public = self._secret.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)}
        held = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(key)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(_PRESENT | _WITH_KEY) + held}
        client = self._client("webauthn.create", options)
        return {
            "name": name,
            "id": _text(self.id),
            "client_data": _text(client),
            "attestation": _text(cbor2.dumps(attestation)),
        }

    def proven(self, options: dict[str, Any]) -> dict[str, str]:
        """What it answers when it is used."""
        self.sign_count += 1
        data, client = self._data(_PRESENT), self._client("webauthn.get", options)
        signature = self._secret.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return {
            "id": _text(self.id),
            "client_data": _text(client),
            "authenticator_data": _text(data),
            "signature": _text(signature),
        }

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.sign_count.to_bytes(4)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()


def add_passkey(person: Person) -> SoftKey:
    """Gives somebody another passkey."""
    key = SoftKey()
    options = person.call("POST", "/v1/staff/me/passkeys/options").ok(200)["options"]
    added = person.call("POST", "/v1/staff/me/passkeys", key.made(options)).ok(201)
    person.token = added["session"]["access_token"]
    return key
