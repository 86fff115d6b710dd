"""Writing when resources are open: hours, closures, holidays."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import ClaimKind
from booking.errors import ActionRefused
from booking.events import post_change
from booking.locks import lock_hours
from booking.models import Closure, Holiday, OpeningHours, Resource
from booking.permissions import can_manage_calendar
from booking.services._blocks import cancel_in_the_way, claim_whole, require_free
from booking.services._freed import post_freed
from booking.services._holidays import write_holidays
from booking.services._managers import require_manager, require_period
from labitory.lib.db import run_transaction
from labitory.lib.periods import Period

DAY_MINUTES = 1440
WEEK_MINUTES = 7 * DAY_MINUTES


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Open from a time of a weekday (Monday is 0) until another, the next day if not later."""

    weekday: int
    opens_at: time
    closes_at: time

    @property
    def minutes(self) -> tuple[int, int]:
        """From and until, in minutes of the week; the end may lie in the next one."""
        opens = self.weekday * DAY_MINUTES + self.opens_at.hour * 60 + self.opens_at.minute
        closes = self.weekday * DAY_MINUTES + self.closes_at.hour * 60 + self.closes_at.minute
        return opens, closes if closes > opens else closes + DAY_MINUTES


def set_opening_hours(
    *, actor: User, resource_id: UUID | None, intervals: Sequence[Interval], now: datetime
) -> None:
    """Replace the weekly hours of a resource, or without one the lab's default.

    No intervals at all: the resource follows the lab's default, and a lab without a default is
    always open. Intervals that overlap, also over midnight or from Sunday into Monday, are refused.
    """
    _require_apart(intervals)

    def work() -> None:
        resource = None if resource_id is None else Resource.objects.get(public_id=resource_id)
        _require(actor, resource)
        lock_hours(resource.pk if resource else None)
        old = OpeningHours.objects.filter(resource=resource)
        before = [str(each) for each in old]
        old.delete()
        rows = OpeningHours.objects.bulk_create(
            OpeningHours(
                resource=resource,
                weekday=each.weekday,
                opens_at=each.opens_at,
                closes_at=each.closes_at,
            )
            for each in sorted(set(intervals))
        )
        record(
            action="resource.hours_changed",
            actor=actor,
            target=resource or OpeningHours(weekday=0, opens_at=time(0), closes_at=time(0)),
            now=now,
            changes={"hours": (before, [str(row) for row in rows])},
            facts={"resource": resource.name if resource else _("the whole lab")},
        )
        changed = [resource] if resource else Resource.objects.all()
        post_change(*(each.public_id for each in changed), now=now)

    run_transaction(work)


def add_closure(
    *,
    actor: User,
    resource_id: UUID | None,
    period: Period,
    reason: str,
    now: datetime,
    cancel_bookings: bool = False,
    shown: Collection[UUID] | None = None,
) -> Closure:
    """Close a resource, or without one the whole lab, for a time.

    Bookings in the way refuse the closure by name, unless `cancel_bookings` says to cancel them
    with the reason in the same transaction: those that were `shown` and no others, or without that
    all of them. Maintenance in the way always refuses.
    """
    if not reason.strip():
        text = _("Say why it is closed.")
        raise ActionRefused(code="closure.reason", text=text, field="reason", status=422)
    require_period(period, now)

    def work() -> Closure:
        resource = None if resource_id is None else Resource.objects.get(public_id=resource_id)
        _require(actor, resource)
        closed = [resource] if resource else list(Resource.objects.order_by("pk"))
        if cancel_bookings:
            cancel_in_the_way(
                closed, period, actor=actor, reason=reason.strip(), now=now, shown=shown
            )
        else:
            require_free(closed, period, now=now)
        closure = Closure.objects.create(
            resource=resource,
            start_time=period.start,
            end_time=period.end,
            reason=reason.strip(),
            created_by=actor,
            created_at=now,
        )
        claim_whole(closed, period, ClaimKind.CLOSURE, closure=closure, now=now)
        _record_closure(closure, "resource.closure_added", actor, now)
        post_change(*(each.public_id for each in closed), now=now)
        return closure

    return run_transaction(work)


def remove_closure(*, actor: User, closure_id: UUID, now: datetime) -> None:
    """Open again: the closure and its claims go. Raises `Closure.DoesNotExist`."""

    def work() -> None:
        closure = Closure.objects.select_related("resource").get(public_id=closure_id)
        _require(actor, closure.resource)
        _record_closure(closure, "resource.closure_removed", actor, now)
        opened = [closure.resource] if closure.resource else Resource.objects.filter(is_active=True)
        freed = Period(closure.start_time, closure.end_time)
        closure.delete()
        post_freed([(resource.public_id, freed) for resource in opened], now=now)

    run_transaction(work)


def _require(actor: User, resource: Resource | None) -> None:
    require_manager(can_manage_calendar(actor, resource), "calendar.manage", resource)


def _record_closure(closure: Closure, action: str, actor: User, now: datetime) -> None:
    record(
        action=action,
        actor=actor,
        target=closure,
        now=now,
        reason=closure.reason,
        facts={
            "resource": closure.resource.name if closure.resource else _("the whole lab"),
            "start_time": closure.start_time,
            "end_time": closure.end_time,
        },
    )


def sync_holidays(*, country: str, subdivision: str, years: Iterable[int], now: datetime) -> int:
    """Keep the public holidays of a country for these years; gives how many were added.

    Holidays that the country no longer has in these years are removed.
    """

    def work() -> int:
        code, added = write_holidays(country=country, subdivision=subdivision, years=years)
        if added:
            record(
                action="holidays.synced",
                actor=None,
                target=Holiday(day=now.date(), name=code, country=code),
                now=now,
                facts={"added": added, "country": code},
            )
        return added

    return run_transaction(work)


def _require_apart(intervals: Sequence[Interval]) -> None:
    spans = sorted(each.minutes for each in set(intervals))
    wrapped = [(start + WEEK_MINUTES, end + WEEK_MINUTES) for start, end in spans[:1]]
    for (_start, end), (start, _end) in zip(spans, [*spans[1:], *wrapped], strict=True):
        if start < end:
            raise ActionRefused(
                code="hours.overlap",
                text=_("Two intervals overlap: join them, or end one before the other begins."),
                field="hours",
                status=422,
            )
