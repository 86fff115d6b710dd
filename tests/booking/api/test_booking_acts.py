"""Moving, cancelling, using and trying out bookings by the programming interface."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from booking.enums import Status
from booking.models import (
    Booking,
    BookingDecision,
    OutboxEvent,
    Resource,
    ResourceCalendar,
)
from tests.booking.api.conftest import Program
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource

pytestmark = pytest.mark.usefixtures("frozen_clock")
AsProgram = Callable[[User | None], Program]
HOUR = timedelta(hours=1)
START, END = "2026-03-02T10:00:00+01:00", "2026-03-02T11:00:00+01:00"
EVIL = "<script>alert(1)</script>"


def wish(resource: Resource | None = None, **changes: Any) -> dict[str, Any]:
    named = {"resource": str(resource.public_id)} if resource else {}
    return {**named, "start_time": START, "end_time": END, **changes}


def test_moves_and_edits(
    as_program: AsProgram,
    ada: User,
    ben: User,
    second_microscope: Resource,
    microscope: Resource,
    now: datetime,
) -> None:
    booking = make_booking(ada, microscope, now + 2 * HOUR, purpose="old")
    address = f"/bookings/{booking.public_id}"
    moved = as_program(ada).patch(
        address,
        {
            "resource": str(second_microscope.public_id),
            "start_time": "2026-03-02T12:00:00+01:00",
            "end_time": "2026-03-02T13:00:00+01:00",
            "attendees": [str(ben.public_id)],
        },
    )
    assert moved.status_code == 200
    data = moved.json()["data"]
    assert data["resource"]["name"] == "Confocal 2"
    assert data["start_time"] == "2026-03-02T11:00:00Z"
    assert data["sequence"] == 1
    assert data["attendees"] == [{"id": str(ben.public_id), "name": "Ben"}]
    edited = as_program(ada).patch(address, {"purpose": "new"}).json()["data"]
    assert (edited["purpose"], len(edited["attendees"])) == ("new", 1)
    assert as_program(ada).patch(address, {}).status_code == 400
    assert as_program(ada).patch(address, {"user": str(ben.public_id)}).status_code == 400


def test_a_move_into_a_taken_slot_leaves_everything(
    as_program: AsProgram, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + 2 * HOUR)
    make_booking(ben, microscope, now + 4 * HOUR)
    answer = as_program(ada).patch(
        f"/bookings/{booking.public_id}",
        {"start_time": "2026-03-02T12:00:00+01:00", "end_time": "2026-03-02T13:00:00+01:00"},
    )
    assert answer.status_code == 409
    booking.refresh_from_db()
    assert booking.start_time == now + 2 * HOUR


def test_cancels_once(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + 2 * HOUR)
    address = f"/bookings/{booking.public_id}/cancel"
    answer = as_program(ada).post(address, {"reason": "ill"})
    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "cancelled")
    assert as_program(ada).post(address).status_code == 409
    assert not ResourceCalendar.objects.exists()


def test_checks_in_and_out(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now)
    address = f"/bookings/{booking.public_id}"
    assert as_program(ada).post(f"{address}/check-in").json()["data"]["status"] == "checked_in"
    assert as_program(ada).post(f"{address}/check-out").json()["data"]["status"] == "completed"


def test_decides(
    as_program: AsProgram, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    pending = [make_booking(ada, microscope, now + n * HOUR, status=Status.PENDING) for n in (2, 4)]
    approve, reject = f"/bookings/{pending[0].public_id}/approve", pending[1].public_id
    assert as_program(ada).post(approve).status_code == 403
    assert as_program(chris).post(approve).json()["data"]["status"] == "confirmed"
    assert as_program(chris).post(f"/bookings/{reject}/reject").status_code == 422
    answer = as_program(chris).post(f"/bookings/{reject}/reject", {"reason": "broken"})
    assert answer.json()["data"]["status"] == "rejected"


def test_tries_out_without_writing(
    as_program: AsProgram, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + 2 * HOUR)
    OutboxEvent.objects.all().delete()
    taken = as_program(ada).post("/bookings/check", wish(microscope)).json()["data"]
    assert taken["allowed"] is False
    assert [refusal["code"] for refusal in taken["refusals"]] == ["conflict.taken"]
    assert taken["refusals"][0]["repairs"] == taken["repairs"] != []
    later = {"start_time": "2026-03-02T12:00+01:00", "end_time": "2026-03-02T13:00+01:00"}
    free = as_program(ada).post("/bookings/check", wish(microscope, **later)).json()["data"]
    assert (free["allowed"], free["refusals"]) == (True, [])
    assert Booking.objects.count() == 1
    assert not BookingDecision.objects.exists()


def test_tries_out_a_move_without_meeting_itself(
    as_program: AsProgram, ada: User, eve: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + 2 * HOUR)
    asked = wish(microscope, booking=str(booking.public_id), end_time="2026-03-02T11:30+01:00")
    assert as_program(ada).post("/bookings/check", asked).json()["data"]["allowed"] is True
    assert as_program(eve).post("/bookings/check", asked).status_code == 404


def test_another_persons_booking_is_not_found(
    as_program: AsProgram, ada: User, eve: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + 2 * HOUR)
    address = f"/bookings/{booking.public_id}"
    program = as_program(eve)
    answers = [
        program.get(address),
        program.patch(address, {"purpose": "mine"}),
        *(program.post(f"{address}/{step}") for step in ("cancel", "check-in", "approve")),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert program.get("/bookings").json()["data"] == []
    booking.refresh_from_db()
    assert booking.status == Status.CONFIRMED


def test_an_attendee_sees_and_may_not_change(
    as_program: AsProgram, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + 2 * HOUR)
    booking.attendees.create(user=ben)
    address = f"/bookings/{booking.public_id}"
    assert as_program(ben).get(address).status_code == 200
    answer = as_program(ben).post(f"{address}/cancel")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "permission.booking")


def test_only_who_may_move_it_tries_a_move_out(
    as_program: AsProgram, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + 5 * HOUR)
    booking.attendees.create(user=ben)
    make_booking(ada, make_resource("Patent press"), now + 2 * HOUR)
    asked = wish(microscope, booking=str(booking.public_id))
    answer = as_program(ben).post("/bookings/check", asked)
    assert answer.status_code == 403
    assert "Patent press" not in answer.content.decode()
    assert "Patent press" in as_program(ada).post("/bookings/check", asked).content.decode()


def test_trying_out_refuses_what_does_not_exist(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime
) -> None:
    over = make_booking(ada, microscope, now - 2 * HOUR)
    for asked, code in (
        ({**wish(), "resource": str(uuid4())}, "resource.unknown"),
        (wish(resources=[str(microscope.public_id), str(uuid4())]), "resource.unknown"),
        (wish(resources=[str(microscope.public_id)] * 2), "resource.unknown"),
        (wish(microscope, booking=str(over.public_id)), "booking.over"),
    ):
        answer = as_program(ada).post("/bookings/check", asked).json()["data"]
        assert answer["allowed"] is False
        assert answer["overridable"] is False
        assert code in [refusal["code"] for refusal in answer["refusals"]]
