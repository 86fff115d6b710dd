"""The pages of registering, deciding, inviting and accepting, for everybody and for visitors."""

import re
from datetime import datetime
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client

from accounts.models import Invitation, Registration, User
from booking.handlers import HANDLERS
from booking.models import Message
from booking.services.events import dispatch_batch
from booking.services.messages import send_message
from tests.conftest import LogIn
from tests.factories.groups import make_group
from tests.support.queries import count_queries

PASSWORD = "quiet-river-stone-42"
FORM = {
    "first_name": "Fay",
    "last_name": "Young",
    "email": "fay@example.org",
    "username": "fay",
    "password": PASSWORD,
}
WAITING, INVITED = "/accounts/registrations", "/accounts/invitations"


@pytest.fixture(autouse=True)
def _open(settings: LazySettings, db: None) -> None:
    settings.REGISTRATION_DOMAINS = ["example.org"]
    settings.REGISTRATION_APPROVAL = "manager"
    settings.RATE_REGISTRATION = "20/h"


def sent(now: datetime) -> str:
    """The link of the last mail, after everything that waits is sent."""
    dispatch_batch(handlers=HANDLERS, now=now)
    for email in Message.objects.filter(sent_at=None):
        assert send_message(message_id=email.pk, attempt=email.attempts, now=now)
    found = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def test_a_closed_registration_says_how(client: Client, settings: LazySettings) -> None:
    settings.REGISTRATION_DOMAINS = []
    page = client.get("/accounts/register")
    assert page.status_code == 200
    assert "How to get an account" in page.content.decode()
    assert "/accounts/register" in client.get("/accounts/login").content.decode()
    client.post("/accounts/register", FORM)
    assert not Registration.objects.exists()


def test_from_the_form_to_the_first_login(
    client: Client, as_user: LogIn, chris: User, now: datetime
) -> None:
    answer = client.post("/accounts/register", FORM)
    assert answer["Location"] == "/accounts/register/sent"
    assert client.get("/accounts/register/sent").status_code == 200
    link = sent(now)
    assert link.startswith("/accounts/register/confirm/")
    # A mail program that opens the link confirms nothing.
    assert "fay@example.org" in client.get(link).content.decode()
    assert Registration.objects.get().verified_at is None
    assert "Your address is confirmed" in client.post(link).content.decode()
    assert "Your address is confirmed" in client.get(link).content.decode()
    assert sent(now) == WAITING
    registration = Registration.objects.get()
    manager = as_user(chris)
    assert "fay@example.org" in manager.get(WAITING).content.decode()
    manager.post(f"{WAITING}/{registration.public_id}/approve")
    manager.logout()
    assert "Your account is ready" in client.get(link).content.decode()
    assert sent(now) == "/accounts/login"
    assert client.login(username="fay", password=PASSWORD)


