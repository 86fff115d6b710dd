"""When courses are given, who has a place, and who is when where."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from booking.enums import OPEN, SeatState, Status
from booking.models import Booking, Course, TrainingRequirement, TrainingSeat, TrainingSession
from booking.models.training import SEATED
from booking.permissions import can_run_session
from labitory.lib.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Who has a place in a session, by name, and who waits for one, in order."""

    seated: tuple[TrainingSeat, ...]
    waiting: tuple[TrainingSeat, ...]


def _counted(found: "QuerySet[TrainingSession]", viewer: User) -> "QuerySet[TrainingSession]":
    """With how many places are taken, how many wait, and the viewer's own place."""
    own = TrainingSeat.objects.filter(session=OuterRef("pk"), user=viewer)

    def count(*states: str) -> Coalesce:
        places = TrainingSeat.objects.filter(session=OuterRef("pk"), state__in=states)
        counted = places.order_by().values("session").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(counted), 0)

    return found.select_related("course", "instructor").annotate(
        taken=count(*SEATED),
        waiting=count(SeatState.WAITING),
        my_state=Coalesce(Subquery(own.values("state")[:1]), Value("")),
    )


def upcoming_sessions(
    *, viewer: User, now: datetime, course: Course | None = None
) -> "QuerySet[TrainingSession]":
    """Sessions to come, soonest first.

    One that was arranged for a single person shows to its people alone.
    """
    found = TrainingSession.objects.filter(
        cancelled_at=None, start_time__gt=now, course__is_active=True
    )
    if course is not None:
        found = found.filter(course=course)
    others = TrainingSeat.objects.filter(session=OuterRef("pk"), state__in=SEATED).exclude(
        user=viewer
    )
    found = found.exclude(Exists(others), seats=1)
    return _counted(found, viewer).order_by("start_time", "pk")


def own_sessions(*, viewer: User, now: datetime) -> "QuerySet[TrainingSession]":
    """Sessions to come in which the viewer has a place or waits for one."""
    mine = TrainingSeat.objects.filter(
        user=viewer, state__in=(SeatState.ENROLLED, SeatState.WAITING)
    ).values("session")
    found = TrainingSession.objects.filter(pk__in=mine, cancelled_at=None, end_time__gt=now)
    return _counted(found, viewer).order_by("start_time", "pk")


def held_sessions(*, viewer: User, now: datetime) -> "QuerySet[TrainingSession]":
    """What the viewer has given, and whose results are not recorded."""
    open_places = TrainingSeat.objects.filter(session=OuterRef("pk"), state=SeatState.ENROLLED)
    return TrainingSession.objects.filter(
        Exists(open_places), instructor=viewer, cancelled_at=None, end_time__lte=now
    )


def taught_sessions(*, viewer: User) -> "QuerySet[TrainingSession]":
    """What the viewer gives and has not recorded yet, the first first."""
    open_places = TrainingSeat.objects.filter(state=SeatState.ENROLLED).values("session")
    found = TrainingSession.objects.filter(instructor=viewer, cancelled_at=None, pk__in=open_places)
    return _counted(found, viewer).order_by("start_time", "pk")


def past_sessions(*, viewer: User, course: Course, now: datetime) -> "QuerySet[TrainingSession]":
    """What has begun or was called off, newest first."""
    over = Q(start_time__lte=now) | Q(cancelled_at__isnull=False)
    found = TrainingSession.objects.filter(over, course=course)
    return _counted(found, viewer).order_by("-start_time", "-pk")


def find_session(*, viewer: User, public_id: UUID) -> TrainingSession | None:
    """A session that the viewer may see, with its course and who may run it.

    One that was arranged for a single person is seen by its people and by who runs it.
    """
    needs = TrainingRequirement.objects.select_related("resource")
    found = _counted(TrainingSession.objects.filter(public_id=public_id), viewer)
    session = (
        found.prefetch_related(
            "course__instructors", Prefetch("course__required_by", queryset=needs)
        )
        .select_related("course", "instructor", "booking__resource")
        .first()
    )
    if session is None or vars(session)["my_state"] or can_run_session(viewer, session):
        return session
    is_private = session.seats == 1 and vars(session)["taken"]
    return None if is_private or not session.course.is_active else session


def places_of(session: TrainingSession) -> Places:
    """The people of a session; those who signed off are left out."""
    found = list(session.places.exclude(state=SeatState.CANCELLED).select_related("user"))
    return Places(
        seated=tuple(
            sorted(
                (each for each in found if each.state != SeatState.WAITING),
                key=lambda each: (each.user.last_name, each.user.first_name, each.user.username),
            )
        ),
        waiting=tuple(each for each in found if each.state == SeatState.WAITING),
    )


def session_of_booking(booking_id: UUID) -> UUID | None:
    """The session that is given on a booked instrument."""
    return (
        TrainingSession.objects.filter(booking__public_id=booking_id, cancelled_at=None)
        .values_list("public_id", flat=True)
        .first()
    )


def busy_periods(*, user_ids: Iterable[int], window: Period) -> dict[int, list[Period]]:
    """When people have bookings, come along to others', give a course or have a place in one."""
    wanted = set(user_ids)
    busy: dict[int, list[Period]] = defaultdict(list)
    times = {"start_time__lt": window.end, "end_time__gt": window.start}
    bookings = Booking.objects.filter(
        Q(user__in=wanted) | Q(attendees__user__in=wanted),
        status__in=(*OPEN, Status.CHECKED_IN),
        **times,
    ).values_list("user_id", "attendees__user_id", "start_time", "end_time")
    for holder, attendee, start, end in bookings:
        for each in wanted & {holder, attendee}:
            busy[each].append(Period(start, end))
    sessions = TrainingSession.objects.filter(
        Q(instructor__in=wanted) | Q(places__user__in=wanted, places__state=SeatState.ENROLLED),
        cancelled_at=None,
        **times,
    ).values_list("instructor_id", "places__user_id", "places__state", "start_time", "end_time")
    for instructor, seated, state, start, end in sessions:
        people = {instructor, seated} if state == SeatState.ENROLLED else {instructor}
        for each in wanted & people:
            busy[each].append(Period(start, end))
    return busy


def is_busy(periods: Sequence[Period], period: Period) -> bool:
    """Whether any of the periods meets this one."""
    return any(each.overlaps(period) for each in periods)
