"""Writing what a quota says, inside an open transaction: by hand or from a file of policies."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import Project, ResearchGroup, User
from audit.services import record
from booking.enums import Measure, QuotaHolder, QuotaPeriod
from booking.errors import ActionRefused
from booking.events import post_event
from booking.locks import lock_ledger
from booking.models import Quota, Resource, ResourcePool, ResourceType
from booking.permissions import can_manage_quota
from booking.queries.quotas import Overdrawn, overdrawn_accounts, people_of, say_quota
from booking.services._managers import require_manager
from labitory.lib.db import constraint_of
from labitory.lib.money import to_cents

LARGEST = Decimal(9_999_999)
LONGEST_GRAB = 8784
LONGEST_ROLLING = 366
# What an account's numbers mean: another meaning is another quota.
_MEANING = ("measure", "period", "rolling_days", "holder")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaDetails:
    """All that is written about a quota; `amount` and `overdraft` in minutes, bookings or money.

    At most one of resource, type and pool: none of them is everything.
    """

    name: str
    amount: Decimal
    measure: Measure = Measure.MINUTES
    period: QuotaPeriod = QuotaPeriod.MONTH
    rolling_days: int | None = None
    resource_id: UUID | None = None
    type_id: UUID | None = None
    pool_id: UUID | None = None
    holder: QuotaHolder = QuotaHolder.USER
    role: str = ""
    user_id: UUID | None = None
    group_id: UUID | None = None
    project_id: UUID | None = None
    carry_percent: int = 0
    overdraft: Decimal = Decimal(0)
    grab_hours: int | None = None
    counts_no_shows: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedQuota:
    """A quota as it was written, and the accounts that have less than nothing left by it."""

    quota: Quota
    overdrawn: tuple[Overdrawn, ...] = ()


def put_quota(*, quota: Quota, details: QuotaDetails, actor: User, now: datetime) -> SavedQuota:
    """Write a quota that is new or held, with its record; whoever is overdrawn by it is told.

    Raises `NotAllowed` and `ActionRefused`.
    """
    is_new = quota.pk is None
    before = {} if is_new else _values(quota)
    _apply(quota, details)
    require_quota_manager(actor, quota)
    after = _values(quota)
    if not is_new:
        _require_same_meaning(quota, before, after)
    _write(quota)
    record(
        action="quota.created" if is_new else "quota.changed",
        actor=actor,
        target=quota,
        now=now,
        changes={name: (before.get(name), value) for name, value in after.items()},
        facts={"quota": quota.name, "gives": say_quota(quota)},
    )
    overdrawn = [] if is_new else overdrawn_accounts(quota, now)
    if overdrawn and before["amount"] != after["amount"]:
        _tell_overdrawn(quota, overdrawn, actor, now)
    return SavedQuota(quota=quota, overdrawn=tuple(overdrawn))


def put_in_force(*, quota: Quota, is_active: bool, actor: User, now: datetime) -> None:
    """End a quota that is held or put it in force again, with its record."""
    if quota.is_active == is_active:
        return
    quota.is_active = is_active
    quota.save(update_fields=["is_active"])
    record(
        action="quota.resumed" if is_active else "quota.ended",
        actor=actor,
        target=quota,
        now=now,
        changes={"is_active": (not is_active, is_active)},
        facts={"quota": quota.name},
    )


def refused_quota(code: str, text: str, field: str) -> ActionRefused:
    """The no to what a quota shall say."""
    return ActionRefused(code=code, text=text, field=field, status=422)


def require_sound(details: QuotaDetails) -> None:
    """Refuse what no quota can say; raises `ActionRefused`."""
    if not details.name.strip():
        raise refused_quota("quota.name", _("Give it a name."), "name")
    for field, amount in (("amount", details.amount), ("overdraft", details.overdraft)):
        if not 0 <= amount <= LARGEST or not is_countable(details.measure, amount):
            text = (
                _("Write an amount between 0 and %(most)s, with two decimals at most.")
                if details.measure == Measure.COST
                else _("Write a whole number between 0 and %(most)s.")
            )
            raise refused_quota("quota.amount", text % {"most": LARGEST}, field)
    if (
        sum(each is not None for each in (details.resource_id, details.type_id, details.pool_id))
        > 1
    ):
        text = _("It counts one instrument, one type or one pool, or everything.")
        raise refused_quota("quota.scope", text, "resource")
    _require_sound_time(details)
    if details.role and details.role not in Role.values:
        raise refused_quota("quota.role", _("There is no such role."), "role")


def is_countable(measure: Measure, amount: Decimal) -> bool:
    """Whether a ledger can hold it: whole minutes or bookings, money to the cent."""
    return amount == (to_cents(amount) if measure == Measure.COST else int(amount))


def _require_sound_time(details: QuotaDetails) -> None:
    is_rolling = details.period == QuotaPeriod.ROLLING
    days = details.rolling_days
    if is_rolling and (days is None or not 1 <= days <= LONGEST_ROLLING):
        text = _("Write in how many days, between 1 and %(most)s.") % {"most": LONGEST_ROLLING}
        raise refused_quota("quota.rolling", text, "rolling_days")
    if not is_rolling and days is not None:
        text = _("Only rolling quotas have a number of days.")
        raise refused_quota("quota.rolling", text, "rolling_days")
    if not 0 <= details.carry_percent <= 100:  # noqa: PLR2004 - percent
        raise refused_quota("quota.carry", _("Between 0 and 100 percent."), "carry_percent")
    if is_rolling and details.carry_percent:
        text = _("Rolling days have no period before, from which anything could be carried over.")
        raise refused_quota("quota.carry", text, "carry_percent")
    if details.grab_hours is not None and not 0 <= details.grab_hours <= LONGEST_GRAB:
        text = _("Between 0 and %(most)s hours.") % {"most": LONGEST_GRAB}
        raise refused_quota("quota.grab", text, "grab_hours")


def require_quota_manager(actor: User, quota: Quota) -> None:
    """Raise `NotAllowed` unless the actor sets limits on all that the quota counts."""
    members = list(quota.pool.resources.all()) if quota.pool else []
    allowed = can_manage_quota(
        actor, resource=quota.resource, type_id=quota.resource_type_id, members=members
    )
    require_manager(allowed, "policy.manage", quota.resource, type_id=quota.resource_type_id)


def _require_same_meaning(quota: Quota, before: dict[str, Any], after: dict[str, Any]) -> None:
    changed = [name for name in _MEANING if before[name] != after[name]]
    if changed:
        # Whoever is about to count a first booking is waited for, or counts it anew.
        lock_ledger()
    if changed and quota.accounts.exists():
        raise refused_quota(
            "quota.in_use",
            _("It has counted bookings already: end this quota and make a new one instead."),
            changed[0],
        )


def _apply(quota: Quota, details: QuotaDetails) -> None:
    quota.name = details.name.strip()
    for name in (
        "measure",
        "amount",
        "period",
        "rolling_days",
        "holder",
        "role",
        "carry_percent",
        "overdraft",
        "grab_hours",
        "counts_no_shows",
    ):
        setattr(quota, name, getattr(details, name))
    quota.resource = _found(Resource, details.resource_id, "resource")
    quota.resource_type = _found(ResourceType, details.type_id, "resource_type")
    quota.pool = _found(ResourcePool, details.pool_id, "pool")
    quota.user = _found(User, details.user_id, "user")
    quota.group = _found(ResearchGroup, details.group_id, "group")
    quota.project = _found(Project, details.project_id, "project")


def _found(model: Any, public_id: UUID | None, field: str) -> Any:  # noqa: ANN401 - any noun
    if public_id is None:
        return None
    found = model.objects.filter(public_id=public_id).first()
    if found is None:
        raise refused_quota(
            "quota.unknown", _("There is no such thing any more: choose again."), field
        )
    return found


def _values(quota: Quota) -> dict[str, Any]:
    return {
        "name": quota.name,
        "measure": quota.measure,
        "amount": _plain(quota, quota.amount),
        "period": quota.period,
        "rolling_days": quota.rolling_days,
        "holder": quota.holder,
        "role": quota.role,
        "carry_percent": quota.carry_percent,
        "overdraft": _plain(quota, quota.overdraft),
        "grab_hours": quota.grab_hours,
        "counts_no_shows": quota.counts_no_shows,
        **{
            name: str(value) if value is not None else ""
            for name, value in (
                ("resource", quota.resource),
                ("resource_type", quota.resource_type),
                ("pool", quota.pool),
                ("user", quota.user),
                ("group", quota.group),
                ("project", quota.project),
            )
        },
    }


def _plain(quota: Quota, amount: Decimal) -> int | str:
    return f"{amount:.2f}" if quota.measure == Measure.COST else int(amount)


def _write(quota: Quota) -> None:
    try:
        with transaction.atomic():
            quota.save()
    except IntegrityError as error:
        if "name" not in constraint_of(error):
            raise
        text = _("There is a quota of that name already.")
        raise refused_quota("quota.name", text, "name") from error


def _tell_overdrawn(quota: Quota, found: list[Overdrawn], actor: User, now: datetime) -> None:
    """One event: whoever shares any of the accounts hears of the new amount."""
    people = people_of(quota, [each.holder_id for each in found])
    facts = {"quota": quota.name, "gives": say_quota(quota)}
    tell_people("quota.overdrawn", people, actor, now, facts)


def tell_people(
    kind: str, people: list[int], actor: User, now: datetime, facts: dict[str, Any]
) -> None:
    """One event for people whose account or quota changed."""
    if people:
        post_event(
            kind=kind,
            payload={
                "people": people,
                "actor": actor.pk,
                "facts": facts,
                "path": reverse("booking:my_quotas"),
            },
            now=now,
        )
