"""Setting quotas, and adding to or taking from somebody's account."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import Project, ResearchGroup, User
from audit.services import record
from booking.enums import EntryKind, Measure, QuotaHolder, QuotaPeriod
from booking.errors import ActionRefused, NotAllowed
from booking.events import post_event
from booking.locks import lock_quota, lock_shared
from booking.models import Quota, Resource, ResourcePool, ResourceType
from booking.permissions import can_manage_quota
from booking.queries.quotas import Overdrawn, holder_names, overdrawn_accounts, people_of, say_quota
from booking.rules.shares import period_start, say_amount
from booking.services._managers import require_manager
from booking.services._quotas import Line, write_lines
from labitory.lib.db import constraint_of, run_transaction

LARGEST = Decimal(9_999_999)
LONGEST_GRAB = 8784
LONGEST_ROLLING = 366
# What an account's numbers mean: another meaning is another quota.
_MEANING = ("measure", "period", "rolling_days", "holder")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaDetails:
    """All that is written about a quota; `amount` and `overdraft` in minutes or bookings.

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


def save_quota(
    *, actor: User, quota_id: UUID | None, details: QuotaDetails, now: datetime
) -> SavedQuota:
    """Write a quota, a new one or one that is there; it counts what is booked from now on.

    A smaller amount takes nothing away from what is booked: those who have more than that are
    told, and book no more until they are within it. What a quota counts by, for how long and who
    shares it stays once anything was booked under it. Raises `Quota.DoesNotExist`, `NotAllowed`
    and `ActionRefused`.
    """
    _require_sound(details)

    def work() -> SavedQuota:
        quota = lock_quota(quota_id) if quota_id else Quota(created_at=now)
        if quota_id:
            _require_manager(actor, quota)
        before = _values(quota) if quota_id else {}
        _apply(quota, details)
        _require_manager(actor, quota)
        after = _values(quota)
        if quota_id:
            _require_same_meaning(quota, before, after)
        _write(quota)
        record(
            action="quota.changed" if quota_id else "quota.created",
            actor=actor,
            target=quota,
            now=now,
            changes={name: (before.get(name), value) for name, value in after.items()},
            facts={"quota": quota.name, "gives": say_quota(quota)},
        )
        overdrawn = overdrawn_accounts(quota, now) if quota_id else []
        if overdrawn and before["amount"] != after["amount"]:
            _tell_overdrawn(quota, overdrawn, actor, now)
        return SavedQuota(quota=quota, overdrawn=tuple(overdrawn))

    return run_transaction(work)


def set_quota_active(*, actor: User, quota_id: UUID, is_active: bool, now: datetime) -> Quota:
    """End a quota or put it in force again; its ledger stays and follows what it counted.

    Raises `Quota.DoesNotExist` and `NotAllowed`.
    """

    def work() -> Quota:
        quota = lock_quota(quota_id)
        _require_manager(actor, quota)
        if quota.is_active != is_active:
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
        return quota

    return run_transaction(work)


def adjust_account(
    *,
    actor: User,
    quota_id: UUID,
    holder_id: int,
    day: date,
    amount: Decimal,
    reason: str,
    now: datetime,
) -> None:
    """Add to what somebody may take in the period that holds the day, or take from it.

    Nobody adjusts an account that they share. The holder's people are told why. Raises
    `Quota.DoesNotExist`, `NotAllowed` and `ActionRefused`.
    """
    _require_adjustment(amount, reason)

    def work() -> None:
        quota = lock_quota(quota_id)
        _require_manager(actor, quota)
        people = people_of(quota, [holder_id])
        name = holder_names(quota, [holder_id]).get(holder_id)
        if name is None:
            raise _refused("quota.holder", _("There is nobody of that name."), "who")
        if actor.pk in people:
            raise NotAllowed(code="quota.own", text=_("Nobody adjusts an account that they share."))
        lock_shared((), [(quota.pk, holder_id)])
        start = period_start(QuotaPeriod(quota.period), day)
        write_lines([_adjustment((quota.pk, holder_id, start), amount, reason)], now=now)
        said = say_amount(Measure(quota.measure), amount)
        record(
            action="quota.adjusted",
            actor=actor,
            target=quota,
            now=now,
            reason=reason,
            facts={"quota": quota.name, "holder": name, "amount": said, "from": f"{start}"},
        )
        _tell(
            "quota.adjusted",
            people,
            actor,
            now,
            {"quota": quota.name, "amount": said, "from": {"day": f"{start}"}, "reason": reason},
        )

    run_transaction(work)


