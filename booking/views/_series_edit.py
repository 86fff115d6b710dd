"""Changing the rest of a series: the page with the form and what would be refused."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.errors import BookingError, BookingRefused
from booking.forms.bookings import show_refusals
from booking.forms.series import SeriesChangeForm
from booking.models import Booking, BookingSeries
from booking.queries.choices import bookable_choices, meant_resources, other_choices
from booking.queries.series_changes import SeriesChange, WeighedChange, preview_change
from booking.services.series_changes import change_series
from booking.views._pages import reader


class ChangePage:
    """The page that changes what remains of a series, from one booking on if it is named."""

    def __init__(
        self,
        request: HttpRequest,
        series: BookingSeries,
        rest: Sequence[Booking],
        since: UUID | None,
        now: datetime,
    ) -> None:
        self.request, self.series, self.rest = request, series, rest
        self.since, self.now = since, now
        self.actor = reader(request)
        posted = request.POST if request.method == "POST" else None
        self.form = SeriesChangeForm(posted, initial=self._present())

    def show(self, *, status: int = 200) -> HttpResponse:
        """The form, and below it what the rules say to the change."""
        form = self.form
        is_asked = form.is_bound and form.is_valid() and not form.non_field_errors()
        change = self._change() if form.is_bound and not form.errors else None
        context = {
            "series": self.series,
            "rest": self.rest,
            "since": self.since,
            "form": form,
            "change": change,
            "answer": self._asked(change) if is_asked and change else None,
            "choices": bookable_choices(
                viewer=self.actor,
                now=self.now,
                wanted=[str(form["resource"].value() or "")],
                with_pools=False,
            ),
            "others": other_choices(user=self.series.user, at=self.now),
            "chosen": str(form["resource"].value() or ""),
        }
        return render(self.request, "booking/series/edit.html", context, status=status)

    def change(self) -> HttpResponse:
        """Change it, or keep the form and say why not."""
        change = self._change() if self.form.is_valid() else None
        if change is None:
            return self.show(status=422)
        try:
            changed = change_series(
                actor=self.actor,
                series_id=self.series.public_id,
                change=change,
                now=self.now,
                from_booking=self.since,
                skip_refused="possible" in self.request.POST,
            )
        except BookingError as error:
            show_refusals(self.form, error)
            return self.show(status=error.status)
        number = len(changed.bookings)
        text = ngettext("Changed: %(n)d booking.", "Changed: %(n)d bookings.", number)
        messages.success(self.request, text % {"n": number})
        return redirect("booking:series_detail", changed.series.public_id)

    def _asked(self, change: SeriesChange) -> WeighedChange | None:
        if not change.asks_rules:
            return None
        try:
            return preview_change(
                actor=self.actor,
                series=self.series,
                bookings=self.rest,
                change=change,
                now=self.now,
            )
        except BookingRefused as error:
            show_refusals(self.form, error)
            return None

    def _change(self) -> SeriesChange | None:
        """What differs from how it stands; None when the instrument is none."""
        cleaned, was = self.form.cleaned_data, self._present()
        resource_id = None
        if cleaned["resource"] != was["resource"]:
            found = meant_resources([cleaned["resource"]]).get(cleaned["resource"])
            if found is None:
                self.form.add_error(
                    "resource", _("There is no such instrument. Choose one from the list.")
                )
                return None
            resource_id = found.public_id
        project = cleaned["project"]
        return SeriesChange(
            starts=cleaned["starts"] if f"{cleaned['starts']:%H:%M}" != was["starts"] else None,
            minutes=cleaned["minutes"] if cleaned["minutes"] != was["minutes"] else None,
            resource_id=resource_id,
            purpose=cleaned["purpose"] if cleaned["purpose"] != was["purpose"] else None,
            project=(project or "") if str(project or "") != was["project"] else None,
        )

    def _present(self) -> dict[str, object]:
        first = self.rest[0]
        local = (first.occurs_at or first.start_time).astimezone(self.series.resource.zone)
        return {
            "starts": f"{local:%H:%M}",
            "minutes": self.series.minutes,
            "resource": self.series.resource.code,
            "purpose": first.purpose,
            "project": str(first.charged_to or ""),
        }
