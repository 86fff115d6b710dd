"""Confirming "cancel these" cancels these: what was booked since is shown first."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from booking.enums import Status
from booking.models import Booking, Closure, MaintenanceRecord, OutboxEvent, Resource
from tests.factories.bookings import make_booking
from tests.support.elements import the_element

pytestmark = pytest.mark.usefixtures("frozen_clock")
LogIn = Callable[[User], Client]
HOUR = timedelta(hours=1)
NOON = "2026-03-03T08:00", "2026-03-03T20:00"
CLOSURE, WORK = "/manage/closures/new", "/manage/maintenance/new"


@pytest.fixture
def seen(ada: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's, tomorrow: it is on the page."""
    return make_booking(ada, microscope, now + 26 * HOUR)


def form_of(path: str, resource: Resource) -> dict[str, str]:
    said = {"reason": "Laser"} if path == CLOSURE else {"title": "Laser"}
    start, end = NOON
    return {**said, "resource": resource.code, "start_time": start, "end_time": end}


def shown_on(page: str) -> str:
    return the_element(page, "input", name="shown")["value"]


def statuses() -> list[str]:
    return list(Booking.objects.order_by("start_time").values_list("status", flat=True))


def nothing_planned() -> bool:
    return not (
        Closure.objects.exists() or MaintenanceRecord.objects.exists() or AuditLog.objects.exists()
    )


@pytest.mark.parametrize(
    ("path", "confirm"),
    [
        (CLOSURE, {"cancel_bookings": "on"}),
        (WORK, {"way": "cancel"}),
        (WORK, {"way": "displace"}),
    ],
)
def test_new_ones_are_shown_before_anything_is_done(
    as_user: LogIn,
    ben: User,
    chris: User,
    microscope: Resource,
    seen: Booking,
    now: datetime,
    path: str,
    confirm: dict[str, str],
) -> None:
    client, form = as_user(chris), form_of(path, microscope)
    shown = shown_on(client.post(path, form).content.decode())
    assert shown == str(seen.public_id)
    made = make_booking(ben, microscope, now + 28 * HOUR)
    answer = client.post(path, {**form, **confirm, "shown": shown})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "1 booking was not on the list that you confirmed" in page
    assert "2 bookings stand in the way" in page
    assert f"/bookings/{made.public_id}" in page
    assert statuses() == [Status.CONFIRMED] * 2
    assert nothing_planned()
    assert not OutboxEvent.objects.exists()
    again = shown_on(page)
    assert set(again.split(",")) == {str(seen.public_id), str(made.public_id)}
    client.post(path, {**form, **confirm, "shown": again})
    assert not nothing_planned()
    assert not Booking.objects.filter(claims__kind=1).exists()


@pytest.mark.parametrize("shown", ["", "nonsense", ",,", "0" * 32])
def test_who_saw_nothing_confirms_nothing(
    as_user: LogIn, chris: User, microscope: Resource, seen: Booking, shown: str
) -> None:
    form = {**form_of(CLOSURE, microscope), "cancel_bookings": "on", "shown": shown}
    assert as_user(chris).post(CLOSURE, form).status_code == 422
    assert statuses() == [Status.CONFIRMED]
    assert nothing_planned()


def test_what_went_away_meanwhile_stops_nobody(
    as_user: LogIn, chris: User, microscope: Resource, seen: Booking, now: datetime
) -> None:
    client, form = as_user(chris), form_of(CLOSURE, microscope)
    other = make_booking(seen.user, microscope, now + 28 * HOUR)
    shown = shown_on(client.post(CLOSURE, form).content.decode())
    other.claims.all().delete()
    Booking.objects.filter(pk=other.pk).update(status=Status.CANCELLED)
    client.post(CLOSURE, {**form, "cancel_bookings": "on", "shown": shown})
    assert Closure.objects.exists()
    assert statuses() == [Status.CANCELLED] * 2


def test_letting_somebody_go_shows_what_is_cancelled_first(
    as_user: LogIn, ada: User, dora: User, microscope: Resource, seen: Booking, now: datetime
) -> None:
    client, path = as_user(dora), f"/manage/people/{ada.public_id}/leave"
    form = {"receiver": "", "cancel_rest": "on", "reason": "Left"}
    answer = client.post(path, form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "1 booking was not on the list that you confirmed" in page
    assert f"/bookings/{seen.public_id}" in page
    shown = shown_on(page)
    made = make_booking(ada, microscope, now + 28 * HOUR)
    answer = client.post(path, {**form, "shown": shown})
    assert answer.status_code == 422
    assert f"/bookings/{made.public_id}" in answer.content.decode()
    assert statuses() == [Status.CONFIRMED] * 2
    assert User.objects.get(pk=ada.pk).is_active
    assert not AuditLog.objects.exists()
    client.post(path, {**form, "shown": shown_on(answer.content.decode())})
    assert statuses() == [Status.CANCELLED] * 2
    assert not User.objects.get(pk=ada.pk).is_active
