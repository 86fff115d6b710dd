"""Second factors for tests."""

import base64
from datetime import datetime
from typing import Any

from django_otp.oath import TOTP

from accounts.models import Authenticator, User
from accounts.services.authenticators import begin_authenticator, confirm_authenticator
from accounts.services.passkeys import Answer, Party, add_passkey
from tests.support.passkeys import SoftPasskey

PARTY = Party(rp_id="127.0.0.1", origin="http://127.0.0.1:8000")
CHALLENGE = b"a challenge of thirty-two bytes!"


def code_of(app: Authenticator, now: datetime, steps: int = 0) -> str:
    """What the app shows now, or some steps later."""
    make: Any = TOTP
    totp = make(base64.b32decode(app.key))
    totp.time = now.timestamp() + 30 * steps
    return f"{totp.token():06d}"


def give_app(user: User, now: datetime, name: str = "Phone") -> tuple[Authenticator, list[str]]:
    """An app that works, and the backup codes that came with it."""
    app = begin_authenticator(user=user, now=now)
    codes = confirm_authenticator(
        user=user, app_id=app.public_id, name=name, code=code_of(app, now), keep="", now=now
    )
    # As if long ago, so that no test trips over a code used up.
    Authenticator.objects.filter(pk=app.pk).update(last_step=0)
    app.refresh_from_db()
    return app, codes


def give_passkey(
    user: User, now: datetime, name: str = "Laptop", party: Party = PARTY
) -> SoftPasskey:
    """A passkey that works."""
    key = SoftPasskey(rp_id=party.rp_id, origin=party.origin, handle=user.public_id.bytes)
    answer = Answer(text=key.make(CHALLENGE), challenge=CHALLENGE, party=party)
    add_passkey(user=user, name=name, answer=answer, keep="", now=now)
    return key
