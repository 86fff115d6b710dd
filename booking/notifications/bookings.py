"""Booking events in words; several bookings of one act make one message."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from booking.models import Booking
from booking.notifications.catalogue import CATALOGUE, Audience
from booking.notifications.wordings import Wordings
from booking.notifications.words import (
    Row,
    Section,
    Words,
    outside,
    reader_locale,
    say_more,
    say_period,
)

_CHANGE = gettext_lazy("See it, move it or cancel it")
_SEE = gettext_lazy("See the booking")
# What the link under a message says, where the booking is not to be changed any more, or not yet.
_BUTTONS = {
    "booking.requested": gettext_lazy("See it, and approve or reject it"),
    "booking.cancelled": _SEE,
    "booking.rejected": _SEE,
    "booking.completed": _SEE,
    "booking.no_show": _SEE,
    "booking.given": gettext_lazy("See your bookings"),
}


def words_for(
    *,
    kind: str,
    bookings: list[Booking],
    actor: User | None,
    reader: User,
    reason: str,
    wordings: Wordings | None = None,
) -> Words:
    """The event's words for one reader. Raises LookupError when none of the bookings is left.

    Who writes to many readers looks up the lab's wordings once and hands them in.
    """
    if not bookings:
        raise LookupError("none of the bookings is left")
    with reader_locale(reader):
        first = bookings[0]
        names = ", ".join(dict.fromkeys(booking.resource.name for booking in bookings))
        values = {
            "resource": names,
            "when": _say_times(bookings, reader),
            "actor": actor.full_name if actor else _("Labitory"),
            "user": first.user.full_name,
            "reason": reason,
            "lab": settings.LAB_NAME,
        }
        # "Ada booked it for Ada" is no sentence.
        is_own = actor is not None and all(each.user_id == actor.pk for each in bookings)
        said = (wordings or Wordings([kind])).say(kind, values, is_own=is_own)
        rows = [Row(f"{each.resource.name}: {say_when(each, reader)}") for each in bookings]
        # Who gave it away may see it no longer.
        is_gone = CATALOGUE[kind].audience is Audience.FORMER
        path = reverse("booking:booking_list") if is_gone else _page_of(bookings)
        return Words(
            subject=said.subject,
            text=said.text,
            path=path,
            link=outside(path),
            button=str(_BUTTONS.get(kind, _CHANGE)),
            sections=(Section("", tuple(rows)),) if len(rows) > 1 else (),
            bookings=tuple(bookings),
        )


def say_when(booking: Booking, reader: User) -> str:
    """The booked time in the reader's formats and zone, which is named."""
    return say_period(booking.start_time, booking.end_time, reader)


def _say_times(bookings: list[Booking], reader: User) -> str:
    """The first time, and how many others an act on a series touched."""
    first = say_when(bookings[0], reader)
    return say_more(first, len({booking.period for booking in bookings}) - 1)


def _page_of(bookings: list[Booking]) -> str:
    """The series where one act touched several of its bookings, else the first booking."""
    series = bookings[0].series
    if series is not None and len(bookings) > 1:
        return reverse("booking:series_detail", args=[series.public_id])
    return reverse("booking:booking_detail", args=[bookings[0].public_id])
