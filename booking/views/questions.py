"""What is asked at an instrument, or at all of a type: the list, adding, changing, the order."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import needs, require
from accounts.permissions import Where
from booking.errors import BookingError
from booking.forms.bookings import show_refusals
from booking.forms.questions import QuestionForm, initial_of
from booking.models import Question, Resource, ResourceType
from booking.permissions import can_manage_resource, can_manage_type, where_of
from booking.queries.questions import find_question, questions_of
from booking.queries.scopes import find_type
from booking.services.questions import (
    QuestionDetails,
    add_question,
    change_question,
    move_question,
)
from booking.views._pages import reader, say_error
from booking.views._resource_page import known_resource
from labitory.lib.clock import now as clock_now


@needs("resource.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def resource_questions(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is asked at one instrument, and a form for one question more."""
    resource = known_resource(public_id)
    _require(request, resource, None)
    return _list(request, resource, None)


@needs("resource.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def type_questions(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is asked at every instrument of a type, and a form for one question more."""
    kind = find_type(public_id)
    if kind is None:
        raise Http404
    _require(request, None, kind)
    return _list(request, None, kind)


@needs("resource.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def question_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask it in other words, or no longer."""
    question = _managed(request, public_id)
    if request.method != "POST":
        return _show_edit(request, question, QuestionForm(initial=initial_of(question)))
    form = QuestionForm(request.POST)
    if not form.is_valid():
        return _show_edit(request, question, form, status=422)
    try:
        change_question(
            actor=reader(request),
            question_id=public_id,
            details=QuestionDetails(**form.details),
            now=clock_now(),
        )
    except BookingError as error:
        show_refusals(form, error)
        return _show_edit(request, question, form, status=error.status)
    messages.success(request, _("The question is saved."))
    return redirect(_address(question.resource, question.resource_type))


@needs("resource.manage")
@require_POST
def question_move(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One place earlier or later."""
    question = _managed(request, public_id)
    try:
        up = request.POST.get("to") != "later"
        move_question(actor=reader(request), question_id=public_id, up=up, now=clock_now())
    except BookingError as error:
        say_error(request, error)
    return redirect(_address(question.resource, question.resource_type))


def _managed(request: HttpRequest, public_id: UUID) -> Question:
    question = find_question(public_id)
    if question is None:
        raise Http404
    _require(request, question.resource, question.resource_type)
    return question


def _require(request: HttpRequest, resource: Resource | None, kind: ResourceType | None) -> None:
    viewer = reader(request)
    if resource is not None:
        allowed, where = can_manage_resource(viewer, resource), where_of(resource)
    else:
        key = kind.pk if kind else None
        allowed, where = can_manage_type(viewer, key), Where(type_id=key)
    require(allowed, "resource.manage", where)


def _list(
    request: HttpRequest, resource: Resource | None, kind: ResourceType | None
) -> HttpResponse:
    form = QuestionForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                add_question(
                    actor=reader(request),
                    resource=resource,
                    kind=kind,
                    details=QuestionDetails(**form.details),
                    now=clock_now(),
                )
            except BookingError as error:
                show_refusals(form, error)
                status = error.status
            else:
                messages.success(request, _("The question is added."))
                return redirect(_address(resource, kind))
    of_type = questions_of(kind=resource.resource_type) if resource else ()
    context = {
        "resource": resource,
        "type": kind,
        "questions": questions_of(resource=resource, kind=kind),
        "of_type": of_type,
        "form": form,
    }
    return render(request, "booking/questions/list.html", context, status=status)


def _show_edit(
    request: HttpRequest, question: Question, form: QuestionForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "question": question,
        "form": form,
        "back": _address(question.resource, question.resource_type),
    }
    return render(request, "booking/questions/edit.html", context, status=status)


def _address(resource: Resource | None, kind: ResourceType | None) -> str:
    """Where the questions of a place are listed."""
    if resource is not None:
        return reverse("booking:resource_questions", args=[resource.public_id])
    if kind is None:
        raise Http404
    return reverse("booking:type_questions", args=[kind.public_id])
