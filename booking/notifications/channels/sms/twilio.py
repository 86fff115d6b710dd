"""Twilio's protocol: one text sent, and the signature under what it reports."""

import base64
import hmac
import json
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from urllib.parse import quote, urlencode

from django.conf import settings

from booking.notifications.channels.base import Undeliverable
from labitory.lib.outbound import send

# Codes of refusals that no second try changes: numbers that are none, that cannot take a text, or
# whose owner has answered STOP.
NEVER = frozenset(
    {21211, 21214, 21217, 21265, 21407, 21408, 21421, 21601, 21604, 21610, 21612, 21614, 21617}
)
_LONGEST_REASON = 300


class TextRefused(Exception):
    """The service did not take it now: too many at once, out of order, or a wrong login."""


def post_text(*, to: str, body: str, callback: str = "") -> str:
    """Have one text sent; gives the service's number of it.

    Raises Undeliverable for what never will be, TextRefused or NoAnswer for what may pass.
    """
    account = settings.TWILIO_ACCOUNT_SID
    by = settings.TWILIO_FROM
    fields = {
        "To": to,
        "MessagingServiceSid" if by.startswith("MG") else "From": by,
        "Body": body,
    }
    if callback:
        fields["StatusCallback"] = callback
    login = base64.b64encode(f"{account}:{settings.TWILIO_AUTH_TOKEN}".encode()).decode()
    answer = send(
        "POST",
        f"{settings.TWILIO_URL.rstrip('/')}/2010-04-01/Accounts/{quote(account)}/Messages.json",
        body=urlencode(fields).encode(),
        headers={
            "Authorization": f"Basic {login}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        },
    )
    said = _read(answer.body)
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return str(said.get("sid", ""))
    code = said.get("code")
    reason = f"{answer.status}, {code}: {said.get('message', '')}"[:_LONGEST_REASON]
    if answer.status == HTTPStatus.BAD_REQUEST and code in NEVER:
        raise Undeliverable(reason)
    raise TextRefused(reason)


def is_signed(url: str, fields: Iterable[tuple[str, Sequence[str]]], signature: str) -> bool:
    """Whether what came to this address of ours was signed with the token of our account."""
    text = url + "".join(
        f"{name}{value}"
        for name, values in sorted(fields, key=lambda each: each[0])
        for value in sorted(set(values))
    )
    expected = base64.b64encode(
        hmac.digest(settings.TWILIO_AUTH_TOKEN.encode(), text.encode(), "sha1")
    )
    return hmac.compare_digest(expected, signature.encode(errors="replace"))


def _read(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
