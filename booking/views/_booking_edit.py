"""Moving a booking and changing what it says: the page with both forms."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from booking.errors import BookingError
from booking.forms.bookings import (
    BookingTextsForm,
    RescheduleForm,
    attendee_words,
    show_refusals,
)
from booking.models import Booking
from booking.services.bookings import Charge, edit_booking, reschedule_booking
from booking.views._booking_form import (
    Answer,
    answer_context,
    ask_rules,
    page_context,
    picked,
    refuse,
)
from booking.views._pages import reader
from labitory.lib.formats import say_period


class EditPage:
    """The page that moves a booking."""

    def __init__(self, request: HttpRequest, booking: Booking, now: datetime) -> None:
        self.request, self.booking, self.now = request, booking, now
        self.actor = reader(request)
        data = picked(request.POST) if request.method == "POST" else _as_it_stands(request, booking)
        known = {booking.resource.code: booking.resource}
        self.form = RescheduleForm(data, actor=self.actor, known=known, booking=booking)

    def show(
        self,
        answer: Answer | None = None,
        *,
        status: int = 200,
        texts: BookingTextsForm | None = None,
    ) -> HttpResponse:
        """The page; without an answer the rules are asked about what the form says."""
        answer = answer or self._asked()
        context = {
            **page_context(
                form=self.form,
                actor=self.actor,
                now=self.now,
                answer=answer,
                payer=self.booking.user,
            ),
            **self._move(),
            "texts": texts or BookingTextsForm(initial=_texts_of(self.booking)),
        }
        return render(self.request, "booking/bookings/edit.html", context, status=status)

    def show_answer(self) -> HttpResponse:
        """Only what the rules say to the form as it stands."""
        answer = self._asked()
        context = answer_context(form=self.form, actor=self.actor, now=self.now, answer=answer)
        return render(self.request, "booking/bookings/_live.html", {**context, **self._move()})

    def _asked(self) -> Answer | None:
        if not self.form.is_valid() or not self.form.is_moved:
            return None
        return ask_rules(form=self.form, actor=self.actor, now=self.now, existing=self.booking)

    def _move(self) -> dict[str, object]:
        is_moved = self.form.is_valid() and self.form.is_moved
        return {"booking": self.booking, "is_moved": is_moved}

    def move(self) -> HttpResponse:
        """Move it, or keep the form and say why not."""
        form = self.form
        if not form.is_valid():
            return self.show(status=422)
        try:
            moved = reschedule_booking(
                actor=self.actor,
                booking_id=self.booking.public_id,
                period=form.period,
                resource_id=form.resources[0].public_id,
                now=self.now,
                override=form.cleaned_data.get("override", ""),
                version=self.request.POST.get("version", ""),
            )
        except BookingError as error:
            return self.show(refuse(form, error), status=error.status)
        messages.success(self.request, _moved_text(moved))
        return redirect("booking:booking_detail", moved.public_id)


def save_texts(request: HttpRequest, booking: Booking, now: datetime) -> HttpResponse:
    """Change what the booking says and who comes along."""
    texts = BookingTextsForm(request.POST)
    if not texts.is_valid():
        return EditPage(request, booking, now).show(texts=texts, status=422)
    try:
        edit_booking(
            actor=reader(request),
            booking_id=booking.public_id,
            now=now,
            purpose=texts.cleaned_data["purpose"],
            notes=texts.cleaned_data["notes"],
            attendee_ids=[person.public_id for person in texts.cleaned_data["attendees"]],
            charge=Charge(project_id=texts.cleaned_data["project"]),
            version=request.POST.get("version", ""),
        )
    except BookingError as error:
        show_refusals(texts, error)
        return EditPage(request, booking, now).show(texts=texts, status=error.status)
    messages.success(request, _("Saved."))
    return redirect("booking:booking_detail", booking.public_id)


def _moved_text(booking: Booking) -> str:
    return _("Moved: %(what)s, %(when)s.") % {
        "what": booking.resource.name,
        "when": say_period(booking.start_time, booking.end_time),
    }


def _as_it_stands(request: HttpRequest, booking: Booking) -> QueryDict:
    """The form's data: the booking's own, or what a link proposes (a drag in the calendar)."""
    data = QueryDict(mutable=True)
    data["resource"] = request.GET.get("resource", booking.resource.code)
    data["start_time"] = request.GET.get("start", booking.start_time.isoformat())
    data["end_time"] = request.GET.get("end", booking.end_time.isoformat())
    return data


def _texts_of(booking: Booking) -> dict[str, str]:
    people = [attendee.user for attendee in booking.attendees.all()]
    return {
        "purpose": booking.purpose,
        "notes": booking.notes,
        "attendees": attendee_words(people),
        "project": str(booking.charged_to or ""),
    }
