"""Two bookings change hands at once, inside an open transaction that holds people and bookings."""

from dataclasses import replace
from datetime import datetime

from accounts.models import User
from booking.errors import BookingRefused, Refusal
from booking.models import Booking, BookingAttendee
from booking.services._changes import post_booking_event, record_booking
from booking.services._handing import (
    Handing,
    ask_with_approval,
    detach,
    give_to,
    hand_over,
    keep_project,
    resources_for,
)

# What belongs to the work that is done, not to the time: it goes with its person.
_OF_THE_WORK = ("purpose", "notes", "project")


def transfer(booking: Booking, receiver: User, *, now: datetime) -> None:
    """Hand one booking over where the rules allow it; else raise `BookingRefused`."""
    handing = Handing(booking=booking, receiver=receiver, actor=receiver, now=now)
    giver = booking.user
    keep_project(handing)
    if refusals := ask_with_approval(handing, resources_for(handing)):
        raise BookingRefused(refusals)
    before = _people(booking)
    detach(booking)
    hand_over(handing)
    post_booking_event("booking.transferred", [booking], actor=giver, now=now)
    _tell_former(booking, before, actor=receiver, now=now)


def swap(mine: Booking, theirs: Booking, *, actor: User, now: datetime) -> None:
    """Give each booking to the other's person, both or neither.

    The rules are asked when both have changed hands: each person is asked for what they get, as
    if what they gave had never been theirs. Raises `BookingRefused` with both sides' refusals.
    """
    first, second = mine.user, theirs.user
    was = [{name: getattr(each, name) for name in _OF_THE_WORK} for each in (mine, theirs)]
    people = [_attendees(each) for each in (mine, theirs)]
    concerned = [_people(each) for each in (mine, theirs)]
    BookingAttendee.objects.filter(booking__in=(mine, theirs)).delete()
    moves = ((mine, second, was[1], people[1]), (theirs, first, was[0], people[0]))
    for booking, receiver, words, company in moves:
        before = {"user": booking.user, **{name: getattr(booking, name) for name in words}}
        detach(booking)
        give_to(booking, receiver, now=now)
        for name, value in words.items():
            setattr(booking, name, value)
        booking.save()
        BookingAttendee.objects.bulk_create(
            BookingAttendee(booking=booking, user_id=key) for key in company if key != receiver.pk
        )
        record_booking(
            booking,
            "booking.swapped",
            actor=actor,
            now=now,
            changes={name: (value, getattr(booking, name)) for name, value in before.items()},
        )
    refusals = [
        *_refusals(Handing(booking=mine, receiver=second, actor=actor, now=now)),
        *_refusals(Handing(booking=theirs, receiver=first, actor=actor, now=now)),
    ]
    if refusals:
        raise BookingRefused(refusals)
    post_booking_event("booking.transferred", [mine], actor=first, now=now)
    post_booking_event("booking.transferred", [theirs], actor=second, now=now)
    for booking, former in zip((mine, theirs), concerned, strict=True):
        _tell_former(booking, former, actor=actor, now=now)


def named(receiver: User, refusal: Refusal) -> Refusal:
    """The same no, saying whose it is where its own words do not begin with that."""
    name = receiver.full_name
    text = refusal.text if refusal.text.startswith(f"{name} ") else f"{name}: {refusal.text}"
    return replace(refusal, text=text, field="")


def _refusals(handing: Handing) -> list[Refusal]:
    found = ask_with_approval(handing, resources_for(handing))
    return [named(handing.receiver, each) for each in found]


def _tell_former(booking: Booking, before: set[int], *, actor: User, now: datetime) -> None:
    """Whom the booking concerned and does no longer: their calendars must drop it."""
    if left := sorted(before - _people(booking)):
        post_booking_event("booking.given", [booking], actor=actor, now=now, people=left)


def _people(booking: Booking) -> set[int]:
    return {booking.user_id, booking.created_by_id, *_attendees(booking)}


def _attendees(booking: Booking) -> list[int]:
    company = BookingAttendee.objects.filter(booking=booking)
    return list(company.order_by("pk").values_list("user_id", flat=True))
