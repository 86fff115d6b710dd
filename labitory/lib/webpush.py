"""Web push: messages that only one browser can read (RFC 8291), sent under our name (RFC 8292).

Keys are written in base64url without padding, as browsers write theirs.
"""

import base64
import os
import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# What every push service takes, after the header and the seal of one record.
LONGEST = 4096 - 16 - 4 - 1 - 65 - 1 - 16
# A service may take no token that lasts longer than a day.
TOKEN_LASTS = timedelta(hours=12)
_RECORD = 4096
_BASE64URL = re.compile("[A-Za-z0-9_-]*", re.ASCII)
_SALT, _SECRET, _POINT = 16, 16, 65


def new_private_key() -> str:
    """A fresh key of ours (VAPID), to be kept secret."""
    return _private_text(ec.generate_private_key(ec.SECP256R1()))


def public_key_of(private_key: str) -> str:
    """Our public key, which a browser is told when its person wants notices."""
    return write_bytes(_point(_private(private_key)))


def check_browser_keys(p256dh: str, auth: str) -> None:
    """Raises ValueError for what cannot be the keys of a browser."""
    _public(p256dh)
    if len(read_bytes(auth)) != _SECRET:
        raise ValueError("the secret of a browser has 16 bytes")


def encrypt(
    text: bytes,
    *,
    p256dh: str,
    auth: str,
    salt: bytes | None = None,
    sender_key: str | None = None,
) -> bytes:
    """The body of a push message in one record (aes128gcm).

    Salt and sender's key are fresh for each message; the example of the standard names its own.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a push message has at most {LONGEST} bytes")
    salt = salt or os.urandom(_SALT)
    sender = _private(sender_key) if sender_key else ec.generate_private_key(ec.SECP256R1())
    receiver = _public(p256dh)
    info = b"WebPush: info\0" + read_bytes(p256dh) + _point(sender)
    shared = sender.exchange(ec.ECDH(), receiver)
    key = _stretched(shared, salt=read_bytes(auth), info=info, length=32)
    sealing = _stretched(key, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=16)
    nonce = _stretched(key, salt=salt, info=b"Content-Encoding: nonce\0", length=12)
    # A two says that no record follows.
    sealed = AESGCM(sealing).encrypt(nonce, text + b"\x02", None)
    return salt + _RECORD.to_bytes(4, "big") + bytes([_POINT]) + _point(sender) + sealed


def authorization(endpoint: str, *, private_key: str, contact: str, now: datetime) -> str:
    """The header that says who sends, for one push service and some hours."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + TOKEN_LASTS).timestamp()),
        "sub": contact,
    }
    token = jwt.encode(claims, _private(private_key), algorithm="ES256")
    return f"vapid t={token}, k={public_key_of(private_key)}"


def read_bytes(text: str) -> bytes:
    """What base64url says. Raises ValueError."""
    if not _BASE64URL.fullmatch(text):
        raise ValueError("not in base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def write_bytes(raw: bytes) -> str:
    """In base64url."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _private(text: str) -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(read_bytes(text), "big")
    return ec.derive_private_key(number, ec.SECP256R1())


def _private_text(key: ec.EllipticCurvePrivateKey) -> str:
    return write_bytes(key.private_numbers().private_value.to_bytes(32, "big"))


def _public(text: str) -> ec.EllipticCurvePublicKey:
    raw = read_bytes(text)
    if len(raw) != _POINT:
        raise ValueError("the key of a browser has 65 bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _stretched(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
