"""Who has learnt what, and until when it counts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from booking.enums import LIVE, TrainingState
from booking.models import Booking, Course, Qualification, Resource, TrainingRequirement
from booking.permissions import can_manage_course
from booking.queries.courses import managed_courses
from booking.rules.training import Learnt
from labitory.lib.http import lab_zone

# Before the end a reminder is sent, and pages speak of an end.
WARNING = timedelta(days=30)
# Instruments that somebody has booked since then, or is going to, are theirs.
IN_USE = timedelta(days=365)

# What people have of a course that ends within the warning, by the last of their certificates. Told
# once for each end, which moves on where a course lapses unused.
ENDING = """
SELECT q.id, q.until FROM (
    SELECT (array_agg(x.id ORDER BY x.passed_on DESC, x.id DESC))[1] AS id,
        max(x.reminded_at) AS reminded_at,
        LEAST(CASE WHEN bool_and(x.expires_on IS NOT NULL) THEN max(x.expires_on) END,
            GREATEST(max(x.passed_on), max((x.used_at AT TIME ZONE %(zone)s)::date))
                + c.decay_days::int) AS until
    FROM booking_qualification x JOIN booking_course c ON c.id = x.course_id
    JOIN accounts_user u ON u.id = x.user_id
    WHERE x.revoked_at IS NULL AND u.is_active AND c.is_active
    GROUP BY x.user_id, c.id) q
WHERE q.until BETWEEN %(today)s::date AND %(today)s::date + %(days)s::int
    AND (q.reminded_at IS NULL
        OR (q.reminded_at AT TIME ZONE %(zone)s)::date < q.until - %(days)s::int)
ORDER BY q.until, q.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A course with what somebody has of it; `until` is the last day, None for ever."""

    course: Course
    state: TrainingState
    until: date | None = None
    # The last certificate that was not revoked.
    qualification: Qualification | None = None

    @property
    def counts(self) -> bool:
        """Whether it is worth something today."""
        return self.state in (TrainingState.VALID, TrainingState.ENDING)

    def counts_on(self, day: date) -> bool:
        """Whether it will be worth something on a day to come, as things stand."""
        return self.counts and (self.until is None or self.until >= day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A course that instruments ask for which somebody uses."""

    standing: Standing
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What anybody may know of a certificate whose code they hold."""

    name: str
    course: str
    state: str
    until: date | None


def standing_of(course: Course, qualifications: Iterable[Qualification], today: date) -> Standing:
    """What these certificates of one person come to today; revoked ones count for nothing."""
    own = [each for each in qualifications if each.revoked_at is None]
    if not own:
        return Standing(course=course, state=TrainingState.MISSING)
    zone = lab_zone()
    uses = [each.used_at.astimezone(zone).date() for each in own if each.used_at]
    ends = [each.expires_on for each in own if each.expires_on is not None]
    learnt = Learnt(
        passed_on=max(each.passed_on for each in own),
        expires_on=max(ends) if len(ends) == len(own) else None,
        used_on=max(uses) if uses else None,
        decay_days=course.decay_days,
    )
    state, until = learnt.state_on(today), learnt.last_day
    if state is TrainingState.VALID and until is not None and until <= today + WARNING:
        state = TrainingState.ENDING
    last = max(own, key=lambda each: (each.passed_on, each.pk))
    return Standing(course=course, state=state, until=until, qualification=last)


def standings(*, user: User, courses: Iterable[Course], today: date) -> dict[int, Standing]:
    """How a person stands in these courses, by their keys, in one query."""
    wanted = list(courses)
    own: dict[int, list[Qualification]] = defaultdict(list)
    for each in Qualification.objects.filter(user=user, course__in=wanted):
        own[each.course_id].append(each)
    return {course.pk: standing_of(course, own[course.pk], today) for course in wanted}


def lacked_before(*, user: User, courses: Iterable[Course], today: date) -> dict[int, list[Course]]:
    """What a person has to pass before each of these courses, and has not, by their keys."""
    links = Course.prerequisites.through.objects.filter(from_course__in=list(courses))
    pairs = [
        (each.from_course_id, each.to_course)
        for each in links.select_related("to_course").order_by("to_course__title")
    ]
    if not pairs:
        return {}
    known = standings(user=user, courses=[before for _, before in pairs], today=today)
    lacked: dict[int, list[Course]] = defaultdict(list)
    for key, before in pairs:
        if not known[before.pk].counts:
            lacked[key].append(before)
    return dict(lacked)


def own_standings(*, user: User, today: date) -> list[Standing]:
    """Everything that a person has ever passed, with how it stands; revoked ones are left out."""
    own: dict[Course, list[Qualification]] = defaultdict(list)
    found = Qualification.objects.filter(user=user, revoked_at=None).select_related("course")
    for each in found.order_by("course__title", "pk"):
        own[each.course].append(each)
    return [standing_of(course, held, today) for course, held in own.items()]


def demanded(*, user: User, now: datetime) -> list[Demand]:
    """The courses that a person's instruments ask for: favourites, and what they book."""
    booked = Booking.objects.filter(
        user=user, resource=OuterRef("pk"), status__in=LIVE, end_time__gt=now - IN_USE
    )
    used = Resource.objects.filter(Q(favoured_by__user=user) | Exists(booked))
    needs = (
        TrainingRequirement.objects.filter(
            Q(resource__in=used) | Q(resource_type__resources__in=used)
        )
        .select_related("course", "resource", "resource_type")
        .order_by("course__title", "resource__name", "resource_type__name")
        .distinct()
    )
    by_course: dict[Course, list[str]] = defaultdict(list)
    for need in needs:
        by_course[need.course].append(str(need.resource or need.resource_type))
    known = standings(user=user, courses=by_course, today=now.astimezone(lab_zone()).date())
    return [
        Demand(standing=known[course.pk], resources=tuple(names))
        for course, names in by_course.items()
    ]


