"""Chat rooms and webhooks for tests."""

from datetime import datetime
from typing import Any

from accounts.models import User
from booking.enums import EndpointKind
from booking.models import Endpoint, Resource

SECRET = "the-first-secret-of-this-webhook"


def make_endpoint(
    owner: User,
    now: datetime,
    *resources: Resource,
    kind: EndpointKind = EndpointKind.WEBHOOK,
    kinds: tuple[str, ...] = ("booking.",),
    name: str = "Inventory",
    url: str = "https://server.example.org/in",
    **fields: Any,
) -> Endpoint:
    """One that hears of all bookings, of the instruments that are named or of all."""
    made = Endpoint.objects.create(
        kind=kind,
        kinds=list(kinds),
        name=name,
        url=url,
        secret=SECRET if kind == EndpointKind.WEBHOOK else "",
        created_by=owner,
        created_at=now,
        **fields,
    )
    made.resources.set(resources)
    return made
