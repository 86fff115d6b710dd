"""Reading use as it is and was: who may begin, who is late, who stayed longer, who never came."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, JSONObject, Least

from accounts.models import User
from booking.enums import OPEN, Limit, Status
from booking.models import Booking, BookingPolicy, Resource, UsageSession
from booking.permissions import can_view_all_bookings
from booking.queries.displaced import is_waiting

# From so long before the start, where no policy says otherwise.
USUALLY_EARLY = timedelta(minutes=15)
# After so long past its end a session was forgotten, where no policy ends it before.
FORGOTTEN = timedelta(hours=12)
_SHOWN = 8
# Who comes within this time hears that the one before overstays.
WARNED_AHEAD = timedelta(hours=2)
# How it was left is news for so long.
HANDOVER_LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPerson:
    """Who has the instrument next: named as far as the viewer may know."""

    booking: Booking
    name: str

    @property
    def start_time(self) -> datetime:
        """When their time begins."""
        return self.booking.start_time


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTime:
    """One's own booking as far as it decides what can be done now."""

    public_id: UUID
    status: str
    start_time: datetime
    end_time: datetime
    check_in_from: datetime
    lapses_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """How the one before left the instrument: the name as far as the viewer may know."""

    session: UsageSession
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the policies say to one booking.

    From when somebody may check in, when it is missed, when it is checked out by itself.
    """

    check_in_from: datetime
    lapses_at: datetime | None
    check_out_at: datetime | None
    # The notice in minutes, where one is asked for.
    cancel_notice: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastUse:
    """How the last one left it, where they said; and since when somebody overstays."""

    over_since: datetime | None = None
    left: UsageSession | None = None


def minutes_of(limit: Limit) -> Subquery:
    """A limit in minutes for a booking's person on its resource: the most specific row."""
    rows = (
        BookingPolicy.objects.filter(
            Q(resource=None) | Q(resource=OuterRef("resource")),
            Q(resource_type=None) | Q(resource_type=OuterRef("resource__resource_type")),
            Q(role="") | Q(role=OuterRef("user__role")),
            limit=limit,
        )
        .order_by(
            F("resource").asc(nulls_last=True), F("resource_type").asc(nulls_last=True), "-role"
        )
        .values("value")[:1]
    )
    return Subquery(rows, output_field=IntegerField())


