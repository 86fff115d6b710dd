"""Instrument care in the demonstration: faults in three states, a plan, a displaced booking."""

import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from PIL import Image, ImageDraw

from accounts.models import User
from booking.enums import DAYS_TO_MEND, FaultState, InTheWay, MaintenanceKind, Severity, Status
from booking.models import Booking, Fault, FaultNote, OutboxEvent, Resource
from booking.services._maintenance import Clearing, WorkDetails, plan_work
from booking.services._maintenance_plans import Rhythm, write_plan
from booking.services._uploads import check_file, keep_file
from labitory.lib.periods import Period, local_day

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def make_care(*, cast: dict[str, User], now: datetime) -> None:
    """A leak with its photo, a lamp whose instrument cannot be used, and a fault that is mended."""
    last = OutboxEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    _faults(cast, now)
    _plan(cast["chris"], now)
    _displace(cast, now)
    # Who was made up gets no mail.
    made = OutboxEvent.objects.filter(pk__gt=last, dispatched_at=None)
    made.update(dispatched_at=now)


def _faults(cast: dict[str, User], now: datetime) -> None:
    leak = _fault(
        "LC-MS 2",
        cast["ben"],
        "Leak at the second pump",
        Severity.MEDIUM,
        now - 2 * DAY,
        description="A drop every few seconds at the outlet; the tray is dry again every morning.",
    )
    leak.photo = keep_file(
        actor=cast["ben"],
        checked=check_file(content=_photo(), name="leak.png", field="photo", picture=True),
        now=leak.reported_at,
    )
    leak.state, leak.assignee = FaultState.WAITING, cast["chris"]
    leak.save()
    _note(leak, cast["chris"], now - DAY, FaultState.WAITING, "Seals are ordered.")
    blocking = _fault(
        "Mask aligner",
        cast["ada"],
        "The lamp does not ignite",
        Severity.CRITICAL,
        now - 30 * HOUR,
        description="Three tries, with ten minutes between them.",
    )
    blocking.blocks_use, blocking.back_at = True, _hour(now + 2 * DAY)
    blocking.state, blocking.assignee = FaultState.IN_PROGRESS, cast["chris"]
    blocking.save()
    _note(blocking, cast["chris"], now - 20 * HOUR, FaultState.IN_PROGRESS, "")
    mended = _fault("SEM 1", cast["ben"], "No vacuum", Severity.HIGH, now - 12 * DAY)
    mended.state, mended.resolved_at = FaultState.RESOLVED, now - 11 * DAY
    mended.resolution = "The gasket of the door was turned over."
    mended.save()
    _note(mended, cast["chris"], now - 11 * DAY, FaultState.RESOLVED, mended.resolution)


def _fault(
    name: str,
    reporter: User,
    title: str,
    severity: Severity,
    at: datetime,
    *,
    description: str = "",
) -> Fault:
    fault = Fault.objects.create(
        resource=Resource.objects.get(name=name),
        reported_by=reporter,
        title=title,
        description=description,
        severity=severity,
        reported_at=at,
        due_at=at + timedelta(days=DAYS_TO_MEND[severity]),
    )
    _note(fault, reporter, at, FaultState.OPEN, "")
    return fault


def _note(fault: Fault, author: User, at: datetime, state: FaultState, text: str) -> None:
    FaultNote.objects.create(fault=fault, author=author, at=at, to_state=state, text=text)


def _plan(chris: User, now: datetime) -> None:
    """The detector is baked out each month."""
    zone = ZoneInfo(settings.LAB_TIME_ZONE)
    first = local_day(now + 3 * DAY, zone).start + 7 * HOUR
    write_plan(
        Resource.objects.get(name="SEM 2 with FIB"),
        Rhythm(rule="FREQ=MONTHLY;BYDAY=1SA", first_start=first, minutes=240),
        WorkDetails(
            title="Bake-out of the detector",
            kind=MaintenanceKind.PREVENTIVE,
            vendor="In-house",
            notes="Log the pressure before and after.",
        ),
        actor=chris,
        now=now,
    )


def _displace(cast: dict[str, User], now: datetime) -> None:
    """A booking to come, Ben's if he has any, loses its time; its person is offered another."""
    soon, later = now + 5 * DAY, now + 16 * DAY
    coming = Booking.objects.filter(
        status=Status.CONFIRMED, start_time__gt=soon, end_time__lt=later, resource__capacity=1
    ).exclude(resource__maintenance__start_time__gt=now)
    found = sorted(coming.select_related("resource"), key=lambda each: each.start_time)
    found.sort(key=lambda each: each.user_id != cast["ben"].pk)
    for booking in found[:10]:
        title = "Visit of the service engineer"
        work = plan_work(
            booking.resource,
            Period(booking.start_time, booking.end_time),
            WorkDetails(title=title, kind=MaintenanceKind.VENDOR),
            Clearing(way=InTheWay.DISPLACE, title=title),
            actor=cast["chris"],
            now=now,
        )
        if work.replacements.exists():
            return


def _photo() -> bytes:
    """A drop below a pipe."""
    picture = Image.new("RGB", (640, 420), "#d9dedd")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 120, 640, 190), fill="#7d8a8f")
    pen.rectangle((270, 100, 360, 210), fill="#5c676b")
    pen.polygon(((315, 230), (285, 300), (345, 300)), fill="#3f88a5")
    pen.ellipse((285, 275, 345, 335), fill="#3f88a5")
    pen.ellipse((180, 375, 460, 405), fill="#8fb9c9")
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
