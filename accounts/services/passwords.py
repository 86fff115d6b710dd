"""Passwords: changing one's own, and setting a new one with a link sent by mail."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import User
from accounts.signals import account_told
from audit.services import record
from labitory.lib.db import run_transaction


def change_password(*, user: User, password: str, now: datetime) -> None:
    """Set the password that the user has chosen, having shown the old one."""
    run_transaction(lambda: _set(user, password, "user.password_changed", now))


def reset_password(*, user: User, password: str, now: datetime) -> None:
    """Set the password of a user who came by the link; the link works only once."""
    run_transaction(lambda: _set(user, password, "user.password_reset", now))


def request_password_reset(*, email: str, now: datetime) -> None:
    """Have a link sent to the address, if an account has it. Nobody learns whether one does."""

    def work() -> None:
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        record(
            action="user.password_reset_requested",
            actor=None,
            target=user or User(username="?"),
            now=now,
        )
        if user is not None:
            account_told.send(
                sender=User,
                kind="account.password_reset_requested",
                user_pk=user.pk,
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


def _set(user: User, password: str, action: str, now: datetime) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    record(action=action, actor=user, target=user, now=now)
