"""The pages of the path to a resource, for the whole cast and for visitors."""

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from booking.enums import AccessLevel, RequestState, StepKind
from booking.models import (
    AccessRequest,
    AccessRequirement,
    Resource,
    ResourceAccess,
    RiskAssessment,
)
from booking.services.access_requests import AccessWish, ask_for_access
from tests.conftest import LogIn
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
PDF = b"%PDF-1.4\n%a small one\n%%EOF\n"


@pytest.fixture
def nmr(db: None) -> Resource:
    """Restricted, with an induction before it."""
    resource = make_resource("NMR 600", requires_access=True)
    AccessRequirement.objects.create(
        resource=resource, kind=StepKind.INDUCTION, note="Magnet and quench"
    )
    return resource


@pytest.fixture
def asked(eve: User, ben: User, nmr: Resource, now: datetime) -> AccessRequest:
    """Eve's request, with Ben as her supervisor."""
    wish = AccessWish(level=AccessLevel.BOOK, justification="Peptides", supervisor_id=ben.public_id)
    return ask_for_access(actor=eve, resource_id=nmr.public_id, wish=wish, now=now)


def test_visitors_are_sent_to_the_login(client: Client, asked: AccessRequest) -> None:
    step = asked.steps.first()
    assert step is not None
    for address in (
        "/access",
        "/manage/access",
        f"/access/{asked.public_id}",
        f"/resources/{asked.resource.public_id}/ask",
        f"/resources/{asked.resource.public_id}/steps",
        "/assessments",
        f"/resources/{asked.resource.public_id}/assessments/new",
    ):
        assert "/accounts/login" in client.get(address)["Location"]
    for address in (
        f"/access/{asked.public_id}/reject",
        f"/access/{asked.public_id}/withdraw",
        f"/access/steps/{step.public_id}/confirm",
    ):
        assert "/accounts/login" in client.post(address)["Location"]


def test_eve_asks_from_the_page_of_the_instrument(
    as_user: LogIn, eve: User, ben: User, nmr: Resource
) -> None:
    client = as_user(eve)
    address = f"/resources/{nmr.public_id}/ask"
    assert address in client.get(f"/resources/{nmr.public_id}").content.decode()
    page = client.get(address).content.decode()
    assert "Magnet and quench" in page
    form = {"level": "book", "justification": "Peptides", "supervisor": "nobody"}
    answer = client.post(address, form)
    assert answer.status_code == 422
    assert "Nobody is known as nobody" in answer.content.decode()
    assert "Peptides" in answer.content.decode()
    answer = client.post(address, {**form, "supervisor": ben.username})
    made = AccessRequest.objects.get()
    assert answer["Location"] == f"/access/{made.public_id}"
    # Asked again, the page leads to what was asked.
    assert client.get(address)["Location"] == f"/access/{made.public_id}"
    assert "Supervisor" in client.get(f"/access/{made.public_id}").content.decode()


def test_the_instrument_leads_to_the_request_that_waits(
    as_user: LogIn, eve: User, ada: User, asked: AccessRequest
) -> None:
    page, request = f"/resources/{asked.resource.public_id}", f"/access/{asked.public_id}"
    ask = f"{page}/ask"
    found = as_user(eve).get(page).content.decode()
    assert f'href="{request}"' in found
    assert ask not in found
    assert ask in as_user(ada).get(page).content.decode()
    AccessRequest.objects.update(state=RequestState.REJECTED)
    assert ask in as_user(eve).get(page).content.decode()


def test_access_is_renewed_only_towards_its_end(
    as_user: LogIn, ada: User, nmr: Resource, now: datetime
) -> None:
    granted = ResourceAccess.objects.create(
        user=ada, resource=nmr, expires_at=now + timedelta(days=61)
    )
    ask = f"/resources/{nmr.public_id}/ask"
    assert ask not in as_user(ada).get("/access").content.decode()
    granted.expires_at = now + timedelta(days=59)
    granted.save()
    assert ask in as_user(ada).get("/access").content.decode()


def test_who_sees_a_request(as_user: LogIn, cast: dict[str, User], asked: AccessRequest) -> None:
    found = {
        name: as_user(user).get(f"/access/{asked.public_id}").status_code
        for name, user in cast.items()
    }
    assert found == {"ada": 404, "ben": 200, "chris": 200, "dora": 200, "eve": 200}
    listed = {
        name: "Peptides" in as_user(user).get("/manage/access").content.decode()
        for name, user in cast.items()
    }
    assert listed == {"ada": False, "ben": True, "chris": True, "dora": True, "eve": False}


def test_step_by_step_to_the_key(
    as_user: LogIn, ben: User, chris: User, eve: User, asked: AccessRequest
) -> None:
    first, second, third = asked.steps.all()
    confirm = "/access/steps/{}/confirm".format
    assert as_user(eve).post(confirm(first.public_id)).status_code == 403
    as_user(ben).post(confirm(first.public_id), {"note": "In my group"})
    client = as_user(chris)
    lie = SimpleUploadedFile("proof.pdf", b"MZ program", content_type="application/pdf")
    answer = client.post(confirm(second.public_id), {"note": "Done", "evidence": lie})
    assert answer.status_code == 422
    assert "choose another" in answer.content.decode()
    proof = SimpleUploadedFile("proof.pdf", PDF, content_type="application/pdf")
    client.post(confirm(second.public_id), {"note": "Done", "evidence": proof})
    second.refresh_from_db()
    assert second.evidence is not None
    client.post(confirm(third.public_id))
    asked.refresh_from_db()
    assert asked.state == RequestState.GRANTED
    assert ResourceAccess.objects.filter(user=eve).exists()

    # The file is read by who may read the request, and saved, not shown.
    address = f"/files/{second.evidence.public_id}"
    answer = as_user(eve).get(address)
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert as_user(User.objects.get(username="ben")).get(address).status_code == 404


