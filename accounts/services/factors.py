"""Second factors: showing them, naming and removing them, codes and browsers that spare them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.locks import lock_user
from accounts.models import Authenticator, FactorRule, Passkey, TrustedDevice, User
from accounts.services._factors import (
    clean_name,
    gone,
    owns_factor,
    refuse,
    remove_everything,
    tell_owner,
    write_backup_codes,
)
from accounts.services._proofs import Answer, Checked, Party, Shown, check_passkey, check_shown
from audit.services import record
from labitory.lib.crypto import fingerprint, new_token
from labitory.lib.db import run_transaction

__all__ = [
    "TRUST",
    "Answer",
    "Party",
    "Shown",
    "check_person",
    "forget_browser",
    "log_in_by_passkey",
    "make_backup_codes",
    "remove_device",
    "rename_device",
    "trust_browser",
]

TRUST = timedelta(days=30)


def check_person(*, user: User, shown: Shown, now: datetime) -> str:
    """Whether it is the person: gives what they showed, `app`, `passkey`, `backup_code` or
    `password`. Each code and each answer of a passkey is taken once. Raises AccountRefused.
    """
    return _taken(run_transaction(lambda: check_shown(user, shown, now))).kind


def log_in_by_passkey(*, answer: Answer, now: datetime) -> User:
    """Whose passkey it is: possession and the check of its holder are two factors in one."""

    def work() -> Checked:
        found = check_passkey(answer, None, now)
        if found.refusal is not None:
            record(action="factor.failed", actor=None, target=User(username="?"), now=now)
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
        record(
            action="factor.renamed",
            actor=user,
            target=user,
            now=now,
            facts={"device": before, "name": device.name},
        )

    run_transaction(work)


def remove_device(*, user: User, device_id: UUID, now: datetime) -> None:
    """Remove an app or a passkey; the last one only where the person's role needs none.

    With the last one go the backup codes and the trusted browsers: they stand in for a factor.
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
        record(
            action="factor.removed",
            actor=user,
            target=user,
            now=now,
            facts={"device": device.name},
        )
        tell_owner("account.factor_removed", user, now, device=device.name)

    run_transaction(work)


def make_backup_codes(*, user: User, now: datetime) -> list[str]:
    """Ten fresh codes, given back to be shown once; earlier ones stop working."""

    def work() -> list[str]:
        lock_user(user.pk)
        if not owns_factor(user):
            raise refuse("none", _("Add an app or a passkey first: codes stand in for them."))
        tell_owner("account.backup_codes_made", user, now)
        return write_backup_codes(user, now)

    return run_transaction(work)


def trust_browser(*, user: User, name: str, address: str, now: datetime) -> str:
    """Spare this browser the second factor for 30 days; gives what its cookie holds."""
    token = new_token()

    def work() -> None:
        TrustedDevice.objects.create(
            user=user,
            token_hash=fingerprint(token),
            name=name[:120] or _("Unknown browser"),
            asks_factor=False,
            address=address or None,
            added_at=now,
            used_at=now,
            expires_at=now + TRUST,
        )
        record(
            action="factor.browser_trusted",
            actor=user,
            target=user,
            now=now,
            facts={"browser": name[:120]},
        )

    run_transaction(work)
    return token


def forget_browser(*, user: User, device_id: UUID, now: datetime) -> None:
    """Ask that browser for the second factor again."""

    def work() -> None:
        device = TrustedDevice.objects.filter(
            user=user, public_id=device_id, asks_factor=False
        ).first()
        if device is None:
            raise gone()
        device.delete()
        record(
            action="factor.browser_forgotten",
            actor=user,
            target=user,
            now=now,
            facts={"browser": device.name},
        )

    run_transaction(work)


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
