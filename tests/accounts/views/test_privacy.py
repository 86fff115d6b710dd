"""The pages of one's own data, and of the requests of others."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from accounts.holdings import SECRET_FIELDS, holdings
from accounts.models import Consent, PrivacyRequest, User, UserProfile
from accounts.proofs import PROOF
from audit.models import AuditLog, SecurityEvent
from audit.services.data_access import record_access
from booking.enums import Status
from booking.models import Resource
from labitory.lib.clock import now as clock_now
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.factors import give_app
from tests.factories.groups import make_group, make_project
from tests.factories.people import PASSWORD
from tests.support.queries import count_queries

OWN, COPY, ASK = "/accounts/privacy", "/accounts/privacy/copy", "/accounts/privacy/erasure"
QUEUE = "/accounts/privacy/requests"
PROFILE = {
    "first_name": "Ada",
    "phone": "+49 30 1234",
    "emergency_contact": "Lord Byron",
    "date_format": "j M Y",
    "time_format": "H:i",
    "theme": "auto",
    "language": "en",
}


def wait(client: Client) -> None:
    """Half an hour passes since who it is was shown."""
    session = client.session
    at = clock_now() - timedelta(minutes=30)
    session[PROOF] = {**session[PROOF], "at": at.isoformat()}
    session.save()


def test_the_copy_has_everything_and_no_secret(
    as_user: LogIn, ada: User, ben: User, microscope: Resource
) -> None:
    now = clock_now()
    UserProfile.objects.filter(user=ada).update(phone="+49 30 1234")
    app, _codes = give_app(ada, now)
    make_project("Engines", make_group("Analysts", ben, ada), ada)
    make_booking(ada, microscope, now - timedelta(days=9), status=Status.COMPLETED, created_by=ben)
    record_access(viewer=ben, subjects=[ada], what="person page", now=now)
    client = as_user(ada)
    session = client.session
    session[PROOF] = {"kind": "app", "at": now.isoformat()}
    session.save()
    answer = client.post(COPY)
    assert answer.headers["Content-Type"] == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    copy: dict[str, Any] = json.loads(answer.content)
    assert copy["account"]["email"] == "ada@example.org"
    kept = copy["kept"]
    assert set(kept) == {f"{each.model}.{each.field}" for each in holdings() if not each.left_out}
    assert kept["accounts.userprofile.user"][0]["phone"] == "+49 30 1234"
    assert kept["accounts.groupmember.user"][0]["group"] == "Analysts"
    assert kept["accounts.projectmember.user"][0]["project"] == "Engines (GRANT-Engines)"
    booking = kept["booking.booking.user"][0]
    assert booking["resource"] == str(microscope)
    assert (booking["user"], booking["created_by"]) == ("yourself", "another person")
    assert len(kept["accounts.session.user"]) == 1
    assert copy["looked_at_by"][0]["viewer_name"] == "Ben"
    assert "factor.app_added" in {each["action"] for each in copy["audit"]}
    assert "privacy.copied" in {each["kind"] for each in copy["security_events"]}
    for secret in (app.key, ada.password, "ben@example.org"):
        assert secret not in answer.content.decode()
    asked = PrivacyRequest.objects.get(user=ada)
    assert (asked.kind, asked.done_by) == ("copy", ada)
    assert AuditLog.objects.filter(action="privacy.copy_taken", actor_id=ada.pk).exists()


def test_secret_fields_are_named_as_the_columns_are() -> None:
    names = {field.name for model in apps.get_models() for field in model._meta.concrete_fields}
    assert names >= SECRET_FIELDS


@pytest.mark.parametrize("address", [COPY, ASK])
def test_who_it_is_is_asked_again_first(as_user: LogIn, ada: User, address: str) -> None:
    client = as_user(ada)
    wait(client)
    answer = client.post(address)
    assert (answer.status_code, b"Confirm that it is you" in answer.content) == (422, True)
    assert not PrivacyRequest.objects.exists()
    client.post(address, {"proof-password": PASSWORD})
    assert PrivacyRequest.objects.filter(user=ada).count() == 1


def test_a_phone_number_is_agreed_to_and_taken_back(as_user: LogIn, ada: User) -> None:
    client = as_user(ada)
    client.post("/accounts/profile", PROFILE)
    own = UserProfile.objects.get(user=ada)
    assert (own.phone, own.emergency_contact) == ("+49 30 1234", "Lord Byron")
    consent = Consent.objects.get(user=ada)
    assert consent.purpose == "contact"
    assert "Take back and delete" in client.get(OWN).content.decode()
    log = AuditLog.objects.get(action="user.changed")
    assert log.changes["phone"] == ["[redacted]", "[redacted]"]
    client.post("/accounts/privacy/contact/withdraw")
    own.refresh_from_db()
    consent.refresh_from_db()
    assert (own.phone, own.emergency_contact) == ("", "")
    assert consent.withdrawn_at is not None
    assert AuditLog.objects.filter(action="consent.withdrawn").count() == 1
    client.post("/accounts/profile", PROFILE)
    client.post("/accounts/profile", {**PROFILE, "phone": "", "emergency_contact": ""})
    assert Consent.objects.filter(user=ada, withdrawn_at=None).count() == 0


def test_the_page_says_who_looked_newest_first(as_user: LogIn, ada: User, chris: User) -> None:
    now = clock_now()
    record_access(viewer=chris, subjects=[ada], what="people list", now=now - timedelta(days=1))
    record_access(viewer=chris, subjects=[ada], what="person page", now=now)
    record_access(viewer=chris, subjects=[chris], what="people list", now=now)
    text = as_user(ada).get(OWN).content.decode()
    assert text.count(">Chris<") == 2
    assert text.index("person page") < text.index("people list")


def test_the_page_costs_the_same_for_one_and_three(as_user: LogIn, ada: User, chris: User) -> None:
    client = as_user(ada)
    client.get(OWN)
    for more in (1, 2):
        for _n in range(more):
            record_access(viewer=chris, subjects=[ada], what="person page", now=clock_now())
        with count_queries(10):
            client.get(OWN)


def test_asking_and_taking_back(as_user: LogIn, ada: User) -> None:
    client = as_user(ada)
    assert "You asked for erasure" in client.post(ASK, follow=True).content.decode()
    assert "Take it back" in client.get(OWN).content.decode()
    client.post(ASK + "/withdraw")
    assert "Ask for erasure" in client.get(OWN).content.decode()
    assert "taken back" in client.get(OWN).content.decode()


def test_the_queue_refuses_and_erases(as_user: LogIn, ada: User, eve: User, dora: User) -> None:
    for user in (ada, eve):
        as_user(user).post(ASK)
    client = as_user(dora)
    client.get("/")
    ask_ada, ask_eve = (PrivacyRequest.objects.get(user=user) for user in (ada, eve))
    page = client.get(QUEUE).content.decode()
    assert page.index("Ada") < page.index("Eve")
    refuse = f"{QUEUE}/{ask_ada.public_id}/refuse"
    assert client.post(refuse, {"reason": ""}).status_code == 422
    assert "Refused" in client.post(refuse, {"reason": "A dispute"}, follow=True).content.decode()
    wait(client)
    erase = f"{QUEUE}/{ask_eve.public_id}/erase"
    assert client.post(erase).status_code == 422
    client.post(erase, {"proof-password": PASSWORD})
    eve.refresh_from_db()
    assert str(eve) == "Former user"
    assert "Nobody waits" in client.get(QUEUE).content.decode()
    assert SecurityEvent.objects.filter(kind="privacy.erased").count() == 1
    assert "A dispute" in as_user(ada).get(OWN).content.decode()


@pytest.mark.parametrize("name", ["ada", "ben", "chris"])
def test_the_queue_is_for_those_who_answer(
    as_user: LogIn, cast: dict[str, User], name: str
) -> None:
    as_user(cast["eve"]).post(ASK)
    asked = PrivacyRequest.objects.get()
    client = as_user(cast[name])
    assert client.get(QUEUE).status_code == 403
    assert client.post(f"{QUEUE}/{asked.public_id}/erase").status_code == 403
    assert client.post(f"{QUEUE}/{asked.public_id}/refuse", {"reason": "x"}).status_code == 403
    assert "Privacy requests" not in client.get("/").content.decode()
