"""What answers as Twilio does, and signs as it does."""

import base64
import hmac
import json
from collections.abc import Mapping
from urllib.parse import parse_qs

from django.conf import LazySettings

from accounts.models import User
from booking.models import PhoneNumber
from tests.support.http_server import Asked, Recorder, Said

ACCOUNT, TOKEN = "ACtest", "the-token-of-the-account"
LOGIN = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
NUMBER = "+4915123456789"


def use_twilio(settings: LazySettings, server: Recorder) -> None:
    """Let the lab send by this server, which takes everything from the right account."""
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
    settings.TWILIO_FROM, settings.TWILIO_URL = "+4930123456", server.url
    settings.SITE_URL = "https://lab.example.org"
    server.answer = takes


def takes(asked: Asked) -> Said:
    """201 with a number, or 401 as Twilio says it."""
    if asked.headers.get("authorization") != f"Basic {LOGIN}":
        return refuses(401, 20003, "Authenticate")
    return Said(status=201, body=json.dumps({"sid": "SM1", "status": "queued"}).encode())


def refuses(status: int, code: int, message: str) -> Said:
    """An error in Twilio's shape."""
    body = {"code": code, "message": message, "status": status}
    return Said(status=status, body=json.dumps(body).encode())


def fields(asked: Asked) -> dict[str, str]:
    """The form that came."""
    return {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}


def sign(url: str, sent: Mapping[str, str], token: str = TOKEN) -> str:
    """The signature under a report, as Twilio documents it."""
    text = url + "".join(f"{name}{sent[name]}" for name in sorted(sent))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()


def verified(user: User, number: str = NUMBER) -> PhoneNumber:
    """A number that the person has verified."""
    return PhoneNumber.objects.create(user=user, number=number, verified_at=user.date_joined)
