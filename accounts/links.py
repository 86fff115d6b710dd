"""Signed links of mails: made at the time of sending, told from forged ones by their signature."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

CONFIRM_LASTS = timedelta(days=2)
INVITATION_LASTS = timedelta(days=14)
_CONFIRM, _INVITE = "accounts.registration", "accounts.invitation"


def site_address(name: str, *args: object) -> str:
    """The whole address of a page."""
    return f"{settings.SITE_URL.rstrip('/')}{reverse(name, args=args)}"


def confirm_link(facts: Mapping[str, Any]) -> str:
    """Where somebody who registered confirms the address."""
    token = signing.dumps(facts["registration"], salt=_CONFIRM)
    return site_address("accounts:register_confirm", token)


def invitation_link(facts: Mapping[str, Any]) -> str:
    """Where somebody who was invited makes the account."""
    token = signing.dumps(facts["invitation"], salt=_INVITE)
    return site_address("accounts:invitation_accept", token)


def registration_of(token: str) -> UUID | None:
    """The registration that a link of the last two days names; None for any other."""
    return _read(token, _CONFIRM, CONFIRM_LASTS)


def invitation_of(token: str) -> UUID | None:
    """The invitation that a link of the last two weeks names; None for any other."""
    return _read(token, _INVITE, INVITATION_LASTS)


def _read(token: str, salt: str, lasts: timedelta) -> UUID | None:
    try:
        return UUID(signing.loads(token, salt=salt, max_age=lasts))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
