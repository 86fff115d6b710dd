"""Access by programs: asked, confirmed, rejected; what is not one's own is not there."""

from collections.abc import Callable

import pytest

from accounts.models import User
from booking.enums import RequestState
from booking.models import AccessRequest, Resource, ResourceAccess
from tests.booking.api.conftest import Program
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
AT = "/access-requests"
AsProgram = Callable[[User | None], Program]


@pytest.fixture
def nmr(db: None) -> Resource:
    """Restricted."""
    return make_resource("NMR 600", requires_access=True)


def test_asked_confirmed_and_let_in(
    as_program: AsProgram, ben: User, chris: User, eve: User, nmr: Resource
) -> None:
    wish = {
        "resource": str(nmr.public_id),
        "justification": "Peptides",
        "supervisor": str(ben.public_id),
    }
    answer = as_program(eve).post(AT, wish)
    assert answer.status_code == 201
    made = answer.json()["data"]
    assert [(each["kind"], each["state"]) for each in made["steps"]] == [
        ("supervisor", "next"),
        ("approval", "later"),
    ]
    again = as_program(eve).post(AT, wish)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "access.asked_already")
    first, last = (f"/access-steps/{each['id']}/confirm" for each in made["steps"])
    assert as_program(chris).post(last, {}).status_code == 409
    assert as_program(eve).post(first, {}).status_code == 403
    assert as_program(ben).post(first, {"note": "Mine"}).status_code == 200
    done = as_program(chris).post(last, {}).json()["data"]
    assert done["state"] == RequestState.GRANTED
    assert ResourceAccess.objects.filter(user=eve, resource=nmr).exists()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"supervisor": None}, 422, "access.supervisor"),
        ({"wanted_until": "2020-01-01"}, 422, "access.past"),
        ({"level": "own"}, 400, "field.invalid_choice"),
        ({"resource": "00000000-0000-0000-0000-000000000000"}, 404, "request.not_found"),
        ({"status": "granted"}, 400, "field.unknown"),
    ],
)
def test_bad_wishes(
    as_program: AsProgram,
    ben: User,
    eve: User,
    nmr: Resource,
    change: dict[str, object],
    status: int,
    code: str,
) -> None:
    wish = {
        "resource": str(nmr.public_id),
        "justification": "Peptides",
        "supervisor": str(ben.public_id),
    }
    answer = as_program(eve).post(AT, {**wish, **change})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert not AccessRequest.objects.exists()


def test_who_sees_and_decides(as_program: AsProgram, cast: dict[str, User], nmr: Resource) -> None:
    wish = {"resource": str(nmr.public_id), "justification": "Peptides"}
    made = as_program(cast["ben"]).post(AT, wish).json()["data"]["id"]
    seen = {name: as_program(user).get(f"{AT}/{made}").status_code for name, user in cast.items()}
    assert seen == {"ada": 404, "ben": 200, "chris": 200, "dora": 200, "eve": 404}
    reject = f"{AT}/{made}/reject"
    no = {"reason": "Not now"}
    told = {
        name: as_program(cast[name]).post(reject, no).status_code
        for name in ("ada", "ben", "chris", "dora")
    }
    assert told == {"ada": 404, "ben": 403, "chris": 200, "dora": 409}
    assert as_program(cast["chris"]).post(f"{AT}/{made}/withdraw").status_code == 404
    late = as_program(cast["ben"]).post(f"{AT}/{made}/withdraw")
    assert late.json()["errors"][0]["code"] == "access.decided"


def test_the_list_is_paged_and_flat(
    as_program: AsProgram, ben: User, chris: User, nmr: Resource
) -> None:
    client = as_program(ben)
    for n in range(3):
        other = make_resource(f"Other {n}", requires_access=True)
        client.post(AT, {"resource": str(other.public_id), "justification": "x"}, format="json")
    client = as_program(chris)
    with count_queries(3):
        answer = client.get(AT, {"waiting": "true", "page_size": 2}).json()
    assert len(answer["data"]) == 2
    assert as_program(ben).get(AT, {"waiting": "true"}).json()["data"] == []


def test_visitors_are_refused(as_program: AsProgram, nmr: Resource) -> None:
    nobody = as_program(None)
    assert nobody.get(AT).status_code == 401
    assert nobody.post(AT, {"resource": str(nmr.public_id)}).status_code == 401