def _require_adjustment(amount: Decimal, reason: str) -> None:
    if not reason.strip():
        raise _refused("quota.reason", _("Say why: it stands in the ledger."), "reason")
    if not amount or abs(amount) > LARGEST or amount != int(amount):
        text = _("Write a whole number, more or less than nothing.")
        raise _refused("quota.amount", text, "amount")


def _adjustment(key: tuple[int, int, date], amount: Decimal, reason: str) -> Line:
    """What is added stands beside what was carried over, what is taken counts as used."""
    return Line(
        key=key,
        booking_id=None,
        kind=EntryKind.ADJUSTED,
        carried=max(amount, Decimal(0)),
        used=max(-amount, Decimal(0)),
        note=reason.strip()[:200],
    )


def _refused(code: str, text: str, field: str) -> ActionRefused:
    return ActionRefused(code=code, text=text, field=field, status=422)


def _require_sound(details: QuotaDetails) -> None:
    if not details.name.strip():
        raise _refused("quota.name", _("Give it a name."), "name")
    if details.measure == Measure.COST:
        text = _("Nothing has a price here yet: count time or bookings.")
        raise _refused("quota.no_price", text, "measure")
    for field, amount in (("amount", details.amount), ("overdraft", details.overdraft)):
        if not 0 <= amount <= LARGEST or amount != int(amount):
            text = _("Write a whole number between 0 and %(most)s.") % {"most": LARGEST}
            raise _refused("quota.amount", text, field)
    if (
        sum(each is not None for each in (details.resource_id, details.type_id, details.pool_id))
        > 1
    ):
        text = _("It counts one instrument, one type or one pool, or everything.")
        raise _refused("quota.scope", text, "resource")
    _require_sound_time(details)
    if details.role and details.role not in Role.values:
        raise _refused("quota.role", _("There is no such role."), "role")


def _require_sound_time(details: QuotaDetails) -> None:
    is_rolling = details.period == QuotaPeriod.ROLLING
    days = details.rolling_days
    if is_rolling and (days is None or not 1 <= days <= LONGEST_ROLLING):
        text = _("Write in how many days, between 1 and %(most)s.") % {"most": LONGEST_ROLLING}
        raise _refused("quota.rolling", text, "rolling_days")
    if not is_rolling and days is not None:
        text = _("Only rolling quotas have a number of days.")
        raise _refused("quota.rolling", text, "rolling_days")
    if not 0 <= details.carry_percent <= 100:  # noqa: PLR2004 - percent
        raise _refused("quota.carry", _("Between 0 and 100 percent."), "carry_percent")
    if is_rolling and details.carry_percent:
        text = _("Rolling days have no period before, from which anything could be carried over.")
        raise _refused("quota.carry", text, "carry_percent")
    if details.grab_hours is not None and not 0 <= details.grab_hours <= LONGEST_GRAB:
        text = _("Between 0 and %(most)s hours.") % {"most": LONGEST_GRAB}
        raise _refused("quota.grab", text, "grab_hours")


def _require_manager(actor: User, quota: Quota) -> None:
    members = list(quota.pool.resources.all()) if quota.pool else []
    allowed = can_manage_quota(
        actor, resource=quota.resource, type_id=quota.resource_type_id, members=members
    )
    require_manager(allowed, "policy.manage", quota.resource, type_id=quota.resource_type_id)


def _require_same_meaning(quota: Quota, before: dict[str, Any], after: dict[str, Any]) -> None:
    changed = [name for name in _MEANING if before[name] != after[name]]
    if changed and quota.accounts.exists():
        raise _refused(
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
        raise _refused("quota.unknown", _("There is no such thing any more: choose again."), field)
    return found


def _values(quota: Quota) -> dict[str, Any]:
    return {
        "name": quota.name,
        "measure": quota.measure,
        "amount": int(quota.amount),
        "period": quota.period,
        "rolling_days": quota.rolling_days,
        "holder": quota.holder,
        "role": quota.role,
        "carry_percent": quota.carry_percent,
        "overdraft": int(quota.overdraft),
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


def _write(quota: Quota) -> None:
    try:
        with transaction.atomic():
            quota.save()
    except IntegrityError as error:
        if "name" not in constraint_of(error):
            raise
        text = _("There is a quota of that name already.")
        raise _refused("quota.name", text, "name") from error


def _tell_overdrawn(quota: Quota, found: list[Overdrawn], actor: User, now: datetime) -> None:
    """One event: whoever shares any of the accounts hears of the new amount."""
    people = people_of(quota, [each.holder_id for each in found])
    facts = {"quota": quota.name, "gives": say_quota(quota)}
    _tell("quota.overdrawn", people, actor, now, facts)


def _tell(kind: str, people: list[int], actor: User, now: datetime, facts: dict[str, Any]) -> None:
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