def with_terms(bookings: "QuerySet[Booking]") -> "QuerySet[Any]":
    """Adds `check_in_from`, `lapses_at` and `check_out_at`, as the policies say by now.

    From when somebody may check in; when the booking counts as missed, None where no grace is set;
    when it is checked out by itself, None where that is left to its people.
    """
    early = Coalesce(minutes_of(Limit.CHECK_IN_EARLY), int(USUALLY_EARLY.total_seconds() // 60))
    return bookings.annotate(
        grace=minutes_of(Limit.NO_SHOW_GRACE),
        overdue=minutes_of(Limit.AUTO_CHECK_OUT),
        check_in_from=_moment(F("start_time") - _minutes(early)),
        lapses_at=Case(
            When(
                grace__isnull=False,
                then=Least(
                    "end_time",
                    _moment(Greatest("start_time", "updated_at") + _minutes(F("grace"))),
                ),
            ),
            output_field=DateTimeField(),
        ),
        check_out_at=Case(
            When(overdue__isnull=False, then=_moment(F("end_time") + _minutes(F("overdue")))),
            output_field=DateTimeField(),
        ),
    )


def _minutes(number: Combinable) -> Func:
    template = "make_interval(mins => %(expressions)s)"
    return Func(number, template=template, output_field=DurationField())


def _moment(expression: Combinable) -> Any:  # noqa: ANN401 - the types of fields are narrower
    return ExpressionWrapper(expression, output_field=DateTimeField())


def missed_bookings(now: datetime) -> "QuerySet[Any]":
    """The bookings that nobody came for within the grace, and that no task has marked yet."""
    begun = Booking.objects.filter(status=Status.CONFIRMED, start_time__lte=now)
    return with_terms(begun.exclude(is_waiting())).filter(lapses_at__lte=now)


def open_sessions() -> QuerySet[UsageSession]:
    """The sessions that run, the oldest first."""
    return (
        UsageSession.objects.filter(ended_at=None)
        .select_related("resource", "user", "booking")
        .order_by("started_at")
    )


def overdue_bookings(now: datetime) -> "QuerySet[Any]":
    """The bookings in use whose people should be checked out by now."""
    running = Exists(UsageSession.objects.filter(booking=OuterRef("pk"), ended_at=None))
    used = with_terms(Booking.objects.filter(running, end_time__lte=now))
    return used.filter(
        Q(check_out_at__lte=now) | Q(check_out_at=None, end_time__lte=now - FORGOTTEN)
    )


def over_bookings(now: datetime) -> "QuerySet[Any]":
    """The bookings whose time is over and of which nothing more is to be told.

    Nobody had to check in, and nobody is checked in still.
    """
    running = Exists(UsageSession.objects.filter(booking=OuterRef("pk"), ended_at=None))
    over = with_terms(Booking.objects.filter(end_time__lte=now).exclude(is_waiting()))
    return over.filter(
        Q(status=Status.CONFIRMED, lapses_at=None) | Q(~running, status=Status.CHECKED_IN)
    )


def unwarned_sessions(now: datetime) -> QuerySet[UsageSession]:
    """The sessions past the end of their booking of which nobody was told yet."""
    return (
        open_sessions()
        .filter(warned_at=None, booking__end_time__lte=now)
        .exclude(booking__in=overdue_bookings(now).values("pk"))
    )


def terms_of(booking_id: UUID) -> Terms:
    """One booking's terms, as the policies say by now."""
    found = with_terms(Booking.objects.filter(public_id=booking_id))
    found = found.annotate(cancel_notice=minutes_of(Limit.CANCEL_NOTICE))
    names = ("check_in_from", "lapses_at", "check_out_at", "cancel_notice")
    return Terms(**found.values(*names).get())


def running_on(resource: Resource, *, but: Booking | None = None) -> list[UsageSession]:
    """The sessions that run on a resource, but that of one booking."""
    found = open_sessions().filter(resource=resource)
    return list(found if but is None else found.exclude(booking=but))


def sessions_of(booking: Booking) -> list[UsageSession]:
    """The sessions of a booking with what was answered, the newest first."""
    return list(booking.sessions.select_related("user").prefetch_related("answers__question"))


def next_person(
    *, viewer: User, resource: Resource, now: datetime, but: Booking | None = None
) -> NextPerson | None:
    """Who has the resource next, where one person has it at a time."""
    coming = Booking.objects.filter(resource=resource, status__in=OPEN, end_time__gt=now)
    if but is not None:
        coming = coming.exclude(pk=but.pk).filter(start_time__gte=but.start_time)
    missed = missed_bookings(now).filter(resource=resource)
    found = (
        coming.exclude(pk__in=missed.values("pk"))
        .select_related("user__preferences")
        .order_by("start_time")
        .first()
    )
    if found is None or resource.capacity > 1:
        return None
    return NextPerson(booking=found, name=name_for(viewer, found.user, resource))


def last_use(*, resource: Resource, now: datetime) -> LastUse:
    """How the last one left the resource, and since when somebody overstays there, in one query."""
    recent = (
        UsageSession.objects.filter(resource=resource, started_at__gt=now - HANDOVER_LASTS)
        .select_related("user__preferences", "booking")
        .annotate(overdue=minutes_of(Limit.AUTO_CHECK_OUT))
        .order_by("-started_at")[:_SHOWN]
    )
    sessions = list(recent)
    over = [each.booking.end_time for each in sessions if _overstays(each, now)]
    ended = [each for each in sessions if each.ended_at is not None]
    left = ended[0] if ended and resource.capacity == 1 else None
    said = left is not None and (left.handover or left.handover_note)
    return LastUse(over_since=min(over, default=None), left=left if said else None)


def over_since(now: datetime) -> Subquery:
    """Of each resource since when somebody overstays there, as `last_use` says it."""
    term = Coalesce(
        _minutes(minutes_of(Limit.AUTO_CHECK_OUT)), Value(FORGOTTEN), output_field=DurationField()
    )
    running = UsageSession.objects.filter(
        resource=OuterRef("pk"),
        ended_at=None,
        started_at__gt=now - HANDOVER_LASTS,
        booking__end_time__lte=now,
    )
    staying = running.annotate(gone_at=_moment(F("booking__end_time") + term))
    ends = staying.filter(gone_at__gt=now).order_by("booking__end_time")
    return Subquery(ends.values("booking__end_time")[:1])


def _overstays(session: Any, now: datetime) -> bool:  # noqa: ANN401 - a row with its term
    end = session.booking.end_time
    term = FORGOTTEN if session.overdue is None else timedelta(minutes=session.overdue)
    return session.ended_at is None and end <= now < end + term


def left_behind(*, viewer: User, resource: Resource, last: LastUse) -> LeftBehind | None:
    """How the one before left the resource, as far as the viewer may know."""
    if last.left is None:
        return None
    name = name_for(viewer, last.left.user, resource)
    return LeftBehind(session=last.left, name=name)


def name_for(viewer: User, person: User, resource: Resource) -> str:
    """Somebody's name where they show it, or the viewer sees all of the resource; else empty."""
    known = person.pk == viewer.pk or person.preferences.show_name
    return person.full_name if known or can_view_all_bookings(viewer, resource) else ""


def own_told(viewer: User, now: datetime) -> ArraySubquery:
    """Of each resource the times that `own_bookings_at` would name, for `own_times`."""
    told = JSONObject(
        public_id="public_id", status="status", start_time="start_time", end_time="end_time",
        check_in_from="check_in_from", lapses_at="lapses_at",
    )  # fmt: skip
    rows = _still_own(_own(viewer).filter(resource=OuterRef("pk")), now)
    return ArraySubquery(rows.order_by("start_time").values(json=told)[:_SHOWN])


def own_times(rows: Iterable[Mapping[str, str]]) -> list[OwnTime]:
    """The same of one resource."""
    return [
        OwnTime(
            public_id=UUID(row["public_id"]),
            status=row["status"],
            start_time=datetime.fromisoformat(row["start_time"]),
            end_time=datetime.fromisoformat(row["end_time"]),
            check_in_from=datetime.fromisoformat(row["check_in_from"]),
            lapses_at=datetime.fromisoformat(row["lapses_at"]) if row["lapses_at"] else None,
        )
        for row in rows
    ]


def has_left(now: datetime) -> Exists:
    """Of each resource whether `last_use` could tell how it was left."""
    recent = UsageSession.objects.filter(
        resource=OuterRef("pk"), started_at__gt=now - HANDOVER_LASTS, ended_at__isnull=False
    )
    return Exists(recent.exclude(handover="", handover_note=""))


def _own(viewer: User) -> QuerySet[Booking]:
    return Booking.objects.filter(Q(user=viewer) | Q(created_by=viewer))


def own_bookings_at(*, viewer: User, resource: Resource, now: datetime) -> "list[Any]":
    """The viewer's running and coming bookings of a resource with their terms, by start.

    For themselves or made by them. One in use past its end waits to be finished for half a day;
    one that nobody came for in time is not among them.
    """
    found = _still_own(_own(viewer).filter(resource=resource), now)
    return list(found.select_related("user").order_by("start_time")[:_SHOWN])


def _still_own(mine: "QuerySet[Booking]", now: datetime) -> "QuerySet[Any]":
    return with_terms(mine).filter(
        Q(status=Status.PENDING, end_time__gt=now)
        | Q(status=Status.CONFIRMED, end_time__gt=now)
        & (Q(lapses_at=None) | Q(lapses_at__gt=now) | Q(start_time__gt=now))
        | Q(status=Status.CHECKED_IN, end_time__gt=now - FORGOTTEN)
        & (Q(check_out_at=None) | Q(check_out_at__gt=now))
    )
