"""What the endpoints of training look up: what the asker may not see is not there."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.request import Request

from accounts.models import User
from booking.api.v1._answers import asker, told_as_problems
from booking.api.v1._training_shapes import CourseWish, PlaceWish, course_out, session_out
from booking.enums import CourseKind, Delivery
from booking.errors import NotAllowed
from booking.models import Course, Qualification, Resource, TrainingSession
from booking.permissions import can_give_course, can_run_session
from booking.queries.courses import find_course, seen_hidden
from booking.queries.qualifications import find_qualification, standings
from booking.queries.resources import find_resource
from booking.queries.training_sessions import find_session
from booking.services.courses import CourseDetails
from labitory.lib.clock import now as clock_now
from labitory.lib.http import lab_zone

_LISTS = {
    "prerequisites": "prerequisite_ids",
    "instructors": "instructor_ids",
    "resources": "resource_ids",
    "types": "type_ids",
}


def today() -> date:
    """The lab's day."""
    return clock_now().astimezone(lab_zone()).date()


def seen_course(viewer: User, public_id: UUID) -> Course:
    """A course that the viewer may see."""
    found = find_course(viewer=viewer, public_id=public_id)
    if found is None:
        raise Http404
    return found


def seen_session(viewer: User, public_id: UUID) -> TrainingSession:
    """A session that the viewer may see."""
    found = find_session(viewer=viewer, public_id=public_id)
    if found is None:
        raise Http404
    return found


def seen_qualification(viewer: User, public_id: UUID) -> Qualification:
    """A certificate that the viewer may see."""
    found = find_qualification(viewer=viewer, public_id=public_id)
    if found is None:
        raise Http404
    return found


def seen_resource(viewer: User, public_id: UUID) -> Resource:
    """An instrument that is open and that the viewer may see."""
    found = find_resource(public_id)
    if found is None or not found.is_active:
        raise Http404
    if found.is_hidden and not seen_hidden(viewer=viewer, keys=[found.pk], now=clock_now()):
        raise Http404
    return found


def known_person(public_id: UUID) -> User:
    """Somebody with an open account."""
    found = User.objects.filter(public_id=public_id, is_active=True).first()
    if found is None:
        raise Http404
    return found


def named_person(request: Request, session_id: UUID) -> User | None:
    """Whom a place is for: only who runs the session may name another."""
    body = PlaceWish(data=request.data)
    body.is_valid(raise_exception=True)
    session = seen_session(asker(request), session_id)
    wanted = body.validated_data.get("user")
    if wanted in (None, asker(request).public_id):
        return None
    with told_as_problems():
        if not can_run_session(asker(request), session):
            raise not_theirs()
    return known_person(wanted)


def trainee_of(actor: User, course: Course, wanted: UUID | None) -> User:
    """Who is to be trained: only who gives the course may name another."""
    if wanted in (None, actor.public_id):
        return actor
    with told_as_problems():
        if not can_give_course(actor, course):
            raise not_theirs()
    return known_person(wanted) if wanted else actor


def not_theirs() -> NotAllowed:
    """The no to naming others."""
    return NotAllowed(
        code="permission.course_give",
        text=_("Only those who give a course act for others."),
        needs="training.manage",
    )


def told_course(viewer: User, course: Course) -> dict[str, Any]:
    """A course with how the viewer stands in it."""
    known = standings(user=viewer, courses=[course], today=today())
    return course_out(course, known[course.pk])


def told_session(viewer: User, public_id: UUID) -> dict[str, Any]:
    """A session as it stands now."""
    return session_out(seen_session(viewer, public_id))


def details_of(request: Request) -> CourseDetails:
    """What is written about a course."""
    wish = CourseWish(data=request.data)
    wish.is_valid(raise_exception=True)
    values: dict[str, Any] = dict(wish.validated_data)
    for name, listed in _LISTS.items():
        values[listed] = tuple(values.pop(name, ()))
    for name, kind in (("kind", CourseKind), ("delivery", Delivery)):
        if name in values:
            values[name] = kind(values[name])
    return CourseDetails(**values)
