"""A passkey made of software: answers challenges as a browser and its authenticator would."""

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass(kw_only=True)
class SoftPasskey:
    """One credential; `verifies` is whether it checked its holder."""

    rp_id: str
    origin: str
    verifies: bool = True
    count: int = 0
    handle: bytes = b""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, challenge: bytes) -> str:
        """The JSON of `navigator.credentials.create()`."""
        attested = (
            bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
        ) + self._public_key()
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        return self._answer(
            {
                "clientDataJSON": self._client("webauthn.create", challenge),
                "attestationObject": bytes_to_base64url(cbor2.dumps(statement)),
                "transports": ["internal", "hybrid", "carrier-pigeon"],
            }
        )

    def show(self, challenge: bytes, *, counts: bool = True) -> str:
        """The JSON of `navigator.credentials.get()`."""
        self.count += counts
        client = self._client("webauthn.get", challenge)
        data = self._data()
        digest = hashlib.sha256(_decoded(client)).digest()
        signature = self.key.sign(data + digest, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": client,
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(signature),
                "userHandle": bytes_to_base64url(self.handle) if self.handle else None,
            }
        )

    def _data(self, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        rp_hash = hashlib.sha256(self.rp_id.encode()).digest()
        return rp_hash + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, challenge: bytes) -> str:
        words = {
            "type": kind,
            "challenge": bytes_to_base64url(challenge),
            "origin": self.origin,
            "crossOrigin": False,
        }
        return bytes_to_base64url(json.dumps(words).encode())

    def _public_key(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (point.x, point.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _answer(self, response: dict[str, object]) -> str:
        name = bytes_to_base64url(self.credential_id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )


def _decoded(text: str) -> bytes:
    from webauthn import base64url_to_bytes

    return base64url_to_bytes(text)
