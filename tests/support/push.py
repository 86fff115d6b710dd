"""A browser's side of web push: its keys, and what it reads of a message that came."""

import json
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from labitory.lib.webpush import read_bytes, write_bytes


@dataclass(frozen=True, kw_only=True)
class Browser:
    """Keys as a browser makes them when its person wants notices."""

    secret: bytes = b"sixteen bytes it"
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def p256dh(self) -> str:
        """The public key, as it is told."""
        return write_bytes(self._point)

    @property
    def auth(self) -> str:
        """The secret, as it is told."""
        return write_bytes(self.secret)

    @property
    def _point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def read(self, body: bytes) -> bytes:
        """What stands in a message for this browser (RFC 8188 and 8291, from the other side)."""
        salt, length = body[:16], body[20]
        sender = body[21 : 21 + length]
        other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.key.exchange(ec.ECDH(), other)
        info = b"WebPush: info\x00" + self._point + sender
        key = _hkdf(shared, self.secret, info, 32)
        sealing = _hkdf(key, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _hkdf(key, salt, b"Content-Encoding: nonce\x00", 12)
        plain = AESGCM(sealing).decrypt(nonce, body[21 + length :], None)
        text, mark = plain.rstrip(b"\x00")[:-1], plain.rstrip(b"\x00")[-1:]
        assert mark == b"\x02"
        return text

    def read_json(self, body: bytes) -> Any:
        """The same as JSON."""
        return json.loads(self.read(body))


def claims_of(header: str, *, audience: str, at: float | None = None) -> dict[str, Any]:
    """What a sender says of itself (RFC 8292), when the signature is that of the key it names.

    With `at` it must be valid then; without, its times are not looked at.
    """
    scheme, _, rest = header.partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), read_bytes(parts["k"]))
    found: dict[str, Any] = jwt.decode(
        parts["t"],
        key,
        algorithms=["ES256"],
        audience=audience,
        options={"verify_exp": False},
    )
    assert at is None or at < found["exp"] <= at + 24 * 3600
    return found


def _hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
