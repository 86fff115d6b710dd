"""Reminders of what is held for somebody: once, while it is, and never at once."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from booking.enums import InTheWay
from booking.handlers import HANDLERS
from booking.models import (
    Hold,
    Message,
    Notification,
    Offer,
    OutboxEvent,
    Resource,
    UndoableAct,
)
from booking.notifications.channels.email import build_mail
from booking.queries.reminders import is_outdated
from booking.services._offers import offer_time
from booking.services.bookings import cancel_booking, create_booking
from booking.services.events import dispatch_batch
from booking.services.holds import hold_time, release_hold
from booking.services.maintenance import schedule_maintenance
from booking.services.messages import send_message
from booking.services.offers import accept_offer, decline_offer
from booking.services.reminders import remind_of_held
from booking.services.undo import undo_act
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.factories.waiting import hours, make_entry
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def begun(now: datetime, db: None) -> None:
    """The reminders have run before."""
    assert remind_of_held(now=now - MINUTE) == 0


def hold(user: User, resource: Resource, now: datetime, first: float = 4) -> Hold:
    period = hours(now, first, first + 1)
    return hold_time(actor=user, resource_id=resource.public_id, period=period, now=now)


def offer(user: User, resource: Resource, now: datetime, lasts: timedelta) -> Offer:
    """Five hours of the resource a week later, offered for so long."""
    start = now + 7 * DAY
    window = Period(start, start + 5 * HOUR)
    entry = make_entry(user, window, at=now, resource=resource, minutes=300)
    return offer_time(
        user=user, resource=resource, period=window, now=now, lasts=lasts, entry=entry
    )


def told(now: datetime) -> list[tuple[str, str]]:
    """Who was reminded of what, by notices."""
    dispatch_batch(handlers=HANDLERS, now=now)
    found = Notification.objects.filter(event__kind__endswith="ending").order_by("pk")
    return list(found.values_list("user__username", "title"))


def test_who_keeps_time_and_does_not_book_it_is_told_once(
    ada: User, microscope: Resource, now: datetime
) -> None:
    kept = hold(ada, microscope, now)
    for moment, expected in ((9, 0), (10, 1), (10, 0), (11, 0), (14, 0)):
        assert remind_of_held(now=now + moment * MINUTE) == expected
    assert told(now + 11 * MINUTE) == [
        ("ada", "Kept for you, not booked: Confocal 1, 2 Mar 2026, 12:00 – 13:00 (CET)")
    ]
    notice = Notification.objects.get()
    assert "Book it until 2 Mar 2026, 08:15 (CET)" in notice.body
    assert notice.url.startswith("/bookings/new?resource=") and "start=2026-03-02" in notice.url
    assert kept.expires_at == now + 15 * MINUTE
    # It is a notice alone, unless somebody wishes for mails.
    assert not Message.objects.exists()


def test_several_at_once_are_one_message(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    hold(ada, microscope, now)
    hold(ada, second_microscope, now, 5)
    hold(ben, microscope, now, 8)
    assert remind_of_held(now=now + 12 * MINUTE) == 2
    name, title = told(now + 12 * MINUTE)[0]
    assert (name, title[26:60]) == ("ada", "Confocal 1, Confocal 2, 2 Mar 2026")
    assert title.endswith("12:00 – 13:00 (CET) and 1 more time")
    assert Notification.objects.get(user=ada).url == "/"


def test_what_is_over_or_used_is_told_to_nobody(
    ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    released, booked = hold(ada, microscope, now), hold(ada, second_microscope, now)
    # A worker that was away finds what has run out, and says nothing.
    assert remind_of_held(now=now + 20 * MINUTE) == 0
    Hold.objects.update(expires_at=now + 30 * MINUTE)
    assert remind_of_held(now=now + 25 * MINUTE) == 1
    release_hold(actor=ada, hold_id=released.public_id, now=now + 25 * MINUTE)
    create_booking(
        actor=ada,
        user=ada,
        resource_ids=[second_microscope.public_id],
        period=booked.period,
        now=now + 25 * MINUTE,
    )
    assert told(now + 26 * MINUTE) == []


def test_time_kept_while_a_change_can_be_undone_is_not_ones_own(
    ada: User, eve: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + 4 * HOUR)
    make_entry(eve, hours(now, 4, 6), at=now, resource=microscope)
    cancel_booking(actor=ada, booking_id=booking.public_id, now=now)
    assert Hold.objects.get().user == ada
    assert remind_of_held(now=now + 9 * MINUTE) == 0
    undo_act(actor=ada, act_id=UndoableAct.objects.get().public_id, now=now + 9 * MINUTE)


@pytest.mark.parametrize(
    ("lasts", "before"),
    [
        (19 * MINUTE, None),
        (20 * MINUTE, 10 * MINUTE),
        (119 * MINUTE, 10 * MINUTE),
        (2 * HOUR, HOUR),
        (47 * HOUR, HOUR),
        (3 * DAY, DAY),
    ],
)
def test_an_offer_is_reminded_of_once_the_sooner_the_longer_it_lasts(
    ada: User, microscope: Resource, now: datetime, lasts: timedelta, before: timedelta | None
) -> None:
    end = offer(ada, microscope, now, lasts).expires_at
    moments = [end - each for each in (DAY, HOUR, 10 * MINUTE, MINUTE) if end - each > now]
    reminded = [moment for moment in moments if remind_of_held(now=moment)]
    assert reminded == ([] if before is None else [end - before])


def test_an_offer_in_words_by_notice_and_mail(
    ada: User, microscope: Resource, now: datetime
) -> None:
    found = offer(ada, microscope, now, 30 * MINUTE)
    dispatch_batch(handlers=HANDLERS, now=now)
    Message.objects.all().delete()
    assert remind_of_held(now=now + 20 * MINUTE) == 1
    [(name, title)] = told(now + 20 * MINUTE)
    assert (name, title[:30]) == ("ada", "Not held for you much longer: ")
    mail = build_mail(Message.objects.get())
    assert "but only until 2 Mar 2026, 08:30 (CET)" in mail.body
    assert f"/offers/{found.public_id}" in mail.body
    [(html, kind)] = mail.alternatives[:1]
    assert kind == "text/html" and "only until 2 Mar 2026, 08:30" in str(html)
    # Told twice, there is still one.
    OutboxEvent.objects.update(dispatched_at=None)
    assert len(told(now + 21 * MINUTE)) == 1
    assert Message.objects.filter(kind="offer.ending").count() == 1


def test_who_answers_in_between_hears_no_more(
    ada: User, microscope: Resource, now: datetime
) -> None:
    found = offer(ada, microscope, now, 30 * MINUTE)
    remind_of_held(now=now + 20 * MINUTE)
    told(now + 20 * MINUTE)
    [message] = Message.objects.filter(kind="offer.ending")
    decline_offer(actor=ada, offer_id=found.public_id, now=now + 21 * MINUTE)
    assert not send_message(message_id=message.pk, attempt=0, now=now + 21 * MINUTE)
    assert Message.objects.get(pk=message.pk).status == "void"
    assert remind_of_held(now=now + 29 * MINUTE) == 0


def test_who_must_move_hears_what_becomes_of_the_bookings(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    week = now + 7 * DAY
    for start in (week, week + HOUR):
        make_booking(ada, microscope, start)
    schedule_maintenance(
        actor=chris,
        resource_id=microscope.public_id,
        period=Period(week, week + 2 * HOUR),
        title="Change the lamp",
        way=InTheWay.DISPLACE,
        now=now,
    )
    first, second = Offer.objects.order_by("pk")
    assert first.expires_at == second.expires_at == now + 3 * DAY
    # Hours of downtime: late is still in time, and both are one message.
    late = now + 2 * DAY + 5 * HOUR
    assert remind_of_held(now=late) == 1
    event = OutboxEvent.objects.get(kind="offer.replacement_ending")
    assert not is_outdated(event.payload, late)
    # One is moved: the other is still to be told. Then nothing is.
    accept_offer(actor=ada, offer_id=first.public_id, now=late)
    assert not is_outdated(event.payload, late)
    decline_offer(actor=ada, offer_id=second.public_id, now=late)
    assert is_outdated(event.payload, late)


@pytest.mark.parametrize("day", [29, 25])
def test_minutes_are_minutes_when_clocks_change(
    ada: User, microscope: Resource, now: datetime, day: int
) -> None:
    begin = datetime(2026, 3 if day == 29 else 10, day, 0, 45, tzinfo=UTC)
    found = offer(ada, microscope, begin, 30 * MINUTE)
    assert remind_of_held(now=begin + 19 * MINUTE) == 0
    assert remind_of_held(now=begin + 20 * MINUTE) == 1
    said = "03:15 (CEST)" if day == 29 else "02:15 (CET)"
    told(begin + 20 * MINUTE)
    assert said in Notification.objects.get(event__kind="offer.ending").body
    assert found.expires_at == begin + 30 * MINUTE


@pytest.mark.parametrize("number", [1, 3])
def test_what_is_held_costs_the_same_for_one_and_for_three(
    cast: dict[str, User], microscope: Resource, now: datetime, number: int
) -> None:
    for each, user in enumerate(("ada", "ben", "chris")[:number]):
        hold(cast[user], make_resource(f"R{each}"), now)
    with count_queries() as counted:
        assert remind_of_held(now=now + 10 * MINUTE) == number
    # Run, lock, offers, holds, what is being changed, one event each, the mark.
    assert len(counted) == 6 + number
