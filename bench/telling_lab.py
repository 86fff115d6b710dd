"""Fills the lab that tells: `python -m bench.telling_lab EVENTS WEBHOOK`, in its own database.

Prints the id of each event once it is committed.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.telling_settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - they import models

from accounts.enums import Role  # noqa: E402
from bench.data import fill_bookings, make_people, make_resources, renew_statistics  # noqa: E402
from booking.enums import EndpointKind  # noqa: E402
from booking.events import post_event  # noqa: E402
from booking.models import Booking  # noqa: E402
from booking.services.endpoints import EndpointDetails, create_endpoint  # noqa: E402
from labitory.lib.clock import now as clock_now  # noqa: E402
from labitory.lib.db import run_transaction  # noqa: E402

_EACH_PERSON, _EACH_RESOURCE = 20, 50


def main(events: int, webhook: str) -> None:
    """Fill the lab with as many bookings, then tell of each of them by an event of its own."""
    call_command("migrate", verbosity=0)
    call_command("sync_schedule", verbosity=0)
    make_people(max(2, events // _EACH_PERSON))
    make_resources(max(1, events // _EACH_RESOURCE))
    fill_bookings(bookings=events, now=clock_now())
    [manager, sysadmin] = [
        make_people(1, role=role, word=word)[0]
        for role, word in ((Role.LAB_MANAGER, "manager"), (Role.SYSADMIN, "sysadmin"))
    ]
    create_endpoint(
        actor=sysadmin,
        kind=EndpointKind.WEBHOOK,
        details=EndpointDetails(name="Integrator", url=webhook, kinds=("booking.",)),
        now=clock_now(),
    )
    renew_statistics()
    for booking in Booking.objects.order_by("pk")[:events]:
        print(_post(booking, manager.pk), flush=True)


def _post(booking: Booking, actor: int) -> str:
    """What a booking that the lab manager makes for somebody leaves behind, committed alone."""
    payload = {"bookings": [str(booking.public_id)], "actor": actor, "reason": ""}
    event = run_transaction(
        lambda: post_event(kind="booking.created", payload=payload, now=clock_now())
    )
    return str(event.public_id)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
