"""Letting people in again who have to wait at the login: by mail, by an administrator."""

from datetime import datetime

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.errors import AccountRefused
from accounts.models import LoginGuard, User
from accounts.permissions.guards import can_unlock_user
from accounts.queries.guards import (
    UNLOCK_SALT,
    address_guard,
    guards_of,
    link_guard,
    password_mark,
    read_unlock_link,
)
from accounts.services._devices import remember_device
from accounts.services._guards import lift
from accounts.signals import account_told
from audit.enums import Severity
from audit.services import record
from audit.services.security import record_security
from labitory.lib.crypto import new_token
from labitory.lib.db import run_transaction


def request_unlock(*, email: str, now: datetime) -> None:
    """Have a link sent to the address that lets its owner in, if an account has it.

    Nobody learns whether one does: the work is the same.
    """

    def work() -> None:
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        record(
            action="user.unlock_requested",
            actor=None,
            target=user or User(username="?"),
            now=now,
        )
        account_told.send(
            sender=User,
            kind="account.unlock_requested",
            user_pk=user.pk if user else None,
            now=now,
        )

    run_transaction(work)


def unlock_link(user: User) -> str:
    """The address at which this person is let in; made at the time of sending.

    It ends with its first use, a new password, or after an hour.
    """
    told = {"user": str(user.public_id), "hash": password_mark(user), "nonce": new_token()}
    token = signing.dumps(told, salt=UNLOCK_SALT)
    return f"{settings.SITE_URL.rstrip('/')}{reverse('accounts:unlock_use', args=[token])}"


def use_unlock_link(*, request: HttpRequest, token: str, now: datetime) -> User:
    """Let the owner of a link in: failures so far are forgotten, and this browser is known.

    The browser keeps its own count from then on, whoever goes on failing elsewhere.
    """

    def work() -> User:
        link = read_unlock_link(token)
        if link is None:
            raise _void()
        try:
            with transaction.atomic():
                LoginGuard.objects.create(key=link_guard(link.nonce).key, failed_at=now)
        except IntegrityError as error:
            raise _void() from error
        lift(guards_of(link.user))
        remember_device(request, link.user, now)
        _keep_unlocked(link.user, actor=link.user, reason="", how="mail", now=now)
        return link.user

    return run_transaction(work)


def unlock_user(*, actor: User | None, user: User, now: datetime, reason: str = "") -> bool:
    """Forget somebody's failures, so that they can log in at once; gives whether there were any.

    `actor` is None for a command.
    """
    if actor is not None and not can_unlock_user(actor):
        raise AccountRefused(code="user.unlock", text=_("You may not unlock accounts."))

    def work() -> bool:
        if not lift(guards_of(user)):
            return False
        _keep_unlocked(user, actor=actor, reason=reason, how="hand", now=now)
        return True

    return run_transaction(work)


def unlock_address(*, actor: User, address: str, now: datetime) -> bool:
    """Forget the failures from an address; gives whether there were any."""
    if not can_unlock_user(actor):
        raise AccountRefused(code="user.unlock", text=_("You may not unlock addresses."))

    def work() -> bool:
        if not lift([address_guard(address.partition("/")[0])]):
            return False
        record(
            action="address.unlocked",
            actor=actor,
            target=LoginGuard(key=address[:100]),
            now=now,
        )
        record_security(
            kind="address.unlocked",
            severity=Severity.NOTICE,
            actor=actor,
            facts={"unlocked": address},
            now=now,
        )
        return True

    return run_transaction(work)


def _keep_unlocked(user: User, *, actor: User | None, reason: str, how: str, now: datetime) -> None:
    record(action="user.unlocked", actor=actor, target=user, now=now, reason=reason)
    record_security(
        kind="account.unlocked",
        severity=Severity.NOTICE,
        user=user,
        actor=actor,
        facts={"how": how},
        now=now,
    )


def _void() -> AccountRefused:
    text = _("This link was used already, or it is too old. Ask for a new one.")
    return AccountRefused(code="unlock.void", text=text)
