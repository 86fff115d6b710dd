"""Passwords: changing one's own, and setting a new one with a link sent by mail."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from accounts.errors import AccountRefused
from accounts.models import PasswordRecord, User
from accounts.permissions.guards import can_set_password
from accounts.queries.guards import guards_of
from accounts.queries.sso import may_use_password
from accounts.services._devices import remember_device
from accounts.services._guards import lift
from accounts.services._sessions import end_sessions
from accounts.signals import account_told
from accounts.wall import acting_for, run_as
from audit.enums import Severity
from audit.services import record
from audit.services.security import record_security
from labitory.lib.db import run_transaction


def change_password(*, user: User, password: str, now: datetime, keep: str | None = None) -> None:
    """Set the password that the user has chosen, having shown the old one.

    All sessions end but the one whose key is `keep`.
    """

    def work() -> None:
        _set(user, password, "user.password_changed", now, actor=user, keep=keep)

    run_transaction(work)


def reset_password(
    *, user: User, password: str, now: datetime, request: HttpRequest | None = None
) -> None:
    """Set the password of a user who came by the link; the link works only once.

    All sessions end. Whoever reads the owner's mail need not wait for what others did at the
    login, and the browser is known from then on.
    """

    def work() -> None:
        _set(user, password, "user.password_reset", now, actor=user)
        lift(guards_of(user))
        if request is not None:
            remember_device(request, user, now)

    run_as(user.pk, work)


def set_password_for(*, actor: User, user: User, password: str, now: datetime) -> None:
    """Set somebody's password as a system administrator; all their sessions end."""
    if not can_set_password(actor, user):
        raise AccountRefused(code="user.password", text=_("You may not set this password."))
    run_transaction(lambda: _set(user, password, "user.password_set", now, actor=actor))


def request_password_reset(*, email: str, now: datetime) -> None:
    """Have a link sent to the address, if an account has it. Nobody learns whether one does.

    Where there is none, or its password is switched off, the same is written, to be sent to nobody.
    """

    def work() -> None:
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is not None and not may_use_password(user):
            user = None
        record(
            action="user.password_reset_requested",
            actor=None,
            target=user or User(username="?"),
            now=now,
        )
        record_security(kind="password.reset_requested", severity=Severity.INFO, user=user, now=now)
        account_told.send(
            sender=User,
            kind="account.password_reset_requested",
            user_pk=user.pk if user else None,
            now=now,
        )

    run_transaction(work)


def password_reset_link(user: User) -> str:
    """The address at which this user sets a new password; made at the time of sending.

    It ends with the first use, the next login, a change of the address, or after an hour.
    """
    path = reverse(
        "accounts:password_reset_confirm",
        kwargs={
            "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
            "token": default_token_generator.make_token(user),
        },
    )
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def _set(
    user: User,
    password: str,
    action: str,
    now: datetime,
    *,
    actor: User,
    keep: str | None = None,
) -> None:
    """Set it, remember the one before, end the sessions under it and tell the owner."""
    with acting_for(user.pk):
        if user.has_usable_password():
            PasswordRecord.objects.create(user=user, password=user.password, set_at=now)
        _forget_oldest(user)
    user.set_password(password)
    user.password_changed_at = now
    user.save(update_fields=["password", "password_changed_at"])
    end_sessions(user, why="password", now=now, actor=actor, keep=keep)
    record(action=action, actor=actor, target=user, now=now)
    kind = "password.changed" if actor == user else "password.set"
    record_security(kind=kind, severity=Severity.NOTICE, user=user, actor=actor, now=now)
    account_told.send(sender=User, kind="account.password_changed", user_pk=user.pk, now=now)


def _forget_oldest(user: User) -> None:
    """Keep as many as are not to be taken again; the present one is with the person."""
    kept = PasswordRecord.objects.filter(user=user).order_by("-set_at", "-pk")
    newest = kept.values_list("pk", flat=True)[: max(0, settings.PASSWORD_HISTORY - 1)]
    PasswordRecord.objects.filter(user=user).exclude(pk__in=list(newest)).delete()
