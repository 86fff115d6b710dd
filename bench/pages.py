"""What the pages cost: time on the server, statements, and the size of the HTML."""

import gzip
from collections.abc import Callable, Iterator
from http import HTTPStatus

from django.test import Client, override_settings

from accounts.models import User
from bench import databases
from bench.data import make_resources
from bench.figures import Figure, Statements, compare, watch_statements
from bench.plan import Plan
from booking.models import Booking, Resource, ResourceCalendar
from booking.services.demo import load_demo
from labitory.lib.clock import now as clock_now

PAGES = {
    "home": "/",
    "calendar, a week of 50": "/calendar?view=week",
    "calendar, a day of 50": "/calendar",
    "find time": "/find-time?minutes=60",
    "bookings": "/bookings",
    "resources": "/resources",
}
READERS = ("ada", "chris")
MOST_QUERIES = 12
_INSTRUMENTS = 50
MOST_KB, MOST_TIMELINE_KB = 60, 300
# A page of the timeline may take four times as long as its statements.
TO_STATEMENTS = 4


def run(plan: Plan) -> list[Figure]:
    """Ask for each page as a student and as the lab manager, in the demonstration's lab."""
    with databases.database("pages"), override_settings(DEMO_LOGINS=True):
        load_demo(now=clock_now())
        _fill_up()
        return [
            figure
            for reader in READERS
            for name, address in PAGES.items()
            for figure in _page(reader, name, address, plan)
        ]


def _fill_up() -> None:
    """Add instruments up to fifty, each as busy as one of the demonstration's."""
    busy = list(Resource.objects.filter(claims__kind=1, capacity=1).distinct().order_by("pk"))
    for place, resource in enumerate(make_resources(_INSTRUMENTS - Resource.objects.count())):
        claims = ResourceCalendar.objects.filter(
            resource=busy[place % len(busy)], kind=1
        ).select_related("booking")
        for claim in claims:
            booking = claim.booking
            assert booking is not None
            copy = Booking.objects.get(pk=booking.pk)
            copy.pk, copy.public_id, copy.resource = None, Booking().public_id, resource
            copy.group_id, copy.request_key = None, ""
            copy.save()
            ResourceCalendar.objects.create(
                resource=resource, units=claim.units, during=claim.during, kind=1, booking=copy
            )


def _watched(get: Callable[[], bytes]) -> Statements:
    with watch_statements() as seen:
        get()
    return seen


def _page(reader: str, name: str, address: str, plan: Plan) -> Iterator[Figure]:
    client = Client()
    client.force_login(User.objects.get(username=reader))

    def get() -> bytes:
        answer = client.get(address)
        if answer.status_code != HTTPStatus.OK:
            raise RuntimeError(f"{address}: {answer.status_code}")
        return bytes(answer.content)

    html = get()
    seen = min((_watched(get) for _run in range(5)), key=lambda each: each.ms)
    took = compare({"page": get}, runs=plan.runs)["page"]
    is_timeline = name.startswith("calendar")
    most = MOST_TIMELINE_KB if is_timeline else MOST_KB
    yield Figure(name=f"{name}, {reader}: time", value=took.wall_ms, unit="ms")
    yield Figure(
        name="  : its statements",
        value=took.wall_ms / seen.ms,
        most=TO_STATEMENTS if is_timeline else None,
    )
    yield Figure(name="  statements", value=seen.count, most=MOST_QUERIES, firm=True)
    yield Figure(name="  HTML", value=round(len(html) / 1000, 1), unit="kB", most=most, firm=True)
    yield Figure(name="  compressed", value=len(gzip.compress(html)) / 1000, unit="kB")