def managed_qualifications(
    *, viewer: User, word: str = "", course_id: UUID | None = None, state: str = "", today: date
) -> "QuerySet[Qualification]":
    """Certificates of the courses that the viewer looks after or gives, newest first."""
    own = managed_courses(viewer).values("pk")
    found = Qualification.objects.filter(
        Q(course__in=own) | Q(course__instructors=viewer)
    ).select_related("user", "course")
    for part in word.replace("\x00", "").split()[:4]:
        found = found.filter(
            Q(user__first_name__icontains=part)
            | Q(user__last_name__icontains=part)
            | Q(user__username__icontains=part)
            | Q(certificate__icontains=part)
        )
    if course_id is not None:
        found = found.filter(course__public_id=course_id)
    conditions = {
        "revoked": Q(revoked_at__isnull=False),
        "expired": Q(revoked_at=None, expires_on__lt=today),
        "ending": Q(revoked_at=None, expires_on__range=(today, today + WARNING)),
        "valid": Q(revoked_at=None) & (Q(expires_on=None) | Q(expires_on__gte=today)),
    }
    found = found.filter(conditions.get(state, Q()))
    return found.distinct().order_by("-passed_on", "-pk")


def required_standings(
    *, user: User, today: date, resource_ids: Iterable[UUID] | None = None
) -> dict[UUID, list[Standing]]:
    """How a person stands in what instruments require, by instrument, in two queries.

    What somebody teaches is not asked of them. What requires nothing is left out.
    """
    needs = TrainingRequirement.objects.exclude(course__instructors=user).select_related("course")
    if resource_ids is not None:
        wanted = list(resource_ids)
        needs = needs.filter(
            Q(resource__public_id__in=wanted) | Q(resource_type__resources__public_id__in=wanted)
        )
    by_resource: dict[UUID, dict[int, Course]] = defaultdict(dict)
    members = Coalesce("resource__public_id", "resource_type__resources__public_id")
    for need in needs.annotate(required_for=members).order_by("course__title", "pk"):
        if need.required_for is not None:
            by_resource[need.required_for][need.course_id] = need.course
    courses = {key: course for found in by_resource.values() for key, course in found.items()}
    known = standings(user=user, courses=courses.values(), today=today)
    return {resource: [known[key] for key in found] for resource, found in by_resource.items()}


def own_qualifications(viewer: User) -> "QuerySet[Qualification]":
    """A person's certificates, revoked ones too, newest first."""
    found = Qualification.objects.filter(user=viewer).select_related("user", "course")
    return found.order_by("-passed_on", "-pk")


def find_qualification(*, viewer: User, public_id: UUID) -> Qualification | None:
    """A certificate that is the viewer's, or of a course that they give or look after."""
    found = (
        Qualification.objects.filter(public_id=public_id)
        .select_related("user", "course", "given_by")
        .prefetch_related("course__instructors", "course__required_by__resource")
        .first()
    )
    if found is None or found.user_id == viewer.pk:
        return found
    teaches = any(each.pk == viewer.pk for each in found.course.instructors.all())
    return found if teaches or can_manage_course(viewer, found.course) else None


def verify_code(*, code: str, today: date) -> Verified | None:
    """What a check code stands for: name, course and whether it counts; nothing else is told."""
    cleaned = "".join(letter for letter in code.lower() if letter.isalnum())[:12]
    found = (
        Qualification.objects.filter(check_code=cleaned).select_related("user", "course").first()
        if cleaned
        else None
    )
    if found is None:
        return None
    if found.revoked_at is not None:
        state, until = "revoked", None
    else:
        standing = standing_of(found.course, [found], today)
        state, until = standing.state.value, standing.until
    return Verified(name=found.user.full_name, course=found.course.title, state=state, until=until)


def ending_qualifications(*, today: date, limit: int) -> dict[int, date]:
    """Certificates to be reminded of, by key, with the last day on which they count."""
    with connection.cursor() as cursor:
        cursor.execute(
            ENDING,
            {
                "zone": str(lab_zone()),
                "today": today,
                "days": WARNING.days,
                "limit": limit,
            },
        )
        return dict(cursor.fetchall())
