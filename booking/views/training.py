"""What I have learnt, and asking for a training on an instrument."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from booking.enums import Delivery
from booking.errors import ActionRefused, BookingError, NotAllowed
from booking.forms.training import MatchForm
from booking.models import Course, Resource
from booking.permissions import can_give_course
from booking.queries.choices import meant_resources
from booking.queries.courses import courses_for, given_courses, seen_hidden, training_resources
from booking.queries.qualifications import demanded, lacked_before, own_standings
from booking.queries.trainer_matches import TrainerSlot, trainer_slots, trainers_of
from booking.queries.training_sessions import own_sessions, taught_sessions, upcoming_sessions
from booking.services.trainer_matches import Match, arrange_training
from booking.views._pages import page_of, raise_missing, reader
from labitory.lib.clock import now as clock_now
from labitory.lib.http import lab_zone
from labitory.lib.periods import Period

SHOWN = 10
PAGE_SIZE = 50
USUAL_MINUTES = 60


@login_required
@require_safe
def training(request: HttpRequest) -> HttpResponse:
    """What the reader has passed, what their instruments ask for, and the next sessions."""
    viewer, now = reader(request), clock_now()
    today = now.astimezone(lab_zone()).date()
    sessions = list(upcoming_sessions(viewer=viewer, now=now)[:SHOWN])
    lacked = lacked_before(user=viewer, courses={each.course for each in sessions}, today=today)
    context = {
        "have": own_standings(user=viewer, today=today),
        "demands": demanded(user=viewer, now=now),
        "mine": own_sessions(viewer=viewer, now=now)[:SHOWN],
        "taught": taught_sessions(viewer=viewer)[:SHOWN],
        "sessions": [(each, lacked.get(each.course_id)) for each in sessions],
        "gives": given_courses(viewer).exists(),
        "now": now,
    }
    return render(request, "booking/training/mine.html", context)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the page of a match is about."""

    resource: Resource
    courses: list[Course]
    course: Course | None
    trainers: list[User]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def training_match(request: HttpRequest) -> HttpResponse:
    """Times at which a trainer, the instrument and the trainee are free; one tap books all."""
    actor, now = reader(request), clock_now()
    data = request.POST if request.method == "POST" else request.GET
    if request.method != "POST" and not data.get("resource"):
        found = training_resources(viewer=actor, now=now)
        context = {"page": page_of(request, found, PAGE_SIZE)}
        return render(request, "booking/training/instruments.html", context)
    asked = _asked(actor, data.get("resource", ""), data.get("course", ""))
    form = _form(asked, actor, data)
    if request.method == "POST" and form.is_valid():
        return _arrange(request, asked, form, now)
    return _show(request, asked, form, now, status=422 if request.method == "POST" else 200)


def _asked(actor: User, word: str, course_word: str) -> _Asked:
    resource = meant_resources([word]).get(word)
    if resource is None or not resource.is_active:
        raise Http404
    if resource.is_hidden and not seen_hidden(viewer=actor, keys=[resource.pk], now=clock_now()):
        raise Http404
    courses = [
        each
        for each in courses_for(resource.pk, resource.resource_type_id)
        .filter(is_active=True)
        .prefetch_related("instructors")
        if each.delivery == Delivery.IN_PERSON
    ]
    chosen = [each for each in courses if str(each.public_id) == course_word] or courses[:1]
    course = chosen[0] if chosen else None
    return _Asked(
        resource=resource,
        courses=courses,
        course=course,
        trainers=trainers_of(course, actor) if course else [],
    )


def _form(asked: _Asked, actor: User, data: Any) -> MatchForm:  # noqa: ANN401 - a query
    typed = data.copy()
    typed.setdefault("minutes", str(USUAL_MINUTES))
    if asked.course is not None:
        typed["course"] = str(asked.course.public_id)
    return MatchForm(
        typed,
        courses=asked.courses,
        trainers=asked.trainers,
        may_ask_for_others=asked.course is not None and can_give_course(actor, asked.course),
    )


def _arrange(request: HttpRequest, asked: _Asked, form: MatchForm, now: datetime) -> HttpResponse:
    actor = reader(request)
    try:
        session = arrange_training(
            actor=actor, trainee=_trainee(form, actor), match=_picked(request, asked, form), now=now
        )
    except NotAllowed as error:
        raise_missing(error)
    except BookingError as error:
        for refusal in error.refusals:
            form.add_error(None, refusal.text)
        return _show(request, asked, form, now, status=error.status)
    messages.success(request, _("Booked: trainer, instrument and your training."))
    return redirect("booking:training_session", session.public_id)


def _picked(request: HttpRequest, asked: _Asked, form: MatchForm) -> Match:
    """What the pressed button said: `trainer|start`; the end follows from the length."""
    parts = request.POST.get("pick", "").split("|")
    try:
        trainer, start = UUID(parts[0]), datetime.fromisoformat(parts[1])
        end = start + _length(form)
    except (ValueError, IndexError, OverflowError):
        start = None
    if start is None or start.tzinfo is None or asked.course is None:
        raise ActionRefused(
            code="training.pick", text=_("Choose one of the times offered."), status=422
        )
    return Match(
        course_id=asked.course.public_id,
        resource_id=asked.resource.public_id,
        trainer_id=trainer,
        period=Period(start, end),
    )


def _trainee(form: MatchForm, actor: User) -> User:
    user: User | None = form.cleaned_data.get("user")
    return user or actor


def _length(form: MatchForm) -> timedelta:
    return timedelta(minutes=form.cleaned_data.get("minutes") or USUAL_MINUTES)


def _slots(asked: _Asked, form: MatchForm, actor: User, now: datetime) -> list[TrainerSlot]:
    trainee = _trainee(form, actor)
    wanted = form.cleaned_data.get("trainer")
    return trainer_slots(
        trainers=[
            each
            for each in asked.trainers
            if each.pk != trainee.pk and wanted in ("", str(each.public_id))
        ],
        resource=asked.resource,
        trainee=trainee,
        length=_length(form),
        now=now,
    )


def _show(
    request: HttpRequest, asked: _Asked, form: MatchForm, now: datetime, *, status: int = 200
) -> HttpResponse:
    is_valid = asked.course is not None and ("course" in getattr(form, "cleaned_data", {}))
    if not is_valid and asked.course is not None:
        is_valid = form.is_valid()
    slots = _slots(asked, form, reader(request), now) if is_valid else []
    context = {
        "resource": asked.resource,
        "course": asked.course,
        "form": form,
        "slots": slots,
        "trainers": asked.trainers,
        "now": now,
    }
    return render(request, "booking/training/match.html", context, status=status)
