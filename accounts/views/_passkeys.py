"""Challenges for passkeys: each is kept in the session, and taken once."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, generate_challenge

from accounts.services.passkeys import Answer, Party

CHALLENGE = "passkey_challenge"
_LASTS = timedelta(minutes=5)


def party_of(request: HttpRequest) -> Party:
    """For whom passkeys are: the site of `SITE_URL`, or this machine while one develops on it."""
    site = urlsplit(settings.SITE_URL)
    host = request.get_host()
    if host.partition(":")[0] == "localhost":
        return Party(rp_id="localhost", origin=f"{request.scheme}://{host}")
    return Party(rp_id=site.hostname or "", origin=f"{site.scheme}://{site.netloc}")


def new_challenge(request: HttpRequest, purpose: str, now: datetime) -> bytes:
    """A challenge that this browser may answer for this purpose within five minutes."""
    challenge = generate_challenge()
    request.session[CHALLENGE] = {
        "purpose": purpose,
        "challenge": bytes_to_base64url(challenge),
        "at": now.isoformat(),
    }
    return challenge


def take_answer(request: HttpRequest, purpose: str, text: str, now: datetime) -> Answer:
    """What the browser answered, with the challenge it was given; that is used up by this.

    Without a challenge an answer fits none.
    """
    kept = request.session.pop(CHALLENGE, None)
    challenge = b""
    if kept and kept["purpose"] == purpose:
        age = now - datetime.fromisoformat(kept["at"])
        challenge = base64url_to_bytes(kept["challenge"]) if age < _LASTS else b""
    return Answer(text=text, challenge=challenge, party=party_of(request))
