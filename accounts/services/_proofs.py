"""Checking what a person shows: a code of an app, a backup code, a passkey or the password."""

import json
import struct
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from webauthn import base64url_to_bytes, verify_authentication_response
from webauthn.helpers.exceptions import WebAuthnException

from accounts.errors import AccountRefused
from accounts.locks import lock_user
from accounts.models import Authenticator, BackupCode, Passkey, User
from accounts.services._factors import (
    code_hash,
    is_app_code,
    note,
    owns_factor,
    plain_code,
    refuse,
    step_of,
    tell_owner,
)
from accounts.wall import acting_for_found
from audit.enums import Severity

# What the library raises when a browser, or somebody in its place, sends nonsense.
UNREADABLE = (
    WebAuthnException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OverflowError,
    struct.error,
)
# So many wrong codes in a row are no slip: the owner hears of it.
WORTH_A_MAIL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """For whom a passkey is made: the site's name for browsers, and its address."""

    rp_id: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a browser gave for a challenge: its JSON, the challenge, and for whom."""

    text: str
    challenge: bytes
    party: Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a person shows to prove who they are; one of these."""

    code: str = ""
    passkey: Answer | None = None
    password: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How it went: what was used, or why it was not taken."""

    user: User | None = None
    kind: str = ""
    refusal: AccountRefused | None = None


def check_shown(user: User, shown: Shown, now: datetime) -> Checked:
    """Check what is shown, use it up and keep a failure; part of the open transaction.

    A password proves something only while the person has no factor. Never raises for a wrong
    proof: what a failure writes must stay written.
    """
    owner = lock_user(user.pk)
    if shown.passkey is not None:
        found = check_passkey(shown.passkey, owner, now)
    elif shown.code:
        found = _check_code(owner, plain_code(shown.code), now)
    elif owns_factor(owner):
        found = Checked(refusal=refuse("missing", _("Show your second factor."), "code"))
    elif owner.check_password(shown.password):
        return Checked(user=owner, kind="password")
    else:
        found = Checked(refusal=refuse("password", _("This is not your password."), "password"))
    if found.refusal is not None:
        note("factor.failed", Severity.WARNING, owner, now)
    return found


def check_passkey(answer: Answer, owner: User | None, now: datetime) -> Checked:
    """Check an answer of a passkey and count its use; without an owner, that of whom it names.

    The count of the key must have risen since its last use, else there are two of it.
    """
    credential_id, handle = _credential_of(answer.text)
    if owner is None:
        # A key that finds its person itself says who that is.
        people = (
            User.objects.filter(public_id=handle, is_active=True) if handle else User.objects.none()
        )
        with acting_for_found(people) as person:
            return _check_key(answer, credential_id, person, now)
    if handle not in (None, owner.public_id):
        return _wrong_passkey()
    return _check_key(answer, credential_id, owner.pk, now)


def _check_key(answer: Answer, credential_id: bytes, person: int | None, now: datetime) -> Checked:
    wrong = _wrong_passkey()
    keys = Passkey.objects.filter(credential_id=credential_id, user=person, user__is_active=True)
    key = keys.select_related("user").first()
    if key is None:
        return wrong
    try:
        verified = verify_authentication_response(
            credential=answer.text,
            expected_challenge=answer.challenge,
            expected_rp_id=answer.party.rp_id,
            expected_origin=answer.party.origin,
            credential_public_key=bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except UNREADABLE:
        return wrong
    # Two windows with one answer: the count is written once.
    won = Passkey.objects.filter(pk=key.pk, sign_count=key.sign_count).update(
        sign_count=verified.new_sign_count,
        is_backed_up=verified.credential_backed_up,
        used_at=now,
    )
    return Checked(user=key.user, kind="passkey") if won else wrong


def _check_code(owner: User, code: str, now: datetime) -> Checked:
    if is_app_code(code):
        return _check_app_code(owner, code, now)
    # One statement decides between two who show the same code.
    won = BackupCode.objects.filter(
        user=owner, code_hash=code_hash(owner, code), used_at__isnull=True
    ).update(used_at=now)
    if not won:
        return Checked(refusal=_wrong_code())
    left = BackupCode.objects.filter(user=owner, used_at__isnull=True).count()
    facts = {"left": left}
    note("factor.backup_code_used", Severity.WARNING, owner, now, actor=owner, facts=facts)
    tell_owner("account.backup_code_used", owner, now, left=left)
    return Checked(user=owner, kind="backup_code")


def _check_app_code(owner: User, code: str, now: datetime) -> Checked:
    """Let the code of any of the person's apps count, unless wrong ones make it wait."""
    apps = list(Authenticator.objects.filter(user=owner, confirmed=True))
    open_apps = [app for app in apps if app.verify_is_allowed()[0]]
    if apps and not open_apps:
        return Checked(refusal=_wait())
    for app in open_apps:
        step = step_of(app, code, now)
        if step is not None:
            app.last_step, app.used_at = step, now
            app.throttle_reset(commit=False)
            app.save()
            return Checked(user=owner, kind="app")
    for app in open_apps:
        app.throttle_increment()
    if any(app.throttling_failure_count == WORTH_A_MAIL for app in open_apps):
        tell_owner("account.factor_failing", owner, now)
    return Checked(refusal=_wrong_code())


def _wrong_passkey() -> Checked:
    return Checked(refusal=refuse("passkey", _("This passkey was not taken. Try once more.")))


def _wrong_code() -> AccountRefused:
    text = _("This code is wrong, or was used already. An app shows a new one every 30 seconds.")
    return refuse("wrong", text, "code")


def _wait() -> AccountRefused:
    text = _("Too many wrong codes. Wait a while, or use a passkey or a backup code.")
    return refuse("wait", text, "code")


def _credential_of(text: str) -> tuple[bytes, UUID | None]:
    """The id of the passkey that the browser shows, and whose it says it is; empty if unread."""
    try:
        found = json.loads(text)
        handle = found["response"].get("userHandle")
        return base64url_to_bytes(found["id"]), UUID(
            bytes=base64url_to_bytes(handle)
        ) if handle else None
    except (ValueError, TypeError, LookupError, AttributeError):
        return b"", None
