"""Courses: what can be learnt, what comes before what, and what asks for it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import User
from accounts.permissions import places
from booking.enums import Delivery
from booking.models import Course, Resource, TrainingRequirement
from booking.queries.places import in_places, shown_to


def _with_details(found: "QuerySet[Course]") -> "QuerySet[Course]":
    needs = TrainingRequirement.objects.select_related("resource", "resource_type")
    return found.prefetch_related(
        "instructors", "prerequisites", Prefetch("required_by", queryset=needs)
    )


def listed_courses(*, viewer: User, word: str = "", kind: str = "") -> "QuerySet[Course]":
    """The courses on offer by title; who looks after them sees closed ones too."""
    own = managed_courses(viewer).values("pk")
    found = Course.objects.filter(Q(is_active=True) | Q(pk__in=own) | Q(instructors=viewer))
    for part in word.replace("\x00", "").split()[:4]:
        found = found.filter(Q(title__icontains=part) | Q(description__icontains=part))
    if kind:
        found = found.filter(kind=kind)
    return found.distinct().order_by("-is_active", "title")


def find_course(*, viewer: User, public_id: UUID) -> Course | None:
    """A course that the viewer may see, with its people and what asks for it."""
    found = _with_details(listed_courses(viewer=viewer).filter(public_id=public_id)).first()
    if found is not None:
        return found
    # Who has learnt it once may still read what it was.
    own = Course.objects.filter(public_id=public_id, qualifications__user=viewer).distinct()
    return _with_details(own).first()


def managed_courses(viewer: User) -> "QuerySet[Course]":
    """The courses that are asked for only where the viewer looks after training."""
    held = places(viewer, "training.manage")
    if held.everywhere:
        return Course.objects.all()
    if not held:
        return Course.objects.none()
    own = TrainingRequirement.objects.filter(
        in_places(viewer, "training.manage") | Q(resource_type__in=held.type_ids)
    ).values("pk")
    others = TrainingRequirement.objects.exclude(pk__in=own).values("course")
    return Course.objects.filter(required_by__in=own).exclude(pk__in=others).distinct()


def given_courses(viewer: User) -> "QuerySet[Course]":
    """The courses on offer that the viewer gives or looks after, by title."""
    own = managed_courses(viewer).values("pk")
    found = Course.objects.filter(Q(pk__in=own) | Q(instructors=viewer), is_active=True)
    return found.distinct().order_by("title")


def courses_for(resource_id: int, type_id: int) -> "QuerySet[Course]":
    """What a resource asks for, by itself or as one of its type, by title."""
    needs = TrainingRequirement.objects.filter(
        Q(resource=resource_id) | Q(resource_type=type_id)
    ).values("course")
    return Course.objects.filter(pk__in=needs).order_by("title")


def training_resources(*, viewer: User, now: datetime) -> "QuerySet[Resource]":
    """The instruments that the viewer finds and that ask for a course given in person, by name."""
    needs = TrainingRequirement.objects.filter(
        course__is_active=True, course__delivery=Delivery.IN_PERSON
    )
    asking = Q(pk__in=needs.values("resource")) | Q(resource_type__in=needs.values("resource_type"))
    found = Resource.objects.filter(asking, is_active=True)
    if in_places(viewer, "resource.manage", resource=""):
        found = found.filter(shown_to(viewer, now=now))
    return found.order_by("name")


def circle_through(*, course_id: int, before: Iterable[int]) -> list[int]:
    """The way from a course back to itself, if these came before it; empty where there is none.

    Reads who comes before whom once, however long the way.
    """
    comes_before: dict[int, set[int]] = {}
    for later, earlier in Course.prerequisites.through.objects.values_list(
        "from_course", "to_course"
    ):
        comes_before.setdefault(later, set()).add(earlier)
    comes_before[course_id] = set(before)
    ways = [[course_id, each] for each in sorted(comes_before[course_id])]
    seen: set[int] = set()
    while ways:
        way = ways.pop()
        here = way[-1]
        if here == course_id:
            return way
        if here not in seen:
            seen.add(here)
            ways += [[*way, each] for each in sorted(comes_before.get(here, ()))]
    return []


def seen_needs(*, viewer: User, course: Course, now: datetime) -> list[TrainingRequirement]:
    """What asks for a course, as far as the viewer may see it, of a course found with its needs."""
    needs = list(course.required_by.all())
    hidden = {need.resource_id for need in needs if need.resource and need.resource.is_hidden}
    seen = seen_hidden(viewer=viewer, keys=hidden, now=now) if hidden else set()
    return [need for need in needs if need.resource_id not in hidden - seen]


def seen_hidden(*, viewer: User, keys: Iterable[int | None], now: datetime) -> set[int | None]:
    """Those of some hidden resources that the viewer finds all the same."""
    found = Resource.objects.filter(pk__in=[key for key in keys if key is not None])
    if in_places(viewer, "resource.manage", resource=""):
        found = found.filter(shown_to(viewer, now=now))
    return set(found.values_list("pk", flat=True))
