"""Second factors: what a person has, whether they need one, and by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Subquery

from accounts.enums import Role
from accounts.models import (
    Authenticator,
    BackupCode,
    FactorReset,
    FactorRule,
    Passkey,
    TrustedDevice,
    User,
)
from accounts.wall import Opening, acting_for, opened

_FACTORS = frozenset({"app", "passkey"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """An authenticator app or a passkey, as its owner sees it."""

    public_id: UUID
    kind: str
    name: str
    added_at: datetime
    used_at: datetime | None
    is_backed_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorDuty:
    """A person whose role needs a second factor has none: by when they must."""

    due_at: datetime
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """With what a person can show now that it is them."""

    app: bool
    passkey: bool
    backup_code: bool

    def __bool__(self) -> bool:
        return self.app or self.passkey


def duty_annotations() -> dict[str, Any]:
    """What `duty_of` reads: asked for together with the user, so that no page pays a query."""
    rule = FactorRule.objects.filter(role=OuterRef("role"))
    return {
        "factor_kinds": _kinds(),
        "factor_since": Subquery(rule.values("required_since")[:1]),
        "factor_grace": Subquery(rule.values("grace_days")[:1]),
    }


def duty_of(user: User, now: datetime) -> FactorDuty | None:
    """What the person still owes: None when their role needs nothing, or they have a factor."""
    if not hasattr(user, "factor_since"):
        user = User.objects.annotate(**duty_annotations()).get(pk=user.pk)
    facts: Any = user
    if facts.factor_since is None or facts.factor_since > now:
        return None
    if _FACTORS.intersection(facts.factor_kinds):
        return None
    # Who came after the rule gets the days of grace as everybody did.
    begins = max(facts.factor_since, user.date_joined)
    due = begins + timedelta(days=facts.factor_grace)
    return FactorDuty(due_at=due, is_over=due <= now)


def is_factor_required(user: User, now: datetime) -> bool:
    """Whether the person's role needs a second factor by now, grace or not."""
    return FactorRule.objects.filter(role=user.role, required_since__lte=now).exists()


def methods_of(user: User) -> Methods:
    """With what the person can show that it is them; one query."""
    kinds = User.objects.filter(pk=user.pk).values_list(_kinds(), flat=True).get()
    return Methods(
        app="app" in kinds, passkey="passkey" in kinds, backup_code="backup_code" in kinds
    )


def has_factor(user: User) -> bool:
    """Whether the person has an authenticator app or a passkey; backup codes alone are none."""
    return bool(methods_of(user))


def devices_of(user: User) -> list[Device]:
    """The person's apps and passkeys, by name."""
    with acting_for(user.pk):
        apps = Authenticator.objects.filter(user=user, confirmed=True)
        found = [_device(app, "app") for app in apps]
        found += [_device(key, "passkey") for key in Passkey.objects.filter(user=user)]
    return sorted(found, key=lambda device: device.name.casefold())


def find_device(user: User, public_id: UUID) -> Device | None:
    """One of the person's own apps or passkeys."""
    return next((each for each in devices_of(user) if each.public_id == public_id), None)


def find_unconfirmed_app(user: User, public_id: UUID) -> Authenticator | None:
    """An app of the person's that has not shown a code yet."""
    with acting_for(user.pk):
        return Authenticator.objects.filter(user=user, public_id=public_id, confirmed=False).first()


def setup_address(app: Authenticator) -> str:
    """What the QR code says to the app: the key, whose it is and where it is for."""
    label = quote(f"{settings.LAB_NAME}:{app.user.username}")
    values = {"secret": app.key, "issuer": settings.LAB_NAME}
    return f"otpauth://totp/{label}?{urlencode(values, quote_via=quote)}"


def backup_codes_left(user: User) -> int:
    """How many backup codes still work."""
    with acting_for(user.pk):
        return BackupCode.objects.filter(user=user, used_at__isnull=True).count()


def trusted_browsers(user: User, now: datetime) -> list[TrustedDevice]:
    """The browsers that are not asked for the second factor, the last used first."""
    with acting_for(user.pk):
        found = TrustedDevice.objects.filter(user=user, asks_factor=False, expires_at__gt=now)
        return list(found)


def factor_rules() -> "Sequence[tuple[Role, FactorRule | None, int]]":
    """Every role with its rule, and how many active people of it have no factor yet."""
    rules = {rule.role: rule for rule in FactorRule.objects.all()}
    without = (
        User.objects.filter(is_active=True)
        .exclude(Exists(Authenticator.objects.filter(user=OuterRef("pk"), confirmed=True)))
        .exclude(Exists(Passkey.objects.filter(user=OuterRef("pk"))))
        .order_by("role")
        .values_list("role")
        .annotate(n=Count("pk"))
    )
    with opened(Opening.COUNTING):
        counts = dict(without)
    return [(role, rules.get(role.value), counts.get(role.value, 0)) for role in Role]


def waiting_resets(now: datetime) -> "QuerySet[FactorReset]":
    """Resets that wait for a second person, the oldest first."""
    return (
        FactorReset.objects.filter(
            agreed_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=now
        )
        .select_related("user", "asked_by")
        .order_by("asked_at")
    )


def own_reset(user: User, now: datetime) -> FactorReset | None:
    """The reset of one's own factors that somebody asked for and that can still be refused."""
    return waiting_resets(now).filter(user=user).first()


def past_resets(now: datetime) -> "QuerySet[FactorReset]":
    """Resets that were agreed, taken back or forgotten, the newest first."""
    return (
        FactorReset.objects.filter(
            Q(agreed_at__isnull=False) | Q(withdrawn_at__isnull=False) | Q(expires_at__lte=now)
        )
        .select_related("user", "asked_by", "agreed_by")
        .order_by(F("asked_at").desc())
    )


def find_reset(public_id: UUID) -> FactorReset | None:
    """One reset."""
    return (
        FactorReset.objects.filter(public_id=public_id).select_related("user", "asked_by").first()
    )


def _kinds() -> Func:
    """What the person has of the three, by name: the one thing to be known without their leave."""
    return Func(
        F("pk"),
        function="accounts_factor_kinds",
        output_field=ArrayField(CharField(max_length=20)),
    )


def _device(row: Authenticator | Passkey, kind: str) -> Device:
    return Device(
        public_id=row.public_id,
        kind=kind,
        name=row.name,
        added_at=row.added_at,
        used_at=row.used_at,
        is_backed_up=getattr(row, "is_backed_up", False),
    )
