"""What follows from an event. Every handler may run twice: its rows are unique by event."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from booking.models import OutboxEvent
from booking.notifications.announcements import ANNOUNCEMENT_WORDS
from booking.notifications.catalogue import CATALOGUE, NAMED
from booking.notifications.followed import FOLLOWED_WORDS
from booking.services.broadcasts import tell_announced
from booking.services.freed_time import serve_waiting
from booking.services.hints import tell_pages
from booking.services.notifications import (
    tell_account,
    tell_followers,
    tell_named,
    tell_people,
)
from booking.services.outside import tell_endpoints, tell_tested
from booking.services.qualifications import follow_use
from booking.services.remote_sync import hasten_calendars
from booking.services.training_sessions import follow_booking

Handler = Callable[[OutboxEvent, datetime], None]


def _booking_changed(event: OutboxEvent, now: datetime) -> None:
    tell_people(event=event, now=now)
    tell_endpoints(event=event, now=now)
    hasten_calendars(booking_ids=event.payload["bookings"], now=now)


def _named_told(event: OutboxEvent, now: datetime) -> None:
    tell_named(event=event, now=now)
    tell_endpoints(event=event, now=now)


def _announcement_told(event: OutboxEvent, now: datetime) -> None:
    tell_announced(event=event, now=now)
    # One announcement is several events, one for some hundreds of people each.
    if event.payload["is_first"]:
        tell_endpoints(event=event, now=now)


def _followers_told(event: OutboxEvent, now: datetime) -> None:
    tell_followers(event=event, now=now)
    tell_endpoints(event=event, now=now)


def _account_told(event: OutboxEvent, now: datetime) -> None:
    tell_account(event=event, now=now)
    tell_endpoints(event=event, now=now)


def _endpoint_tested(event: OutboxEvent, now: datetime) -> None:
    tell_tested(event=event, now=now)


def _use_followed(event: OutboxEvent, now: datetime) -> None:
    follow_use(now=now, booking_ids=event.payload["bookings"])


def _session_followed(event: OutboxEvent, now: datetime) -> None:
    for booking_id in event.payload["bookings"]:
        follow_booking(booking_id=UUID(booking_id), now=now)


def _freed_given_on(event: OutboxEvent, now: datetime) -> None:
    serve_waiting(kind=event.kind, payload=event.payload, now=now)


def _pages_told(event: OutboxEvent, _now: datetime) -> None:
    tell_pages(event=event)


_OWN: Mapping[str, tuple[Handler, ...]] = {
    **{kind: (_account_told,) for kind in CATALOGUE if kind.startswith("account.")},
    **dict.fromkeys(NAMED, (_named_told,)),
    **dict.fromkeys(ANNOUNCEMENT_WORDS, (_announcement_told,)),
    **dict.fromkeys(FOLLOWED_WORDS, (_followers_told,)),
    "booking.created": (_booking_changed,),
    "booking.requested": (_booking_changed,),
    "booking.rescheduled": (_booking_changed, _session_followed, _freed_given_on),
    "booking.imported": (_booking_changed, _session_followed),
    "booking.cancelled": (_booking_changed, _session_followed, _freed_given_on),
    "booking.approved": (_booking_changed,),
    "booking.rejected": (_booking_changed, _session_followed, _freed_given_on),
    "booking.checked_in": (_booking_changed,),
    "booking.extended": (_booking_changed,),
    "booking.completed": (_booking_changed, _use_followed, _freed_given_on),
    "booking.no_show": (_booking_changed, _session_followed, _freed_given_on),
    "booking.transferred": (_booking_changed,),
    "booking.given": (_booking_changed,),
    "time.freed": (_freed_given_on,),
    "endpoint.tested": (_endpoint_tested,),
}

# The pages last: what the others wrote is there when they ask.
HANDLERS: Mapping[str, tuple[Handler, ...]] = {
    kind: (*_OWN.get(kind, ()), _pages_told) for kind in CATALOGUE
}
