"""What places outside hear: chat rooms what the calendar shows to everybody, webhooks ids."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.enums import LIVE, EndpointKind
from booking.models import Booking, OutboxEvent, Resource
from booking.notifications.catalogue import CATALOGUE, Audience
from booking.notifications.words import outside
from booking.queries.endpoints import resources_named
from booking.queries.notifications import bookings_of_event

TESTED = "endpoint.tested"
# One act on a long series: the rest can be asked for.
MOST_BOOKINGS = 50
_UNHEARD = (Audience.NOBODY, Audience.DIGEST)
# Nouns whose titles everybody reads on the pages of the instrument.
_TITLED = ("fault", "resource", "maintenance")
# Above a card; what is not here is between the lab and one person, and no room hears of it.
ROOM_TITLES: Mapping[str, str | Promise] = {
    "booking.created": _("Booked: %(resource)s"),
    "booking.requested": _("Waits for approval: %(resource)s"),
    "booking.rescheduled": _("Moved: %(resource)s"),
    "booking.cancelled": _("Cancelled: %(resource)s"),
    "booking.approved": _("Approved: %(resource)s"),
    "booking.rejected": _("Not approved: %(resource)s"),
    "booking.checked_in": _("In use: %(resource)s"),
    "booking.extended": _("Extended: %(resource)s"),
    "booking.completed": _("Finished: %(resource)s"),
    "booking.transferred": _("Given to somebody else: %(resource)s"),
    "booking.no_show": _("Not used: %(resource)s"),
    "fault.reported": _("Fault: %(resource)s"),
    "fault.changed": _("Fault, %(state)s: %(resource)s"),
    "fault.resolved": _("It works again: %(resource)s"),
    "fault.overdue": _("Fault, overdue: %(resource)s"),
    "maintenance.clash": _("No room for maintenance: %(resource)s"),
    "resource.fault": _("Fault: %(resource)s"),
    "resource.mended": _("It works again: %(resource)s"),
    "resource.maintenance": _("Maintenance: %(resource)s"),
    TESTED: _("Labitory reaches this room"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What an event is about."""

    bookings: tuple[Booking, ...] = ()
    resources: tuple[Resource, ...] = ()


def may_hear(place: str, kind: str) -> bool:
    """Whether such a place may hear of a kind at all."""
    if kind == TESTED:
        return True
    if place == EndpointKind.WEBHOOK:
        entry = CATALOGUE.get(kind)
        return entry is not None and entry.audience not in _UNHEARD
    return kind in ROOM_TITLES


def offered_kinds(place: str) -> dict[str, list[str]]:
    """The kinds that such a place may choose from, by their noun, in the order of the catalogue."""
    found: dict[str, list[str]] = {}
    for kind in CATALOGUE:
        if kind != TESTED and may_hear(place, kind):
            found.setdefault(kind.partition(".")[0], []).append(kind)
    return found


def unknown_kinds(place: str, kinds: Iterable[str]) -> list[str]:
    """Those of the words that are neither a kind for such a place, nor a noun with a dot."""
    offered = offered_kinds(place)
    known = {f"{noun}." for noun in offered} | {kind for some in offered.values() for kind in some}
    return [word for word in kinds if word not in known]


def happened(event: OutboxEvent) -> Happened:
    """The bookings and instruments that an event is about, as they stand now."""
    payload = event.payload
    if "bookings" in payload:
        bookings = tuple(bookings_of_event(payload["bookings"]))
        resources = {each.resource_id: each.resource for each in bookings}
        return Happened(bookings=bookings, resources=tuple(resources.values()))
    if event.kind.startswith("account."):
        return Happened()
    if "about" in payload:
        # A reminder of what was booked together: its facts join the names.
        reminded = bookings_of_event([each[0] for each in payload["about"]])
        return Happened(
            resources=tuple({each.resource_id: each.resource for each in reminded}.values())
        )
    name = payload.get("facts", {}).get("resource")
    found = resources_named(key=payload.get("resource"), name=name if isinstance(name, str) else "")
    return Happened(resources=tuple(found))


def seen_from(about: Happened, wanted: set[int]) -> Happened | None:
    """What a place is told of it: of the instruments it names, or of all but the hidden ones.

    None is nothing.
    """
    resources = tuple(
        each for each in about.resources if (each.pk in wanted if wanted else not each.is_hidden)
    )
    if not resources and (about.resources or wanted):
        return None
    keys = {each.pk for each in resources}
    bookings = tuple(each for each in about.bookings if each.resource_id in keys)
    return Happened(bookings=bookings, resources=resources)


def data_of(event: OutboxEvent, about: Happened) -> dict[str, Any]:
    """What a place is told, as JSON: ids, moments of UTC, and no text that somebody wrote for few.

    People are named as the calendar names them to everybody.
    """
    if event.kind.startswith("account."):
        return {"user": _person(event.payload.get("user") or 0)}
    data: dict[str, Any] = {"resources": [_resource(each) for each in about.resources]}
    if "bookings" in event.payload:
        shown = about.bookings[:MOST_BOOKINGS]
        data["bookings"] = [_booking(each) for each in shown]
        data["bookings_left_out"] = len(about.bookings) - len(shown)
        return data
    path, facts = str(event.payload.get("path", "")), event.payload.get("facts", {})
    data["about"] = {"id": _id_in(path), "url": outside(path)}
    data |= _times(facts)
    if event.kind.partition(".")[0] in _TITLED:
        words = {name: facts.get(name) for name in ("title", "severity", "state")}
        data |= {name: word for name, word in words.items() if isinstance(word, str)}
    return data


def _resource(resource: Resource) -> dict[str, Any]:
    path = reverse("booking:resource_detail", args=[resource.public_id])
    return {
        "id": str(resource.public_id),
        "code": resource.code,
        "name": resource.name,
        "url": outside(path),
    }


def _booking(booking: Booking) -> dict[str, Any]:
    person = booking.user
    # What is over or cancelled stands on nobody's calendar.
    is_shown = booking.status in LIVE and person.preferences.show_name
    return {
        "id": str(booking.public_id),
        "status": str(booking.status),
        "start": write_utc(booking.start_time),
        "end": write_utc(booking.end_time),
        "resource": str(booking.resource.public_id),
        "url": outside(reverse("booking:booking_detail", args=[booking.public_id])),
        "person": person.full_name if is_shown else "",
    }


def _person(key: int) -> str | None:
    found = User.objects.filter(pk=key).values_list("public_id", flat=True).first()
    return str(found) if found else None


def _id_in(path: str) -> str | None:
    """The public id of what a page is about."""
    try:
        found = resolve(urlsplit(path).path).kwargs.get("public_id")
    except Resolver404:
        return None
    return str(found) if found else None


def _times(facts: Mapping[str, Any]) -> dict[str, str]:
    """The moments among the facts: a period as `start` and `end`, others by their name."""
    found: dict[str, str] = {}
    for name, value in facts.items():
        if not isinstance(value, dict):
            continue
        if "start" in value and name == "when":
            found["start"] = write_utc(datetime.fromisoformat(value["start"]))
            found["end"] = write_utc(datetime.fromisoformat(value["end"]))
        elif value.get("at"):
            found[name] = write_utc(datetime.fromisoformat(value["at"]))
    return found


def write_utc(moment: datetime) -> str:
    """A moment as ISO 8601 of UTC, with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
