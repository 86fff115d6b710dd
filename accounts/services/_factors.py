"""Steps that the services of second factors share."""

import base64
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django_otp.oath import TOTP

from accounts.errors import AccountRefused
from accounts.models import Authenticator, BackupCode, Passkey, TrustedDevice, User
from accounts.services._sessions import end_sessions
from accounts.signals import account_told
from accounts.wall import acting_for
from audit.enums import Severity
from audit.services import record
from audit.services.security import record_security
from labitory.lib.crypto import fingerprint
from labitory.lib.text import new_code

STEP = 30
DIGITS = 6
# A phone's clock may be half a minute off, either way.
TOLERANCE = 1
KEY_BYTES = 20
CODES = 10
CODE_LENGTH = 10
_HALF = CODE_LENGTH // 2


def new_key() -> str:
    """A random key for an app, in the letters and digits that people can type."""
    return base64.b32encode(secrets.token_bytes(KEY_BYTES)).decode()


def step_of(app: Authenticator, code: str, now: datetime) -> int | None:
    """The step whose code this is, if none as late was taken before."""
    make: Any = TOTP
    totp = make(base64.b32decode(app.key), step=STEP, digits=DIGITS)
    totp.time = now.timestamp()
    if totp.verify(int(code), tolerance=TOLERANCE, min_t=app.last_step + 1):
        return int(totp.t())
    return None


def plain_code(text: str) -> str:
    """What was typed, without what people put between the characters."""
    return re.sub(r"[\s-]", "", text).casefold()


def is_app_code(code: str) -> bool:
    """Whether it looks like what an app shows."""
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def code_hash(user: User, code: str) -> str:
    """What is kept of a backup code; of no use with another account."""
    return fingerprint(f"backup code of {user.pk}: {code}")


def write_backup_codes(user: User, now: datetime) -> list[str]:
    """Ten fresh codes in place of all earlier ones, as the owner writes them down."""
    codes = [new_code(CODE_LENGTH) for _number in range(CODES)]
    with acting_for(user.pk):
        BackupCode.objects.filter(user=user).delete()
        BackupCode.objects.bulk_create(
            BackupCode(user=user, code_hash=code_hash(user, code), made_at=now) for code in codes
        )
    note("factor.backup_codes_made", Severity.NOTICE, user, now, actor=user)
    return [f"{code[:_HALF]}-{code[_HALF:]}" for code in codes]


def owns_factor(user: User) -> bool:
    """Whether the person has an app or a passkey."""
    apps = Authenticator.objects.filter(user=user, confirmed=True)
    return apps.exists() or Passkey.objects.filter(user=user).exists()


def remove_everything(user: User) -> list[str]:
    """Take all factors, codes and trusted browsers of a person away; the names of what it was."""
    with acting_for(user.pk):
        names = [
            name
            for model in (Authenticator, Passkey)
            for name in model.objects.filter(user=user, confirmed=True).values_list(
                "name", flat=True
            )
        ]
        for kind in (Authenticator, Passkey, BackupCode):
            kind.objects.filter(user=user).delete()
        TrustedDevice.objects.filter(user=user).update(asks_factor=True)
    return names


def tell_owner(kind: str, user: User, now: datetime, **facts: Any) -> None:
    """Have a mail sent to the owner; part of the open transaction."""
    account_told.send(sender=User, kind=kind, user_pk=user.pk, now=now, facts=facts)


def note(
    action: str,
    severity: Severity,
    user: User,
    now: datetime,
    *,
    actor: User | None = None,
    facts: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Keep an act on a person's factors in the audit log and among the security events."""
    record(action=action, actor=actor, target=user, now=now, facts=facts, reason=reason)
    known = user if user.pk else None
    record_security(kind=action, severity=severity, now=now, user=known, actor=actor, facts=facts)


def factor_added(
    action: str, user: User, device: str, *, is_first: bool, keep: str, now: datetime
) -> list[str]:
    """What follows from a new factor: records, a mail, the end of the person's other sessions.

    With the first one come backup codes, given back to be shown once.
    """
    note(action, Severity.NOTICE, user, now, actor=user, facts={"device": device})
    tell_owner("account.factor_added", user, now, device=device)
    end_sessions(user, why="factor", now=now, actor=user, keep=keep)
    return write_backup_codes(user, now) if is_first else []


def clean_name(name: str, fallback: str) -> str:
    """What the owner calls a device; without a word of theirs, what it is."""
    return " ".join(name.replace("\x00", "").split())[:64] or fallback


def refuse(code: str, text: str, field: str | None = None) -> AccountRefused:
    """A no, with its code."""
    return AccountRefused(code=f"factor.{code}", text=text, field=field)


def gone() -> AccountRefused:
    """The no for a device that is not there, or is somebody else's."""
    return refuse("gone", _("This device is not there any more."))
