"""What waits, several decisions at once, and stand-ins, by the programming interface."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from booking.enums import ApprovalMode, ApproverKind, Status
from booking.models import ApprovalDelegation, Booking, OutboxEvent, Resource
from booking.services.bookings import create_booking
from labitory.lib.periods import Period
from tests.booking.api.conftest import Program
from tests.factories.approvals import make_approval_policy, tier
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AsProgram = Callable[[User | None], Program]
HOUR = timedelta(hours=1)
START, END = "2026-03-02T10:00:00+01:00", "2026-03-09T10:00:00+01:00"


@pytest.fixture
def wishes(ada: User, ben: User, microscope: Resource, now: datetime) -> list[Booking]:
    """Three of Ada's, for which Ben is asked."""
    make_approval_policy(
        microscope, tier(ApproverKind.PERSON, person=ben), mode=ApprovalMode.SINGLE
    )
    return [
        create_booking(
            actor=ada,
            user=ada,
            resource_ids=[microscope.public_id],
            period=Period(now + hours * HOUR, now + (hours + 1) * HOUR),
            now=now,
        )[0]
        for hours in (24, 48, 72)
    ]


def test_lists_what_waits_for_the_asker(
    as_program: AsProgram, cast: dict[str, User], wishes: list[Booking], microscope: Resource
) -> None:
    seen = {
        name: len(as_program(user).get("/approvals").json()["data"]) for name, user in cast.items()
    }
    assert seen == {"ada": 0, "ben": 3, "chris": 0, "dora": 0, "eve": 0}
    assert as_program(None).get("/approvals").status_code == 401
    everything = as_program(cast["chris"]).get("/approvals", {"everything": "true"})
    first = everything.json()["data"][0]
    assert first["booking"]["id"] == str(wishes[0].public_id)
    assert first["step"] == {
        "position": 1,
        "approver": "person",
        "needed": "any",
        "due_at": "2026-03-02T19:00:00Z",
        "escalated_at": None,
        "asked": [{"id": str(cast["ben"].public_id), "name": "Ben"}],
    }
    kind = microscope.resource_type.public_id
    of_type = as_program(cast["ben"]).get("/approvals", {"type": str(kind)})
    assert len(of_type.json()["data"]) == 3
    assert as_program(cast["ben"]).get("/approvals", {"nonsense": "1"}).status_code == 400


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_list(
    as_program: AsProgram, ben: User, wishes: list[Booking], number: int
) -> None:
    Booking.objects.filter(pk__in=[each.pk for each in wishes[number:]]).update(
        status=Status.CANCELLED
    )
    program = as_program(ben)
    with count_queries(6):
        assert len(program.get("/approvals").json()["data"]) == number


def test_decides_several_each_for_itself(
    as_program: AsProgram, ben: User, eve: User, wishes: list[Booking]
) -> None:
    ids = [str(each.public_id) for each in wishes]
    unknown = str(uuid4())
    answer = as_program(ben).post(
        "/approvals/decide", {"bookings": [ids[0], unknown], "approve": True}
    )
    told = answer.json()["data"]
    assert [each["status"] for each in told] == ["confirmed", None]
    assert told[1]["refusals"][0]["code"] == "approval.unknown"
    refused = as_program(eve).post("/approvals/decide", {"bookings": ids[1:], "approve": True})
    codes = [each["refusals"][0]["code"] for each in refused.json()["data"]]
    assert codes == ["permission.approve"] * 2
    assert Booking.objects.filter(status=Status.PENDING).count() == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"bookings": [], "approve": True}, 400),
        ({"bookings": ["x"], "approve": True}, 400),
        ({"approve": True}, 400),
        ({"bookings": [str(uuid4())], "approve": False}, 422),
        ({"bookings": [str(uuid4())] * 51, "approve": True}, 400),
    ],
)
def test_nonsense_decides_nothing(
    as_program: AsProgram, ben: User, wishes: list[Booking], body: dict[str, Any], status: int
) -> None:
    assert as_program(ben).post("/approvals/decide", body).status_code == status
    assert Booking.objects.filter(status=Status.PENDING).count() == 3


def test_who_is_asked_answers_one(
    as_program: AsProgram, ben: User, eve: User, wishes: list[Booking]
) -> None:
    address = f"/bookings/{wishes[0].public_id}"
    assert as_program(eve).post(f"{address}/approve").status_code == 404
    assert as_program(ben).post(f"{address}/approve").json()["data"]["status"] == "confirmed"
    assert as_program(ben).post(f"{address}/reject", {"reason": "No"}).status_code == 409


def test_a_stand_in_comes_and_goes(
    as_program: AsProgram, ben: User, eve: User, chris: User, microscope: Resource
) -> None:
    wish = {"delegate": str(eve.public_id), "starts_at": START, "ends_at": END}
    made = as_program(ben).post(
        "/approvals/delegations", {**wish, "resource": str(microscope.public_id)}
    )
    assert made.status_code == 201
    data = made.json()["data"]
    assert (data["delegate"]["name"], data["resource"]) == ("Eve", str(microscope.public_id))
    for user, number in ((ben, 1), (eve, 1), (chris, 0)):
        assert len(as_program(user).get("/approvals/delegations").json()["data"]) == number
    end = f"/approvals/delegations/{data['id']}/end"
    assert as_program(chris).post(end).status_code == 404
    assert as_program(eve).post(end).status_code == 200
    assert as_program(ben).get("/approvals/delegations").json()["data"] == []


def test_nonsense_names_no_stand_in(
    as_program: AsProgram, ben: User, eve: User, microscope: Resource
) -> None:
    plain = {"delegate": str(eve.public_id), "starts_at": START, "ends_at": END}
    for changes, status in (
        ({"delegate": str(ben.public_id)}, 422),
        ({"delegate": str(uuid4())}, 400),
        ({"ends_at": START}, 422),
        ({"starts_at": "2026-03-02T10:00:00"}, 400),
        ({"resource": str(uuid4())}, 400),
        ({"type": str(uuid4())}, 400),
        ({"forever": True}, 400),
    ):
        answer = as_program(ben).post("/approvals/delegations", {**plain, **changes})
        assert answer.status_code == status, changes
    assert not ApprovalDelegation.objects.exists()
    assert not OutboxEvent.objects.exists()
