"""Bookings by the programming interface."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from booking.enums import ApprovalMode, ApproverKind, Limit, QuotaHolder
from booking.models import (
    Booking,
    BookingDecision,
    BookingPolicy,
    DemandEntry,
    OutboxEvent,
    Resource,
    ResourceCalendar,
    ResourcePool,
)
from tests.booking.api.conftest import Program
from tests.factories.approvals import make_approval_policy, tier
from tests.factories.bookings import make_booking
from tests.factories.groups import make_group
from tests.factories.quotas import assert_adds_up, make_quota
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
AsProgram = Callable[[User | None], Program]
HOUR = timedelta(hours=1)
START, END = "2026-03-02T10:00:00+01:00", "2026-03-02T11:00:00+01:00"
EVIL = "<script>alert(1)</script>"


def wish(resource: Resource | None = None, **changes: Any) -> dict[str, Any]:
    named = {"resource": str(resource.public_id)} if resource else {}
    return {**named, "start_time": START, "end_time": END, **changes}


def changed(resource: Resource, change: dict[str, Any]) -> dict[str, Any]:
    return {**wish(resource), **change}


def nothing_is_written() -> bool:
    return not (
        Booking.objects.exists()
        or OutboxEvent.objects.exists()
        or ResourceCalendar.objects.exists()
    )


def test_books_in_six_queries(as_program: AsProgram, ada: User, microscope: Resource) -> None:
    program = as_program(ada)
    with count_queries(6):
        answer = program.post("/bookings", wish(microscope, purpose="Cells", notes="cold"))
    assert answer.status_code == 201
    body = answer.json()
    booking = Booking.objects.get()
    assert answer["Location"] == f"/api/v1/bookings/{booking.public_id}"
    assert body["errors"] == []
    assert body["meta"] == {"bookings": [str(booking.public_id)]}
    data = body["data"]
    assert data["id"] == str(booking.public_id)
    assert data["resource"] == {
        "id": str(microscope.public_id),
        "name": "Confocal 1",
        "code": microscope.code,
    }
    assert (data["start_time"], data["end_time"]) == (
        "2026-03-02T09:00:00Z",
        "2026-03-02T10:00:00Z",
    )
    assert (data["status"], data["purpose"], data["notes"]) == ("confirmed", "Cells", "cold")
    assert data["user"] == data["created_by"] == {"id": str(ada.public_id), "name": "Ada"}


def test_whatever_a_lab_asks_it_takes_at_most_twelve_queries(
    as_program: AsProgram, ada: User, ben: User, chris: User, microscope: Resource
) -> None:
    """Quotas of several people, of which one carries over, and an approval in two steps."""
    make_group("Cells", ben, ada)
    make_quota("Own", carry_percent=50)
    make_quota("Group", holder=QuotaHolder.GROUP)
    make_approval_policy(microscope, tier(ApproverKind.LEAD), tier(), mode=ApprovalMode.TIERED)
    program = as_program(ada)
    with count_queries(12):
        assert program.post("/bookings", wish(microscope)).status_code == 201
    assert Booking.objects.get().approvals.count() == 2
    assert_adds_up()
    later = {"start_time": "2026-03-02T12:00:00+01:00", "end_time": "2026-03-02T13:00:00+01:00"}
    with count_queries(11):
        assert program.post("/bookings", wish(microscope, **later)).status_code == 201
    assert_adds_up()


def test_takes_the_same_key_once(as_program: AsProgram, ada: User, microscope: Resource) -> None:
    program = as_program(ada)
    first = program.post("/bookings", wish(microscope), Idempotency_Key="k1")
    again = program.post("/bookings", wish(microscope), Idempotency_Key="k1")
    other = program.post("/bookings", wish(microscope, purpose="x"), Idempotency_Key="k1")
    assert first.json()["data"]["id"] == again.json()["data"]["id"]
    assert Booking.objects.count() == 1
    assert other.status_code == 422
    assert other.json()["errors"][0]["code"] == "idempotency.mismatch"


@pytest.mark.parametrize("key", ["", "x" * 101, "ä"])
def test_refuses_a_key_that_is_none(
    as_program: AsProgram, ada: User, microscope: Resource, key: str
) -> None:
    answer = as_program(ada).post("/bookings", wish(microscope), Idempotency_Key=key)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert nothing_is_written()


def test_a_taken_slot_is_409_with_repairs(
    as_program: AsProgram, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ben, microscope, now + 2 * HOUR)
    answer = as_program(ada).post("/bookings", wish(microscope))
    assert answer.status_code == 409
    problem = answer.json()["errors"][0]
    assert problem["code"] == "conflict.taken"
    assert problem["status"] == 409
    assert "Ben" in problem["detail"]
    assert problem["repairs"]
    repaired = {
        "resource": problem["repairs"][0]["resource"],
        "start_time": problem["repairs"][0]["start_time"],
        "end_time": problem["repairs"][0]["end_time"],
    }
    assert as_program(ada).post("/bookings", repaired).status_code == 201


def test_all_refusals_come_at_once_with_codes(
    as_program: AsProgram, ada: User, microscope: Resource
) -> None:
    BookingPolicy.objects.create(limit=Limit.MIN_LENGTH, value=120)
    BookingPolicy.objects.create(limit=Limit.LEAD_TIME, value=24 * 60)
    answer = as_program(ada).post("/bookings", wish(microscope))
    assert answer.status_code == 422
    codes = {problem["code"] for problem in answer.json()["errors"]}
    assert len(codes) == 2
    assert nothing_is_written()
    assert BookingDecision.objects.count() == 1
    assert DemandEntry.objects.count() == 1


BAD: list[tuple[dict[str, Any], int, str]] = [
    ({"start_time": "2026-03-02T10:00:00"}, 400, "start_time"),
    ({"start_time": "yesterday"}, 400, "start_time"),
    ({"start_time": 17}, 400, "start_time"),
    ({"start_time": None}, 400, "start_time"),
    ({"start_time": "1026-03-02T10:00:00Z"}, 400, "start_time"),
    ({"start_time": "0001-01-01T00:00:00+14:00"}, 400, "start_time"),
    ({"end_time": START}, 422, "end_time"),
    ({"end_time": "2026-03-02T09:00:00+01:00"}, 422, "end_time"),
    ({"end_time": "2036-03-02T11:00:00+01:00"}, 422, "end_time"),
    ({"resource": str(uuid4())}, 422, "resource"),
    ({"resource": "confocal"}, 400, "resource"),
    ({"resource": 1}, 422, "resource"),
    ({"resource": {"id": 1}}, 400, "resource"),
    ({"purpose": "x" * 201}, 400, "purpose"),
    ({"notes": "x" * 5001}, 400, "notes"),
    ({"purpose": "a\x00b"}, 400, "purpose"),
    ({"purpose": ["a"]}, 400, "purpose"),
    ({"seats": 0}, 400, "seats"),
    ({"seats": "many"}, 400, "seats"),
    ({"seats": 2}, 422, "seats"),
    ({"status": "confirmed"}, 400, "status"),
    ({"created_by": str(uuid4())}, 400, "created_by"),
    ({"attendees": [str(uuid4())]}, 422, "attendees"),
    ({"attendees": "ada"}, 400, "attendees"),
    ({"pool": str(uuid4())}, 400, "resource"),
]


@pytest.mark.parametrize(("change", "status", "field"), BAD)
def test_bad_input_is_named_and_writes_nothing(
    as_program: AsProgram,
    ada: User,
    microscope: Resource,
    change: dict[str, Any],
    status: int,
    field: str,
) -> None:
    answer = as_program(ada).post("/bookings", changed(microscope, change))
    assert answer.status_code == status, answer.content
    fields = {problem.get("field", "").partition(".")[0] for problem in answer.json()["errors"]}
    assert field in fields
    assert nothing_is_written()


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[1]", b'"x"', b"null", b"\xff", b'{"a": NaN}', b'{"a": 1, "a": 2}'),
        *(b"[" * 9000, b'{"\\ud800": 1}', b'{"resource": "\\uDFFF"}'),
    ],
)
def test_a_body_that_is_no_object_is_refused(as_program: AsProgram, ada: User, body: bytes) -> None:
    answer = as_program(ada).post("/bookings", body)
    assert answer.status_code == 400
    assert answer.json()["data"] is None


def test_a_huge_body_is_refused(as_program: AsProgram, ada: User) -> None:
    answer = as_program(ada).post("/bookings", {"notes": "x" * 70_000})
    assert answer.status_code == 413


def test_a_form_is_refused(as_program: AsProgram, ada: User) -> None:
    program = as_program(ada)
    answer = program.client.post("/api/v1/bookings", {"a": "b"}, headers=program.headers)
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["title"] == "The request does not fit this address."


def test_a_wrong_method_is_refused_in_words(as_program: AsProgram, ada: User) -> None:
    program = as_program(ada)
    answer = program.client.delete("/api/v1/bookings", headers=program.headers)
    problem = answer.json()["errors"][0]
    assert (answer.status_code, problem["code"]) == (405, "request.method_not_allowed")
    assert problem["title"] == "The request does not fit this address."
    assert problem["detail"] == 'Method "DELETE" not allowed.'


def test_script_is_kept_as_text(as_program: AsProgram, ada: User, microscope: Resource) -> None:
    answer = as_program(ada).post("/bookings", wish(microscope, purpose=EVIL, notes=EVIL))
    assert answer.json()["data"]["purpose"] == EVIL
    assert answer["Content-Type"].startswith("application/json")


def test_books_several_or_none(
    as_program: AsProgram,
    ada: User,
    ben: User,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
) -> None:
    both = [str(microscope.public_id), str(second_microscope.public_id)]
    answer = as_program(ada).post("/bookings", wish(resources=both))
    assert answer.status_code == 201
    group = answer.json()["data"]["group"]
    assert len(answer.json()["meta"]["bookings"]) == 2
    listed = as_program(ada).get("/bookings", {"group": group}).json()["data"]
    assert {each["resource"]["name"] for each in listed} == {"Confocal 1", "Confocal 2"}
    make_booking(ben, second_microscope, now + 8 * HOUR)
    late = {"start_time": "2026-03-02T16:00+01:00", "end_time": "2026-03-02T17:00+01:00"}
    again = {"resources": both, **late}
    assert as_program(ada).post("/bookings", again).status_code == 409
    assert Booking.objects.filter(user=ada).count() == 2


def test_books_any_of_a_pool(
    as_program: AsProgram, ada: User, ben: User, microscope: Resource, second_microscope: Resource
) -> None:
    pool = ResourcePool.objects.create(name="Confocals")
    pool.resources.set([microscope, second_microscope])
    names = []
    for user in (ada, ben):
        answer = as_program(user).post("/bookings", wish(pool=str(pool.public_id)))
        names.append(answer.json()["data"]["resource"]["name"])
    assert names == ["Confocal 1", "Confocal 2"]


def test_only_a_manager_books_for_others_and_overrides(
    as_program: AsProgram, ada: User, ben: User, chris: User, microscope: Resource
) -> None:
    BookingPolicy.objects.create(limit=Limit.MIN_LENGTH, value=120)
    theirs = wish(microscope, user=str(ben.public_id), override="urgent")
    assert as_program(ada).post("/bookings", theirs).status_code == 400
    mine = wish(microscope, override="urgent")
    assert as_program(ada).post("/bookings", mine).status_code == 403
    answer = as_program(chris).post("/bookings", theirs)
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert (data["user"]["name"], data["created_by"]["name"]) == ("Ben", "Chris")


@pytest.mark.parametrize("number", [1, 3])
def test_lists_in_four_queries(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime, number: int
) -> None:
    for n in range(number):
        make_booking(ada, microscope, now + (n + 1) * HOUR).attendees.create(user=ada)
    program = as_program(ada)
    with count_queries(4):
        answer = program.get("/bookings")
    assert len(answer.json()["data"]) == number


def test_lists_in_pages_with_filters(
    as_program: AsProgram, ada: User, microscope: Resource, now: datetime
) -> None:
    for n in range(3):
        make_booking(ada, microscope, now + (n + 1) * HOUR)
    program = as_program(ada)
    first = program.get("/bookings", {"page_size": 2}).json()
    assert (len(first["data"]), first["meta"]["previous"]) == (2, None)
    second = program.client.get(first["meta"]["next"], headers=program.headers).json()
    assert (len(second["data"]), second["meta"]["next"]) == (1, None)
    until = {"to": (now + 2 * HOUR).isoformat(), "status": "confirmed", "mine": "true"}
    assert len(program.get("/bookings", until).json()["data"]) == 1
    assert program.get("/bookings", {"status": "cancelled"}).json()["data"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"page": "0"},
        {"page": "x"},
        {"page": "99999999999999999999"},
        {"page_size": "201"},
        {"from": "monday"},
        {"from": "2026-03-02T10:00:00"},
        {"resource": "x"},
        {"status": "gone"},
        {"colour": "red"},
    ],
)
def test_bad_parameters_are_named(as_program: AsProgram, ada: User, query: dict[str, str]) -> None:
    answer = as_program(ada).get("/bookings", query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == next(iter(query))


def test_nobody_gets_nothing(as_program: AsProgram, ada: User, microscope: Resource) -> None:
    nobody = as_program(None)
    answers = [
        nobody.get("/bookings"),
        nobody.post("/bookings", wish(microscope)),
        nobody.post("/bookings/check", wish(microscope)),
        nobody.get(f"/bookings/{uuid4()}"),
        nobody.get("/nowhere"),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 404]
    assert all(answer.json()["errors"] for answer in answers)
    assert answers[0]["WWW-Authenticate"].startswith("Bearer")
    assert nothing_is_written()
