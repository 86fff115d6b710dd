"""Sessions of courses: planning, places, results."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from booking.enums import SeatState
from booking.errors import BookingError, NotAllowed
from booking.forms.bookings import ReasonForm, show_refusals
from booking.forms.training import PlaceForm, ResultsForm, SessionChangeForm, SessionForm
from booking.models import TrainingSession
from booking.permissions import can_give_course, can_run_session
from booking.queries.qualifications import lacked_before
from booking.queries.training_sessions import Places, find_session, places_of
from booking.services.training_seats import Result, record_results, sign_off, sign_up
from booking.services.training_sessions import (
    SessionPlan,
    cancel_session,
    change_session,
    schedule_session,
)
from booking.views._pages import raise_missing, reader, say_error
from booking.views.courses import seen_course
from labitory.lib.clock import now as clock_now
from labitory.lib.formats import say_zone
from labitory.lib.http import lab_zone


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Plan a session of a course."""
    course, actor = seen_course(request, public_id), reader(request)
    require(can_give_course(actor, course), "training.manage")
    if request.method == "POST":
        form = SessionForm(request.POST, course=course, actor=actor)
        status = 422
        if form.is_valid():
            try:
                made = schedule_session(
                    actor=actor,
                    course_id=course.public_id,
                    plan=SessionPlan(**form.plan),
                    now=clock_now(),
                )
            except NotAllowed as error:
                raise_missing(error)
            except BookingError as error:
                show_refusals(form, error)
                status = error.status
            else:
                messages.success(request, _("The session is planned: people can sign up."))
                return redirect("booking:training_session", made.public_id)
    else:
        status = 200
        initial = {"seats": course.seats, "instructor": str(actor.public_id)}
        form = SessionForm(initial=initial, course=course, actor=actor)
    context = {"course": course, "form": form, "zone": say_zone(clock_now())}
    return render(request, "booking/training/session_new.html", context, status=status)


@login_required
@require_safe
def session(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One session: when, where, who has a place, and what can be done."""
    return _show(request, _found(request, public_id))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Change when, where, by whom and for how many a session to come is given."""
    found, status = _run(request, public_id), 200
    names = ("start_time", "end_time", "location", "seats")
    initial = {name: getattr(found, name) for name in names}
    form = SessionChangeForm(
        request.POST if request.method == "POST" else None,
        initial={**initial, "instructor": str(found.instructor.public_id)},
        course=found.course,
        session=found,
    )
    if request.method == "POST":
        status = 422
        if form.is_valid():
            plan = SessionPlan(**form.plan)
            try:
                change_session(
                    actor=reader(request), session_id=public_id, plan=plan, now=clock_now()
                )
            except BookingError as error:
                show_refusals(form, error)
                status = error.status
            else:
                messages.success(
                    request, _("The session is changed, and everybody whom it concerns is told.")
                )
                return redirect("booking:training_session", public_id)
    context = {
        "session": found,
        "course": found.course,
        "form": form,
        "zone": say_zone(clock_now()),
        "can_be": found.cancelled_at is None and found.start_time > clock_now(),
    }
    return render(request, "booking/training/session_edit.html", context, status=status)


@login_required
@require_POST
def session_sign_up(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a place, or one on the waiting list."""

    def act() -> str:
        seat = sign_up(actor=reader(request), session_id=public_id, now=clock_now())
        if seat.state == SeatState.WAITING:
            return _("All places are taken: you are on the waiting list and move up by yourself.")
        return _("You have a place. It stands in My training.")

    return _act(request, public_id, act)


@login_required
@require_POST
def session_sign_off(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Give one's place back."""

    def act() -> str:
        sign_off(actor=reader(request), session_id=public_id, now=clock_now())
        return _("Your place is given back.")

    return _act(request, public_id, act)


@login_required
@require_POST
def session_add(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Sign somebody else up."""
    found, form = _run(request, public_id), PlaceForm(request.POST)
    if not form.is_valid():
        return _show(request, found, place_form=form, status=422)
    try:
        seat = sign_up(
            actor=reader(request),
            session_id=public_id,
            user=form.cleaned_data["user"],
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _show(request, found, place_form=form, status=error.status)
    words = {"user": seat.user, "state": seat.get_state_display()}
    messages.success(request, _("%(user)s: %(state)s.") % words)
    return redirect("booking:training_session", public_id)


@login_required
@require_POST
def session_remove(request: HttpRequest, public_id: UUID, user_id: UUID) -> HttpResponse:
    """Take somebody off a session; the next who waits moves up."""
    found = _run(request, public_id)
    person = found.places.filter(user__public_id=user_id).select_related("user").first()
    if person is None:
        raise Http404

    def act() -> str:
        sign_off(actor=reader(request), session_id=public_id, user=person.user, now=clock_now())
        return _("%(user)s is taken off the session.") % {"user": person.user}

    return _act(request, public_id, act)


@login_required
@require_POST
def session_cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Call a session off; everybody with a place is told."""
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""

    def act() -> str:
        cancel_session(actor=reader(request), session_id=public_id, now=clock_now(), reason=reason)
        return _("The session is called off, and everybody with a place is told.")

    return _act(request, public_id, act)


@login_required
@require_POST
def session_results(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Record what came of people."""
    found = _run(request, public_id)
    form = _results_form(request, found, places_of(found), request.POST)
    if not form.is_valid():
        return _show(request, found, results_form=form, status=422)
    try:
        seats = record_results(
            actor=reader(request),
            session_id=public_id,
            results=[Result(**each) for each in form.results],
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _show(request, found, results_form=form, status=error.status)
    messages.success(request, _("Results recorded: %(n)s.") % {"n": len(seats)})
    return redirect("booking:training_session", public_id)


def _found(request: HttpRequest, public_id: UUID) -> TrainingSession:
    """A session that the reader may see; another is as good as none."""
    found = find_session(viewer=reader(request), public_id=public_id)
    if found is None:
        raise Http404
    return found


def _run(request: HttpRequest, public_id: UUID) -> TrainingSession:
    found = _found(request, public_id)
    require(can_run_session(reader(request), found), "training.manage")
    return found


def _results_form(
    request: HttpRequest,
    found: TrainingSession,
    places: Places,
    data: Any = None,  # noqa: ANN401 - a query
) -> ResultsForm:
    return ResultsForm(data, session=found, seats=places.seated, reader=reader(request))


def _act(request: HttpRequest, public_id: UUID, act: Callable[[], str]) -> HttpResponse:
    _found(request, public_id)
    try:
        done = act()
    except BookingError as error:
        say_error(request, error)
    else:
        messages.success(request, done)
    return redirect("booking:training_session", public_id)


def _show(
    request: HttpRequest,
    found: TrainingSession,
    *,
    place_form: PlaceForm | None = None,
    results_form: ResultsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    viewer, now = reader(request), clock_now()
    runs = can_run_session(viewer, found)
    has_begun = found.start_time <= now
    places = places_of(found) if runs else None
    if places and has_begun and found.cancelled_at is None:
        results_form = results_form or _results_form(request, found, places)
    today = now.astimezone(lab_zone()).date()
    courses = [] if has_begun else [found.course]
    lacked = lacked_before(user=viewer, courses=courses, today=today)
    context = {
        "session": found,
        "course": found.course,
        "lacks": lacked.get(found.course_id),
        "runs": runs,
        "has_begun": has_begun,
        "is_over": found.end_time <= now,
        "places": places,
        "place_form": place_form or PlaceForm(),
        "results_form": results_form,
    }
    return render(request, "booking/training/session.html", context, status=status)
