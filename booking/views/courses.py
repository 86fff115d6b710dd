"""Courses: the list, one course, and its editor."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import needs, require
from audit.queries.logs import history_lines
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.courses import CourseFilterForm, CourseForm, as_typed
from booking.models import Course
from booking.permissions import can_give_course, can_manage_course, may_somewhere
from booking.queries.courses import find_course, listed_courses, seen_needs
from booking.queries.qualifications import standings
from booking.queries.training_sessions import past_sessions, upcoming_sessions
from booking.services.courses import CourseDetails, change_course, create_course
from booking.views._pages import page_of, reader
from labitory.lib.clock import now as clock_now
from labitory.lib.http import lab_zone

PAGE_SIZE = 25
SESSIONS_SHOWN = 20


@login_required
@require_safe
def course_list(request: HttpRequest) -> HttpResponse:
    """What can be learnt here, and how the reader stands in it."""
    viewer, form = reader(request), CourseFilterForm(request.GET)
    filters = form.cleaned_data if form.is_valid() else {}
    found = listed_courses(viewer=viewer, word=filters.get("q", ""), kind=filters.get("kind", ""))
    page = page_of(request, found, PAGE_SIZE)
    shown = list(page.object_list)
    today = clock_now().astimezone(lab_zone()).date()
    known = standings(user=viewer, courses=shown, today=today)
    context = {
        "page": page,
        "rows": [(each, known[each.pk]) for each in shown],
        "form": form,
        "may_add": may_somewhere(viewer, "training.manage"),
        "is_filtered": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "booking/courses/list.html", context)


@login_required
@require_safe
def course_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One course: what it asks, what it opens, its sessions, and how the reader stands."""
    course, viewer, now = seen_course(request, public_id), reader(request), clock_now()
    gives = can_give_course(viewer, course)
    sessions = upcoming_sessions(viewer=viewer, now=now, course=course)
    before, today = list(course.prerequisites.all()), now.astimezone(lab_zone()).date()
    known = standings(user=viewer, courses=[course, *before], today=today)
    context = {
        "course": course,
        "standing": known[course.pk],
        "before": [known[each.pk] for each in before],
        "lacks": [each for each in before if not known[each.pk].counts],
        "sessions": sessions[:SESSIONS_SHOWN],
        "past": past_sessions(viewer=viewer, course=course, now=now)[:10] if gives else (),
        "needs": seen_needs(viewer=viewer, course=course, now=now),
        "gives": gives,
        "manages": can_manage_course(viewer, course),
        "history": history_lines(target=course, limit=10) if gives else (),
    }
    return render(request, "booking/courses/detail.html", context)


@needs("training.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def course_new(request: HttpRequest) -> HttpResponse:
    """Add a course."""
    return _edit(request, None)


@needs("training.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def course_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change a course."""
    course = seen_course(request, public_id)
    require(can_manage_course(reader(request), course), "training.manage")
    return _edit(request, course)


def seen_course(request: HttpRequest, public_id: UUID) -> Course:
    """A course that the reader may see; another is as good as none."""
    course = find_course(viewer=reader(request), public_id=public_id)
    if course is None:
        raise Http404
    return course


def _edit(request: HttpRequest, course: Course | None) -> HttpResponse:
    actor = reader(request)
    shape: dict[str, Any] = {
        "actor": actor,
        "others": list(listed_courses(viewer=actor)),
        "course": course,
    }
    if request.method != "POST":
        initial = as_typed(course) if course else {}
        return _show(request, course, CourseForm(initial=initial, **shape))
    form = CourseForm(request.POST, **shape)
    if not form.is_valid():
        return _show(request, course, form, status=422)
    details = CourseDetails(**form.details)
    try:
        if course is None:
            made = create_course(actor=actor, details=details, now=clock_now())
        else:
            made = change_course(
                actor=actor, course_id=course.public_id, details=details, now=clock_now()
            )
    except BookingError as error:
        show_refusals(form, error)
        return _show(request, course, form, status=error.status)
    messages.success(request, _("The course is saved."))
    return redirect("booking:course_detail", made.public_id)


def _show(
    request: HttpRequest, course: Course | None, form: CourseForm, *, status: int = 200
) -> HttpResponse:
    context = {"course": course, "form": form}
    return render(request, "booking/courses/edit.html", context, status=status)
