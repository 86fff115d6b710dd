"""Telling people that an instrument is closed until further notice, and open again."""

from datetime import datetime

from django.urls import reverse

from accounts.models import User
from booking.enums import OPEN
from booking.events import post_followed, post_notice
from booking.models import Booking, Resource


def tell_switched(resource: Resource, *, actor: User, now: datetime) -> None:
    """Tell who follows it, and who has booked it: one message a person, with their next time.

    In the caller's transaction.
    """
    word = "opened" if resource.is_active else "closed"
    facts = {"resource": resource.name, "reason": resource.closed_reason}
    post_followed(
        kind=_FOLLOWED[word],
        resource=resource,
        path=reverse("booking:resource_detail", args=[resource.public_id]),
        facts=facts,
        now=now,
    )
    coming = Booking.objects.filter(resource=resource, status__in=OPEN, end_time__gt=now)
    by_person: dict[int, list[Booking]] = {}
    for booking in coming.order_by("start_time"):
        by_person.setdefault(booking.user_id, []).append(booking)
    for user_id, own in sorted(by_person.items()):
        start, end = own[0].start_time.isoformat(), own[0].end_time.isoformat()
        post_notice(
            kind=_BOOKED[word],
            people=[user_id],
            actor=actor,
            now=now,
            path=reverse("booking:booking_detail", args=[own[0].public_id]),
            facts={**facts, "when": {"start": start, "end": end}, "n": len(own)},
        )


_FOLLOWED = {"opened": "resource.opened", "closed": "resource.closed"}
_BOOKED = {"opened": "booking.resource_opened", "closed": "booking.resource_closed"}
