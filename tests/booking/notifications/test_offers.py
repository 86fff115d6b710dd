"""What people are told of offers and of freed time: who, in which words, and once."""

from datetime import datetime

import pytest

from accounts.models import User
from booking.enums import WaitingKind
from booking.handlers import HANDLERS
from booking.models import Message, Notification, Offer, OutboxEvent, Resource
from booking.notifications.channels.email import build_mail
from booking.services.events import dispatch_batch
from booking.services.freed_time import serve_waiting
from booking.services.offers import expire_offers
from tests.factories.waiting import hours, make_entry

pytestmark = pytest.mark.django_db


def free(resource: Resource, now: datetime) -> None:
    """The fifth hour from now became free, and everybody is told."""
    told = {
        "resource": str(resource.public_id),
        "start_time": hours(now, 4, 5).start.isoformat(),
        "end_time": hours(now, 4, 5).end.isoformat(),
    }
    serve_waiting(kind="time.freed", payload={"freed": [told]}, now=now)
    dispatch_batch(handlers=HANDLERS, now=now)


def test_an_offer_says_what_until_when_and_where_to_take_it(
    ada: User, microscope: Resource, now: datetime
) -> None:
    make_entry(ada, hours(now, 4, 5), at=now, resource=microscope)
    free(microscope, now)
    offer, notice, email = Offer.objects.get(), Notification.objects.get(), _mail()
    assert (notice.user, notice.url) == (ada, f"/offers/{offer.public_id}")
    assert notice.title == "Free for you: Confocal 1, 2 Mar 2026, 12:00 – 13:00 (CET)"
    text = build_mail(email).body
    assert "Take it until 2 Mar 2026, 08:30" in text
    assert f"/offers/{offer.public_id}" in text
    # Running the handler again tells nobody twice.
    OutboxEvent.objects.update(dispatched_at=None)
    dispatch_batch(handlers=HANDLERS, now=now)
    assert (Notification.objects.count(), Message.objects.count()) == (1, 1)


def test_who_let_an_offer_run_out_is_told(ada: User, microscope: Resource, now: datetime) -> None:
    make_entry(ada, hours(now, 3, 8), at=now, resource=microscope)
    free(microscope, now)
    offer = Offer.objects.get()
    Message.objects.all().delete()
    Notification.objects.all().delete()
    expire_offers(now=offer.expires_at)
    dispatch_batch(handlers=HANDLERS, now=offer.expires_at)
    gone = Notification.objects.get(title__startswith="No longer held for you")
    assert (gone.user, gone.url) == (ada, f"/offers/{offer.public_id}")
    assert "You still wait" in gone.body


def test_who_only_wants_to_know_gets_a_link_to_book(
    ada: User, microscope: Resource, now: datetime
) -> None:
    make_entry(ada, hours(now, 4, 5), at=now, resource=microscope, kind=WaitingKind.ALERT)
    free(microscope, now)
    dispatch_batch(handlers=HANDLERS, now=now)
    notice = Notification.objects.get()
    assert notice.title == "Free again: Confocal 1, 2 Mar 2026, 12:00 – 13:00 (CET)"
    assert notice.url.startswith(f"/bookings/new?resource={microscope.code}&start=2026-03-02T11")
    assert "not held for you" in build_mail(_mail()).body


def _mail() -> Message:
    return Message.objects.select_related("user__preferences", "event").get()
