"""Second factors: showing them, naming and removing them, codes and browsers that spare them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.locks import lock_user
from accounts.models import Authenticator, FactorRule, Passkey, TrustedDevice, User
from accounts.proofs import note_proof
from accounts.queries.devices import device_tokens, known_device
from accounts.queries.sso import may_use_password
from accounts.services._factors import (
    clean_name,
    gone,
    note,
    owns_factor,
    refuse,
    remove_everything,
    tell_owner,
    write_backup_codes,
)
from accounts.services._proofs import Answer, Checked, Party, Shown, check_passkey, check_shown
from accounts.services._sessions import end_sessions, enter
from accounts.wall import run_as
from audit.enums import Severity
from labitory.lib.db import run_transaction

__all__ = [
    "TRUST",
    "Answer",
    "Party",
    "Shown",
    "check_person",
    "finish_login",
    "forget_browser",
    "log_in_by_passkey",
    "make_backup_codes",
    "remove_device",
    "rename_device",
]

TRUST = timedelta(days=30)


def check_person(*, user: User, shown: Shown, now: datetime) -> str:
    """Whether it is the person: gives what they showed, `app`, `passkey`, `backup_code` or
    `password`. Each code and each answer of a passkey is taken once. Raises AccountRefused.
    """
    return _taken(run_as(user.pk, lambda: check_shown(user, shown, now))).kind


def finish_login(
    *, request: HttpRequest, user: User, shown: Shown, trust: bool, now: datetime
) -> None:
    """Log in who showed the right password before and shows the second factor now.

    A browser that is trusted is spared the factor for 30 days. Raises AccountRefused.
    """

    def work() -> Checked:
        found = check_shown(user, shown, now)
        if found.refusal is None:
            _enter(request, user, found.kind, now)
            if trust:
                _trust_browser(request, user, now)
        return found

    _taken(run_as(user.pk, work))


def log_in_by_passkey(*, request: HttpRequest, answer: Answer, now: datetime) -> User:
    """Log in by a passkey alone: holding it and being checked by it are two factors in one."""

    def work() -> Checked:
        found = check_passkey(answer, None, now)
        if found.user is not None and not may_use_password(found.user):
            text = _("Accounts of our own are switched off here: log in elsewhere.")
            found = Checked(refusal=refuse("elsewhere", text))
        if found.user is None:
            note("factor.failed", Severity.WARNING, User(username="?"), now)
        else:
            _enter(request, found.user, found.kind, now)
        return found

    found = _taken(run_transaction(work))
    assert found.user is not None  # noqa: S101 - no refusal, hence a user
    return found.user


def rename_device(*, user: User, device_id: UUID, name: str, now: datetime) -> None:
    """Call an app or a passkey something else."""

    def work() -> None:
        device = _own(user, device_id)
        before, device.name = device.name, clean_name(name, device.name)
        if device.name == before:
            return
        device.save(update_fields=["name"])
        facts = {"device": before, "name": device.name}
        note("factor.renamed", Severity.INFO, user, now, actor=user, facts=facts)

    run_as(user.pk, work)


def remove_device(*, user: User, device_id: UUID, keep: str, now: datetime) -> None:
    """Remove an app or a passkey; the last one only where the person's role needs none.

    With the last one go the backup codes and the trusted browsers: they stand in for a factor.
    Other sessions than the one with the key `keep` end.
    """

    def work() -> None:
        lock_user(user.pk)
        device = _own(user, device_id)
        device.delete()
        is_last = not owns_factor(user)
        if is_last and FactorRule.objects.filter(role=user.role, required_since__lte=now).exists():
            raise refuse("last", _("Your role needs a second factor: add another one first."))
        if is_last:
            remove_everything(user)
        facts = {"device": device.name}
        note("factor.removed", Severity.WARNING, user, now, actor=user, facts=facts)
        end_sessions(user, why="factor", now=now, actor=user, keep=keep)
        tell_owner("account.factor_removed", user, now, device=device.name)

    run_as(user.pk, work)


def make_backup_codes(*, user: User, now: datetime) -> list[str]:
    """Ten fresh codes, given back to be shown once; earlier ones stop working."""

    def work() -> list[str]:
        lock_user(user.pk)
        if not owns_factor(user):
            raise refuse("none", _("Add an app or a passkey first: codes stand in for them."))
        tell_owner("account.backup_codes_made", user, now)
        return write_backup_codes(user, now)

    return run_as(user.pk, work)


def forget_browser(*, user: User, device_id: UUID, now: datetime) -> None:
    """Ask that browser for the second factor again; it stays known otherwise."""

    def work() -> None:
        device = TrustedDevice.objects.filter(
            user=user, public_id=device_id, asks_factor=False
        ).first()
        if device is None:
            raise gone()
        device.asks_factor = True
        device.save(update_fields=["asks_factor"])
        note(
            "factor.browser_forgotten",
            Severity.NOTICE,
            user,
            now,
            actor=user,
            facts={"browser": device.name},
        )

    run_as(user.pk, work)


def _enter(request: HttpRequest, user: User, factor: str, now: datetime) -> None:
    """Begin the session; it knows with which factor, and when."""
    enter(request, user, now)
    note_proof(request.session, kind=factor, now=now)


def _trust_browser(request: HttpRequest, user: User, now: datetime) -> None:
    """Spare the browser that the person has just logged in with the factor."""
    # The cookie of a browser that was unknown until now is only on its way.
    fresh = getattr(request, "new_device_token", "")
    device = known_device(user, [*device_tokens(request), fresh], now)
    if device is None:
        return
    device.asks_factor, device.expires_at = False, now + TRUST
    device.save(update_fields=["asks_factor", "expires_at"])
    note(
        "factor.browser_trusted",
        Severity.NOTICE,
        user,
        now,
        actor=user,
        facts={"browser": device.name},
    )


def _own(user: User, device_id: UUID) -> Authenticator | Passkey:
    device: Authenticator | Passkey | None = (
        Authenticator.objects.filter(user=user, public_id=device_id, confirmed=True).first()
        or Passkey.objects.filter(user=user, public_id=device_id).first()
    )
    if device is None:
        raise gone()
    return device


def _taken(found: Checked) -> Checked:
    if found.refusal is not None:
        raise found.refusal
    return found