def test_rejected_with_a_reason_and_withdrawn(
    as_user: LogIn, chris: User, ada: User, eve: User, asked: AccessRequest
) -> None:
    reject, withdraw = (f"/access/{asked.public_id}/{act}" for act in ("reject", "withdraw"))
    assert as_user(ada).post(reject, {"reason": "x"}).status_code == 404
    assert as_user(chris).post(withdraw).status_code == 404
    as_user(chris).post(reject, {"reason": "Not before\x00 May"})
    assert "Not before May" in as_user(eve).get(f"/access/{asked.public_id}").content.decode()
    again = as_user(eve).get(f"/resources/{asked.resource.public_id}/ask").content.decode()
    assert "Not before May" in again
    assert "Peptides" in again
    answer = as_user(eve).post(withdraw, follow=True)
    assert "no longer waits" in answer.content.decode()


def test_what_newcomers_do_is_written_by_who_lets_them_in(
    as_user: LogIn, cast: dict[str, User], nmr: Resource
) -> None:
    address = f"/resources/{nmr.public_id}/steps"
    found = {name: as_user(user).get(address).status_code for name, user in cast.items()}
    assert found == {"ada": 403, "ben": 403, "chris": 200, "dora": 200, "eve": 403}
    form = {
        "form-TOTAL_FORMS": "2",
        "form-INITIAL_FORMS": "1",
        "form-0-kind": "supervisor",
        "form-1-kind": "training",
    }
    client = as_user(cast["chris"])
    answer = client.post(address, form)
    assert answer.status_code == 422
    assert "Say which course" in answer.content.decode()
    client.post(address, {**form, "form-1-kind": "assessment", "form-1-note": "Form 7"})
    kinds = list(nmr.requirements.values_list("kind", flat=True))
    assert kinds == ["supervisor", "assessment"]


@pytest.mark.parametrize("many", [1, 3])
def test_lists_take_as_many_statements_for_three_as_for_one(
    as_user: LogIn, chris: User, eve: User, ben: User, now: datetime, many: int
) -> None:
    for n in range(many):
        resource = make_resource(f"Restricted {n}", requires_access=True)
        wish = AccessWish(level=AccessLevel.BOOK, justification="x", supervisor_id=ben.public_id)
        ask_for_access(actor=eve, resource_id=resource.public_id, wish=wish, now=now)
        ResourceAccess.objects.create(user=eve, resource=resource)
    client = as_user(chris)
    with count_queries(QUEUE_QUERIES):
        client.get("/manage/access")
    client = as_user(eve)
    with count_queries(MINE_QUERIES):
        client.get("/access")
    with count_queries(REQUEST_QUERIES):
        client.get(f"/access/{AccessRequest.objects.latest('asked_at').public_id}")


QUEUE_QUERIES, MINE_QUERIES, REQUEST_QUERIES = 5, 6, 5


def test_hidden_instruments_show_to_who_has_access(
    as_user: LogIn, cast: dict[str, User], now: datetime
) -> None:
    secret = make_resource("Secret project rig", requires_access=True, is_hidden=True)
    ResourceAccess.objects.create(user=cast["ben"], resource=secret, level=AccessLevel.VIEW)
    shown = {}
    for name, user in cast.items():
        client = as_user(user)
        pages = [
            client.get(address).content.decode()
            for address in ("/resources", "/calendar", "/bookings/new", "/find-time")
        ]
        shown[name] = {secret.name in page for page in pages} | {
            client.get(f"/resources/{secret.public_id}").status_code == 200
        }
    assert shown == {
        "ada": {False},
        "ben": {True},
        "chris": {True},
        "dora": {True},
        "eve": {False},
    }


def test_a_risk_assessment_is_written_and_reviewed(
    as_user: LogIn, ada: User, chris: User, eve: User
) -> None:
    laser = make_resource("Laser", requires_assessment=True)
    client = as_user(ada)
    form = {
        "title": "Alignment",
        "kind": "laser",
        "level": "high",
        "hazards": "Eyes",
        "controls": "",
        "protection": "goggles, goggles, gloves",
        "submit": "",
    }
    address = f"/resources/{laser.public_id}/assessments/new"
    assert client.post(address, form).status_code == 422
    client.post(address, {**form, "controls": "Closed door"})
    written = RiskAssessment.objects.get()
    assert written.protection == ["goggles", "gloves"]
    page = f"/assessments/{written.public_id}"
    assert as_user(eve).get(page).status_code == 404
    client = as_user(chris)
    assert "Alignment" in client.get("/assessments").content.decode()
    assert client.post(f"{page}/review", {"send_back": ""}).status_code == 422
    client.post(f"{page}/review", {"approve": "", "review_on": "2026-12-31"})
    written.refresh_from_db()
    assert f"{written.review_on}" == "2026-12-31"
    assert "status-confirmed" in as_user(ada).get("/assessments").content.decode()
