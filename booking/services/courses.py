"""Writing courses: what is taught, by whom, what comes before, and what asks for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import CourseKind, Delivery
from booking.errors import NotAllowed
from booking.locks import lock_courses
from booking.models import Course, Resource, ResourceType, TrainingRequirement
from booking.permissions import can_require_course
from booking.queries.courses import circle_through
from booking.services._training import refused, require_course_manager
from labitory.lib.db import constraint_of, run_transaction

MOST_SEATS = 500
MOST_DAYS = 3660


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseDetails:
    """All that is written about a course; people, courses, resources and types by public id."""

    title: str
    description: str = ""
    kind: CourseKind = CourseKind.INSTRUMENT
    delivery: Delivery = Delivery.IN_PERSON
    valid_days: int | None = None
    decay_days: int | None = None
    pass_mark: int | None = None
    seats: int = 4
    is_active: bool = True
    prerequisite_ids: tuple[UUID, ...] = ()
    instructor_ids: tuple[UUID, ...] = ()
    resource_ids: tuple[UUID, ...] = ()
    type_ids: tuple[UUID, ...] = ()


_PLAIN = (
    "title",
    "description",
    "kind",
    "delivery",
    "valid_days",
    "decay_days",
    "pass_mark",
    "seats",
    "is_active",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """What a course's details name, as rows."""

    prerequisites: list[Course]
    instructors: list[User]
    resources: list[Resource]
    types: list[ResourceType]

    def told(self) -> dict[str, list[str]]:
        """Everything by name, for the audit."""
        return {
            "prerequisites": sorted(str(each) for each in self.prerequisites),
            "instructors": sorted(str(each) for each in self.instructors),
            "required_by": sorted(str(each) for each in (*self.resources, *self.types)),
        }


def create_course(*, actor: User, details: CourseDetails, now: datetime) -> Course:
    """Add a course. Raises `NotAllowed` and `ActionRefused`."""

    def work() -> Course:
        lock_courses()
        named = _named(details)
        _require_places(actor, named)
        course = Course()
        changes = _apply(course, details)
        course.save(force_insert=True)
        told = _write_named(course, named, None)
        record(
            action="course.created",
            actor=actor,
            target=course,
            now=now,
            changes={name: (None, after) for name, (_before, after) in {**changes, **told}.items()},
        )
        return course

    return _with_title(work)


def change_course(*, actor: User, course_id: UUID, details: CourseDetails, now: datetime) -> Course:
    """Change a course; certificates keep the end that they were given with.

    Raises `Course.DoesNotExist`, `NotAllowed` and `ActionRefused` (422, also for a circle).
    """

    def work() -> Course:
        lock_courses()
        course = Course.objects.get(public_id=course_id)
        require_course_manager(actor, course)
        named = _named(details)
        _require_places(actor, named)
        _require_no_circle(course, named.prerequisites)
        before = _standing(course)
        changes = _apply(course, details)
        course.save(update_fields=list(_PLAIN))
        changes |= _write_named(course, named, before)
        record(action="course.changed", actor=actor, target=course, now=now, changes=changes)
        return course

    return _with_title(work)


def _with_title(work: Callable[[], Course]) -> Course:
    try:
        return run_transaction(work)
    except IntegrityError as error:
        if constraint_of(error) != "course_title_unique":
            raise
        raise refused(
            "course.title", _("There is a course of this name already: choose another."), "title"
        ) from error


def _apply(course: Course, details: CourseDetails) -> dict[str, tuple[Any, Any]]:
    _require_sound(details)
    values = {name: getattr(details, name) for name in _PLAIN}
    values["title"] = details.title.strip()
    changes = {
        name: (getattr(course, name), value)
        for name, value in values.items()
        if getattr(course, name) != value
    }
    for name, value in values.items():
        setattr(course, name, value)
    return changes


def _require_sound(details: CourseDetails) -> None:
    if not details.title.strip():
        raise refused("course.title", _("Give the course a title."), "title")
    if details.pass_mark is not None and not 0 <= details.pass_mark <= 100:  # noqa: PLR2004
        raise refused(
            "course.pass_mark", _("A pass mark lies between 0 and 100 percent."), "pass_mark"
        )
    if not 1 <= details.seats <= MOST_SEATS:
        raise refused(
            "course.seats",
            _("A session has between 1 and %(most)s seats.") % {"most": MOST_SEATS},
            "seats",
        )
    for name in ("valid_days", "decay_days"):
        days = getattr(details, name)
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise refused(
                "course.days", _("Choose between 1 and %(most)s days.") % {"most": MOST_DAYS}, name
            )


def _named(details: CourseDetails) -> _Named:
    def found(model: Any, ids: Sequence[UUID], field: str, **more: Any) -> list[Any]:  # noqa: ANN401
        rows = list(model.objects.filter(public_id__in=ids, **more))
        if len(rows) < len(set(ids)):
            raise refused("course.unknown", _("Choose from what there is."), field)
        return rows

    return _Named(
        prerequisites=found(Course, details.prerequisite_ids, "prerequisites"),
        instructors=found(User, details.instructor_ids, "instructors", is_active=True),
        resources=found(Resource, details.resource_ids, "resources"),
        types=found(ResourceType, details.type_ids, "types"),
    )


def _require_places(actor: User, named: _Named) -> None:
    if not can_require_course(actor, named.resources, [each.pk for each in named.types]):
        raise NotAllowed(
            code="permission.course",
            text=_(
                "You look after training in some places only: choose the instruments or types "
                "there that ask for the course, and no others."
            ),
            needs="training.manage",
        )


def _require_no_circle(course: Course, before: Sequence[Course]) -> None:
    way = circle_through(course_id=course.pk, before=[each.pk for each in before])
    if way:
        titles = dict(Course.objects.filter(pk__in=way).values_list("pk", "title"))
        raise refused(
            "course.circle",
            _("Nobody could ever begin: %(way)s. Leave one of them out.")
            % {"way": " → ".join(titles[key] for key in way)},
            "prerequisites",
        )


def _standing(course: Course) -> _Named:
    needs = course.required_by.select_related("resource", "resource_type")
    return _Named(
        prerequisites=list(course.prerequisites.all()),
        instructors=list(course.instructors.all()),
        resources=[need.resource for need in needs if need.resource is not None],
        types=[need.resource_type for need in needs if need.resource_type is not None],
    )


def _write_named(
    course: Course, named: _Named, before: _Named | None
) -> dict[str, tuple[Any, Any]]:
    course.prerequisites.set(named.prerequisites)
    course.instructors.set(named.instructors)
    needs = TrainingRequirement.objects.filter(course=course)
    needs.filter(resource__isnull=False).exclude(resource__in=named.resources).delete()
    needs.filter(resource_type__isnull=False).exclude(resource_type__in=named.types).delete()
    TrainingRequirement.objects.bulk_create(
        [
            *(TrainingRequirement(course=course, resource=each) for each in named.resources),
            *(TrainingRequirement(course=course, resource_type=each) for each in named.types),
        ],
        ignore_conflicts=True,
    )
    after = named.told()
    known = before.told() if before else {name: [] for name in after}
    return {name: (known[name], after[name]) for name in after if known[name] != after[name]}
