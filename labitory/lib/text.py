"""Words: redaction for logs and audit, short codes, durations in plain language."""

import re
import secrets
from collections.abc import Mapping, MutableMapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

REDACTED = "[redacted]"
_SECRET_WORDS = (
    "password",
    "secret",
    "token",
    "authorization",
    "cookie",
    "api_key",
    "sessionid",
    "__host-",
    # What the database keeps encrypted is not written down beside it.
    "phone",
    "emergency_contact",
)
# Logs leave the house: they name people by their number.
_PERSONAL = {"email", "email_address", "full_name", "first_name", "last_name"}
# Addresses that are themselves a secret: of those only what leads there is written down.
_SECRET_PATH = re.compile(r"(/feeds/|/wall/|/notices/decline/)[\w:-]{20,}")
# No letters or digits that look or sound alike when read from a sticker.
CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def is_secret(name: str) -> bool:
    """Whether a field's name says that its value must never be written down."""
    lowered = name.lower()
    return any(word in lowered for word in _SECRET_WORDS)


def redact(values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with the values of secret fields replaced, nested mappings and lists included."""
    return {
        name: REDACTED if is_secret(str(name)) else _redacted(value)
        for name, value in values.items()
    }


def _redacted(value: Any) -> Any:  # noqa: ANN401 - whatever a log line holds
    if isinstance(value, Mapping):
        return redact(value)
    if isinstance(value, list):
        return [_redacted(each) for each in value]
    if isinstance(value, str):
        return mask_path(value)
    # Stays a tuple: a message's arguments and an exception must be one.
    return tuple(_redacted(each) for each in value) if isinstance(value, tuple) else value


def mask_path(text: str) -> str:
    """The text without the tokens of addresses that need no login."""
    return _SECRET_PATH.sub(rf"\1{REDACTED}", text)


def redact_event(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor that keeps secrets and the names of people out of the logs."""
    clean = redact(event)
    for name in clean:
        if name.lower() in _PERSONAL:
            clean[name] = REDACTED
    return clean


def mask_address(address: str) -> str:
    """An e-mail address of which only its owner knows what it is: 'a…@e….org'."""
    local, at, host = address.rpartition("@")
    if not at:
        return f"{address[:1]}…"
    return f"{local[:1]}…@{host[:1]}….{host.rpartition('.')[2]}"


def new_code(length: int = 6) -> str:
    """A random short code that can be read aloud."""
    return "".join(secrets.choice(CODE_ALPHABET) for _letter in range(length))


def say_minutes(minutes: int) -> str:
    """A length of time in words: '45 minutes', '2 hours', '1 hour 30 minutes', '3 days'."""
    days, rest = divmod(minutes, 1440)
    hours, left = divmod(rest, 60)
    parts = [
        ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else "",
        ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours} if hours else "",
        ngettext("%(n)d minute", "%(n)d minutes", left) % {"n": left} if left else "",
    ]
    return " ".join(part for part in parts if part) or _("0 minutes")
