"""Templates, proposals and undoing for programs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from booking.enums import ProposalState, Status
from booking.models import Booking, BookingTemplate, Proposal, Resource
from booking.services.proposals import Offered, propose
from booking.services.templates import save_template
from tests.booking.api.conftest import Program
from tests.factories.bookings import make_booking
from tests.support.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AsProgram = Callable[[User | None], Program]
HOUR = timedelta(hours=1)


@pytest.fixture
def mine(ada: User, microscope: Resource, now: datetime) -> Booking:
    """Ada's, tomorrow."""
    return make_booking(ada, microscope, now + 24 * HOUR, purpose="Cells")


@pytest.fixture
def theirs(ben: User, second_microscope: Resource, now: datetime) -> Booking:
    """Ben's, the day after."""
    return make_booking(ben, second_microscope, now + 48 * HOUR)


def test_templates(as_program: AsProgram, ada: User, ben: User, mine: Booking) -> None:
    program = as_program(ada)
    made = program.post("/templates", {"booking": str(mine.public_id), "name": "Cells"})
    assert made.status_code == 201
    data = made.json()["data"]
    assert (data["name"], data["minutes"], data["purpose"]) == ("Cells", 60, "Cells")
    assert [each["name"] for each in data["resources"]] == ["Confocal 1"]
    again = program.post("/templates", {"booking": str(mine.public_id), "name": "Cells"})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "template.name")
    path = f"/templates/{data['id']}"
    assert program.patch(path, {"name": "Tissue"}).json()["data"]["name"] == "Tissue"
    assert [each["name"] for each in program.get("/templates").json()["data"]] == ["Tissue"]
    stranger = as_program(ben)
    assert stranger.get("/templates").json()["data"] == []
    assert stranger.get(path).status_code == 404
    assert stranger.patch(path, {"name": "x"}).status_code == 404
    assert stranger.client.delete(f"/api/v1{path}", headers=stranger.headers).status_code == 404
    body = {"booking": str(mine.public_id), "name": "x"}
    assert stranger.post("/templates", body).status_code == 400
    gone = program.client.delete(f"/api/v1{path}", headers=program.headers)
    assert gone.status_code == 204
    assert not BookingTemplate.objects.exists()


def test_a_swap(
    as_program: AsProgram, cast: dict[str, User], mine: Booking, theirs: Booking
) -> None:
    program = as_program(cast["ada"])
    body = {"booking": str(mine.public_id), "wanted": str(theirs.public_id), "message": "Hi"}
    made = program.post("/proposals", body)
    assert made.status_code == 201
    data = made.json()["data"]
    assert (data["kind"], data["state"], data["message"]) == ("swap", "waiting", "Hi")
    assert data["wanted"]["id"] == str(theirs.public_id)
    assert program.post("/proposals", body).json()["errors"][0]["code"] == "proposal.open"
    path = f"/proposals/{data['id']}"
    for name, status in (("ada", 200), ("ben", 200), ("chris", 404), ("dora", 404), ("eve", 404)):
        assert as_program(cast[name]).get(path).status_code == status
    assert as_program(cast["eve"]).post(f"{path}/accept").status_code == 404
    assert as_program(None).post(f"{path}/accept").status_code == 401
    refused = program.post(f"{path}/accept")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (
        403,
        "permission.proposal_answer",
    )
    accepted = as_program(cast["ben"]).post(f"{path}/accept")
    assert accepted.json()["data"]["state"] == "accepted"
    theirs.refresh_from_db()
    assert theirs.user == cast["ada"]


def test_handing_over_declined_and_withdrawn(
    as_program: AsProgram, ada: User, ben: User, mine: Booking
) -> None:
    program, other = as_program(ada), as_program(ben)
    body = {"booking": str(mine.public_id), "to": str(ben.public_id)}
    path = f"/proposals/{program.post('/proposals', body).json()['data']['id']}"
    declined = other.post(f"{path}/decline", {"answer": "On leave"}).json()["data"]
    assert (declined["state"], declined["answer"]) == ("declined", "On leave")
    path = f"/proposals/{program.post('/proposals', body).json()['data']['id']}"
    assert other.post(f"{path}/withdraw").status_code == 403
    assert program.post(f"{path}/withdraw").json()["data"]["state"] == "withdrawn"
    assert other.post(f"{path}/accept").status_code == 409
    assert len(program.get("/proposals").json()["data"]) == 2
    mine.refresh_from_db()
    assert mine.user == ada


def test_what_makes_no_sense(
    as_program: AsProgram, ada: User, ben: User, mine: Booking, theirs: Booking
) -> None:
    program = as_program(ada)
    own = {"booking": str(mine.public_id)}
    for more, status in (
        ({}, 400),
        ({"to": str(ben.public_id), "wanted": str(theirs.public_id)}, 400),
        ({"to": str(ada.public_id)}, 422),
        ({"to": str(uuid4())}, 422),
        ({"wanted": str(uuid4())}, 400),
        ({"wanted": str(mine.public_id)}, 422),
    ):
        assert program.post("/proposals", {**own, **more}).status_code == status, more
    body = {"booking": str(theirs.public_id), "to": str(ada.public_id)}
    assert program.post("/proposals", body).status_code == 400
    assert not Proposal.objects.exists()


def test_undo(as_program: AsProgram, ada: User, ben: User, mine: Booking) -> None:
    program = as_program(ada)
    path = f"/bookings/{mine.public_id}"
    assert program.post(f"{path}/undo").status_code == 404
    program.post(f"{path}/cancel")
    assert as_program(ben).post(f"{path}/undo").status_code == 404
    undone = program.post(f"{path}/undo")
    assert undone.json()["data"]["status"] == Status.CONFIRMED
    assert program.post(f"{path}/undo").json()["errors"][0]["code"] == "undo.done"


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    as_program: AsProgram, ada: User, ben: User, mine: Booking, now: datetime, number: int
) -> None:
    for n in range(number):
        booking = make_booking(ada, mine.resource, mine.start_time + (n + 2) * HOUR)
        save_template(actor=ada, booking_id=booking.public_id, name=f"T{n}", now=now)
        propose(actor=ada, booking_id=booking.public_id, offered=Offered(to=ben), now=now)
    program = as_program(ada)
    with count_queries(3):
        assert len(program.get("/templates").json()["data"]) == number
    with count_queries(2):
        found = program.get("/proposals").json()["data"]
    assert [each["state"] for each in found] == [ProposalState.WAITING] * number
