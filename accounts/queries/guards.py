"""The counts that guard the login: how they are named, and who has to wait."""

import ipaddress
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare

from accounts.models import LoginGuard, User
from audit.models import SecurityEvent
from labitory.lib.crypto import fingerprint

_ADDRESS = "address:"
UNLOCK_SALT = "accounts.unlock"
# Who was locked out longer ago is not anymore.
_LATELY = timedelta(days=1)
_MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Guard:
    """One count: its key, from how many failures it locks, after how many seconds it forgets one.

    What is above the limit is bounded, so that a day of quiet forgets all of it.
    """

    key: str
    most: int = 5
    leak: int = 3600

    @property
    def highest(self) -> int:
        """The count rises no further."""
        return self.most + 19


def name_guard(name: str) -> Guard:
    """The count of an account by what people type, whether or not there is one.

    By the name and not by the account: otherwise two names with one count would tell that both
    are somebody's.
    """
    # As PostgreSQL compares: no second count by another case or form of the letters.
    word = unicodedata.normalize("NFKC", name).strip().upper().casefold()
    return Guard(f"name:{fingerprint(word)}")


def device_guard(device_id: int) -> Guard:
    """The count of a known browser, which the account's lock does not shut out."""
    return Guard(f"device:{device_id}")


def address_guard(address: str) -> Guard:
    """The count of an address: a campus may share one, and mistypes twice a minute all day."""
    return Guard(f"address:{_network(address)}", most=100, leak=30)


def guards_of(user: User) -> list[Guard]:
    """The counts of an account, under both of its names."""
    return [name_guard(user.username), name_guard(user.email)]


def link_guard(nonce: str) -> Guard:
    """The row that says that a link was used: it works once."""
    return Guard(f"link:{fingerprint(nonce)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedAccount:
    """Somebody whose name has to wait at the login."""

    user: User
    failures: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedAddress:
    """An address that has to wait at the login."""

    address: str
    failures: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockLink:
    """A link that was sent by mail: whose it is, and what makes it work once."""

    user: User
    nonce: str


def locked_accounts(now: datetime) -> list[LockedAccount]:
    """Whose login is locked at this moment, the longest wait first; three queries."""
    lately = SecurityEvent.objects.filter(
        kind="account.locked", at__gt=now - _LATELY, user_id__isnull=False
    )
    ids = lately.order_by().values_list("user_id", flat=True).distinct()[:_MOST_SHOWN]
    owners = {
        guard.key: user
        for user in User.objects.filter(pk__in=list(ids))
        for guard in guards_of(user)
    }
    rows = LoginGuard.objects.filter(key__in=owners, locked_until__gt=now)
    found: dict[int, LockedAccount] = {}
    for row in rows.order_by("locked_until"):
        user = owners[row.key]
        until = row.locked_until or now
        found[user.pk] = LockedAccount(user=user, failures=row.failures, until=until)
    return sorted(found.values(), key=lambda each: each.until, reverse=True)


def locked_addresses(now: datetime) -> list[LockedAddress]:
    """The addresses that are locked at this moment."""
    rows = LoginGuard.objects.filter(key__startswith=_ADDRESS, locked_until__gt=now)
    return [
        LockedAddress(
            address=row.key.removeprefix(_ADDRESS),
            failures=row.failures,
            until=row.locked_until or now,
        )
        for row in rows.order_by("-locked_until")[:_MOST_SHOWN]
    ]


def read_unlock_link(token: str) -> UnlockLink | None:
    """The link if it is ours, young enough, not used, and the password is still the same."""
    try:
        told: dict[str, Any] = signing.loads(
            token, salt=UNLOCK_SALT, max_age=settings.PASSWORD_RESET_TIMEOUT
        )
    except signing.BadSignature:
        return None
    user = User.objects.filter(public_id=UUID(told["user"]), is_active=True).first()
    if user is None or not constant_time_compare(told["hash"], password_mark(user)):
        return None
    used = LoginGuard.objects.filter(key=link_guard(told["nonce"]).key).exists()
    return None if used else UnlockLink(user=user, nonce=told["nonce"])


def password_mark(user: User) -> str:
    """What changes with the password, and tells nothing of it."""
    return user.get_session_auth_hash()[:16]


def _network(address: str) -> str:
    """The address itself; of the new kind the network of 64 bits, which is one customer."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:60]
    if found.version == 4:  # noqa: PLR2004 - the number of the protocol
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))
