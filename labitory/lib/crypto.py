"""Secrets at rest: encrypted fields, keys that can be changed, fingerprints of tokens.

The first key of `FIELD_KEYS` encrypts; all of them decrypt. To change keys put the new one in
front, run `manage.py rotate_keys`, then take the old one away.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import IsNull

_NONCE = 12


class CannotDecrypt(Exception):
    """No key of this installation opens the value: it is of another one, or was changed."""


def encrypt(text: str, *, context: str) -> str:
    """The text under the current key, bound to its column: elsewhere it does not open."""
    name = key_names()[0]
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(_key(name)).encrypt(nonce, text.encode(), context.encode())
    return f"{name}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(value: str, *, context: str) -> str:
    """The text of an encrypted value. Raises CannotDecrypt."""
    name, _colon, body = value.partition(":")
    try:
        raw = base64.urlsafe_b64decode(body)
        return AESGCM(_key(name)).decrypt(raw[:_NONCE], raw[_NONCE:], context.encode()).decode()
    except (InvalidTag, KeyError, ValueError, binascii.Error) as error:
        raise CannotDecrypt(f"{context}: key {name[:20]!r} does not open the value") from error


def key_names() -> list[str]:
    """The names of the keys, the current one first."""
    return list(settings.FIELD_KEYS)


def fingerprint(secret: str) -> str:
    """What is kept of a random token: enough to recognise it, not to use it."""
    return hmac.new(_derived("fingerprint"), secret.encode(), hashlib.sha256).hexdigest()


def typed_code(purpose: str, *, digits: int = 6) -> str:
    """A code to be typed in, made of what it is for and the site's key: it need not be kept."""
    digest = hmac.digest(_derived("typed code"), purpose.encode(), hashlib.sha256)
    return str(int.from_bytes(digest) % 10**digits).zfill(digits)


def new_token() -> str:
    """A random token for a link or cookie: 256 bits."""
    return secrets.token_urlsafe(32)


def _key(name: str) -> bytes:
    return _stretched(settings.FIELD_KEYS[name], f"field {name}")


def _derived(purpose: str) -> bytes:
    return _stretched(settings.SECRET_KEY, purpose)


def _stretched(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(
        secret.encode()
    )


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """A text that the database only ever sees encrypted; it can be read, not searched."""

    @property
    def context(self) -> str:
        """The column that values are bound to."""
        return f"{self.model._meta.db_table}.{self.column}"

    def get_prep_value(self, value: Any) -> Any:  # noqa: ANN401 - Django's signature
        """Encrypt on the way in; an empty text stays empty."""
        return encrypt(str(value), context=self.context) if value else value

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> Any:  # noqa: ANN401
        """Decrypt on the way out."""
        return decrypt(value, context=self.context) if value else value

    def get_lookup(self, lookup_name: str) -> Any:  # noqa: ANN401 - Django's signature
        """Only whether there is a value at all: equal texts are encrypted differently."""
        if lookup_name == "isnull":
            return IsNull
        raise FieldError(f"{self.name} is encrypted: it cannot be searched by {lookup_name}")