def test_the_answer_is_the_same_for_the_known(client: Client, ada: User, now: datetime) -> None:
    answers = [
        client.post("/accounts/register", {**FORM, **change})
        for change in ({}, {"email": "ada@example.org"}, {"username": "ada"})
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, "/accounts/register/sent")
    }
    assert Registration.objects.count() == 1
    sent(now)
    subjects = sorted(message.subject for message in mail.outbox)
    assert subjects == [
        "Choose another user name",
        "Confirm your e-mail address",
        "You have an account already",
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "fay@elsewhere.org"),
        ("email", "nothing"),
        ("username", "a b"),
        ("password", "password12"),
        ("first_name", ""),
        ("last_name", "a\x00b"),
        ("group", "00000000-0000-4000-8000-000000000000"),
    ],
)
def test_a_wrong_form_is_kept_and_nothing_written(client: Client, field: str, value: str) -> None:
    answer = client.post("/accounts/register", {**FORM, field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert PASSWORD not in answer.content.decode()
    assert not Registration.objects.exists()


def test_role_and_status_are_not_to_be_had(client: Client) -> None:
    client.post("/accounts/register", {**FORM, "role": "sysadmin", "status": "approved"})
    assert Registration.objects.get().status == "unverified"


def test_too_many_are_stopped(client: Client, settings: LazySettings) -> None:
    settings.RATE_REGISTRATION = "2/h"
    codes = [client.post("/accounts/register", FORM).status_code for _each in range(3)]
    assert codes == [302, 302, 429]


@pytest.mark.parametrize("token", ["x", "a:b:c", "eyJ", "%00", "é"])
def test_forged_links_lead_nowhere(client: Client, token: str) -> None:
    for path in (f"/accounts/register/confirm/{token}", f"{INVITED}/accept/{token}"):
        assert client.get(path).status_code == 404
        assert client.post(path, FORM).status_code == 404
    assert not User.objects.exists()


def test_a_link_of_one_kind_is_none_of_another(client: Client, now: datetime) -> None:
    client.post("/accounts/register", FORM)
    token = sent(now).rpartition("/")[2]
    assert client.post(f"{INVITED}/accept/{token}", FORM).status_code == 404
    assert not User.objects.exists()


def test_who_decides_and_who_invites(
    client: Client, as_user: LogIn, cast: dict[str, User], settings: LazySettings
) -> None:
    settings.REGISTRATION_APPROVAL = "group"
    registration = Registration.objects.create(
        **{**FORM, "password": "!"},
        group=make_group("Optics", cast["ben"], cast["ada"]),
        status="waiting",
        asked_at="2026-03-01T09:00Z",
        expires_at="2026-04-01T09:00Z",
    )
    anonymous = Client()
    for path in (WAITING, INVITED):
        assert "/accounts/login" in anonymous.get(path)["Location"]
    for act in ("approve", "decline"):
        path = f"{WAITING}/{registration.public_id}/{act}"
        assert "/accounts/login" in anonymous.post(path)["Location"]
        for name in ("ada", "eve"):
            assert as_user(cast[name]).post(path).status_code == 403
    seen = {
        name
        for name, user in cast.items()
        if "fay@example.org" in as_user(user).get(WAITING).content.decode()
    }
    assert seen == {"ben", "chris", "dora"}
    codes = {name: as_user(user).get(INVITED).status_code for name, user in cast.items()}
    assert codes == {"ada": 403, "ben": 200, "chris": 200, "dora": 200, "eve": 403}
    as_user(cast["ben"]).post(f"{WAITING}/{registration.public_id}/decline", {"reason": "Who?"})
    registration.refresh_from_db()
    assert (registration.status, registration.reason) == ("declined", "Who?")
    assert as_user(cast["ben"]).post(f"{WAITING}/{uuid4()}/approve").status_code == 404


def test_an_invitation_is_accepted_once(
    client: Client, as_user: LogIn, chris: User, now: datetime
) -> None:
    manager = as_user(chris)
    answer = manager.post(INVITED, {"email": "fay@example.org", "role": "sysadmin"})
    assert answer.status_code == 422
    answer = manager.post(INVITED, {"email": "fay@example.org", "role": "researcher"})
    assert answer["Location"] == INVITED
    assert manager.post(INVITED, {"email": "fay@example.org", "role": "student"}).status_code == 422
    page = manager.get(INVITED).content.decode()
    assert "fay@example.org" in page
    manager.logout()
    link = sent(now)
    assert "Chris invited" in client.get(link).content.decode()
    newcomer = {name: value for name, value in FORM.items() if name != "email"}
    assert client.post(link, {**newcomer, "password": "short"}).status_code == 422
    assert client.post(link, {**newcomer, "username": "chris"}).status_code == 422
    answer = client.post(link, {**newcomer, "role": "sysadmin", "email": "x@example.org"})
    assert answer["Location"] == "/accounts/login"
    user = User.objects.get(username="fay")
    assert (user.role, user.email) == ("researcher", "fay@example.org")
    assert client.get(link).status_code == 404
    assert client.post(link, newcomer).status_code == 404


def test_an_invitation_is_taken_back(as_user: LogIn, chris: User, eve: User, now: datetime) -> None:
    as_user(chris).post(INVITED, {"email": "fay@example.org", "role": "student"})
    invitation = Invitation.objects.get()
    path = f"{INVITED}/{invitation.public_id}/withdraw"
    assert as_user(eve).post(path).status_code == 403
    as_user(chris).post(path)
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is not None
    assert as_user(chris).get(sent(now)).status_code == 404
    assert as_user(chris).post(f"{INVITED}/{uuid4()}/withdraw").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_user: LogIn, dora: User, number: int) -> None:
    for n in range(number):
        Registration.objects.create(
            **{**FORM, "password": "!", "first_name": "<script>"},
            group=make_group(f"Group {n}", dora),
            status="waiting",
            asked_at="2026-03-01T09:00Z",
            expires_at="2026-04-01T09:00Z",
        )
        Invitation.objects.create(
            email=f"g{n}@example.org",
            invited_by=dora,
            invited_at="2026-03-01T09:00Z",
            expires_at="2026-04-01T09:00Z",
        )
    client = as_user(dora)
    client.get(WAITING)
    for path, queries in ((WAITING, 4), (INVITED, 5)):
        with count_queries(queries):
            page = client.get(path)
        assert b'<h2 class="h6 fw-semibold mb-0"><script>' not in page.content
        assert len(page.content) < 60_000
