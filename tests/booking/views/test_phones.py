"""The page of one's number, its endpoints, and what the service reports."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from booking.models import Message, OutboxEvent, PhoneNumber
from booking.queries.phones import code_of
from tests.conftest import LogIn
from tests.support.http_server import Recorder, http_server
from tests.support.queries import count_queries
from tests.support.twilio import NUMBER, sign, use_twilio, verified

pytestmark = pytest.mark.django_db
PAGE, API, REPORT = "/notices/phone", "/api/v1/me/phone", "/notices/texts/status"
OTHER = "+4915100000000"
JSON = "application/json"


@pytest.fixture
def server(settings: LazySettings) -> Iterator[Recorder]:
    with http_server() as recorder:
        use_twilio(settings, recorder)
        yield recorder


def test_everybody_has_a_page_of_their_own(
    as_user: LogIn, cast: dict[str, User], server: Recorder
) -> None:
    verified(cast["ada"])
    for name, user in cast.items():
        answer = as_user(user).get(PAGE)
        assert answer.status_code == 200
        assert (NUMBER in answer.content.decode()) == (name == "ada")


def test_visitors_log_in_first(client: Client, db: None) -> None:
    assert "/accounts/login" in client.get(PAGE)["Location"]
    for path in (PAGE, f"{PAGE}/verify", f"{PAGE}/remove"):
        assert "/accounts/login" in client.post(path)["Location"]
    assert client.get(API).status_code == 401
    assert client.put(API, {}).status_code == 401
    assert client.post(f"{API}/verify", {}).status_code == 401


def test_a_lab_without_texts_says_so(as_user: LogIn, ada: User) -> None:
    client = as_user(ada)
    assert "sends no text messages" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"number": NUMBER}).status_code == 409
    assert client.get("/notices/preferences").content.decode().count("Text message") == 0


def test_a_number_is_given_verified_and_forgotten(
    as_user: LogIn, ada: User, server: Recorder
) -> None:
    client = as_user(ada)
    assert "number first" in client.get("/notices/preferences").content.decode()
    assert client.post(PAGE, {"number": "12"}).status_code == 422
    shown = client.post(PAGE, {"number": "+49 151 23456789"}, follow=True).content.decode()
    assert "A code is on its way" in shown and "Not verified yet" in shown
    wrong = client.post(f"{PAGE}/verify", {"code": "nothing"})
    assert wrong.status_code == 422
    assert "not the code that was sent last" in wrong.content.decode()
    code = code_of(PhoneNumber.objects.get())
    shown = client.post(f"{PAGE}/verify", {"code": code}, follow=True).content.decode()
    assert "Your number is verified" in shown and "come to this number" in shown
    assert "number first" not in client.get("/notices/preferences").content.decode()
    client.post(f"{PAGE}/remove")
    assert not PhoneNumber.objects.exists()


def test_codes_are_limited_by_account_and_by_number(
    as_user: LogIn, ada: User, ben: User, server: Recorder, settings: LazySettings
) -> None:
    settings.RATE_PHONE_CODE = "2/h"
    client = as_user(ada)
    answers = [client.post(PAGE, {"number": f"+4915100000{n}00"}) for n in range(3)]
    # The second waits for its minute, the third is one too many of the account.
    assert [each.status_code for each in answers] == [302, 429, 429]
    assert ["Wait a minute" in each.content.decode() for each in answers] == [False, True, False]
    client = as_user(ben)
    assert client.post(PAGE, {"number": "+49 151 00000 100"}).status_code == 302
    # Counted for ada and ben together: it is one number.
    assert client.post(PAGE, {"number": "+49 151 00000 100"}).status_code == 429
    assert OutboxEvent.objects.count() == 2


def test_the_number_by_the_interface(as_user: LogIn, ada: User, server: Recorder) -> None:
    client = as_user(ada)
    assert client.get(API).status_code == 404
    answer = client.put(API, {"number": "+49 151 23456789"}, content_type=JSON)
    assert answer.json()["data"] == {"number": NUMBER, "verified_at": None}
    refused = client.put(API, {"number": OTHER}, content_type=JSON)
    assert refused.status_code == 429
    assert refused.json()["errors"][0]["code"] == "phone.too_soon"
    wrong = client.post(f"{API}/verify", {"code": "1"}, content_type=JSON)
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "phone.wrong_code")
    code = code_of(PhoneNumber.objects.get())
    good = client.post(f"{API}/verify", {"code": code}, content_type=JSON)
    assert good.json()["data"]["verified_at"]
    assert client.get(API).json()["data"]["number"] == NUMBER
    assert client.delete(API).status_code == 204
    assert client.get(API).status_code == client.delete(API).status_code == 404


def test_the_interface_counts_the_same_tries(
    as_user: LogIn, ada: User, server: Recorder, settings: LazySettings
) -> None:
    settings.RATE_PHONE_CODE = "1/h"
    client = as_user(ada)
    client.post(PAGE, {"number": NUMBER})
    answer = client.put(API, {"number": OTHER}, content_type=JSON)
    assert answer.status_code == 429
    assert answer.json()["errors"][0]["code"] == "request.throttled"


@pytest.mark.parametrize(("has_number", "queries"), [(False, 3), (True, 3)])
def test_the_page_costs_little(
    as_user: LogIn, ada: User, server: Recorder, has_number: bool, queries: int
) -> None:
    if has_number:
        verified(ada)
    client = as_user(ada)
    client.get(PAGE)
    with count_queries(queries):
        client.get(PAGE)


@pytest.fixture
def text(ada: User, now: datetime) -> Message:
    """A text that the service took."""
    event = OutboxEvent.objects.create(kind="offer.made", created_at=now)
    return Message.objects.create(
        event=event, user=ada, kind="offer.made", channel="sms", status="sent",
        receipt="SM1", created_at=now, sent_at=now,
    )  # fmt: skip


def report(
    text: Message, *, token: str | None = None, **changes: str
) -> tuple[str, dict[str, str]]:
    """A report as it comes, and its signature."""
    assert text.user
    sent = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003", **changes}
    path = f"{REPORT}?message={text.event.public_id}.{text.user.public_id}"
    given = {} if token is None else {"token": token}
    return path, {**sent, "_signature": sign(f"https://lab.example.org{path}", sent, **given)}


def post(path: str, sent: dict[str, str]) -> int:
    signature = sent.pop("_signature")
    client = Client(enforce_csrf_checks=True)
    return client.post(path, sent, headers={"X-Twilio-Signature": signature}).status_code


def test_a_signed_report_marks_the_text(server: Recorder, text: Message) -> None:
    assert post(*report(text, MessageStatus="delivered")) == 204
    text.refresh_from_db()
    assert text.status == "sent"
    assert post(*report(text)) == 204
    text.refresh_from_db()
    assert (text.status, text.last_error) == ("failed", "undelivered, 30003")
    assert AuditLog.objects.filter(action="message.undelivered").count() == 1


def test_what_is_not_signed_is_refused(server: Recorder, text: Message) -> None:
    path, sent = report(text)
    forged = [
        (path, {**sent, "_signature": ""}),
        (path, {**sent, "_signature": "ü"}),
        (path, {**sent, "ErrorCode": "30004"}),
        (path, {**sent, "More": "1"}),
        (f"{path}x", sent),
        report(text, token="another"),
    ]
    assert [post(where, {**what}) for where, what in forged] == [403] * 6
    text.refresh_from_db()
    assert text.status == "sent"


def test_a_signed_report_of_nothing_changes_nothing(server: Recorder, text: Message) -> None:
    assert post(*report(text, MessageSid="SM2")) == 204
    sent = {"MessageStatus": "failed"}
    signature = sign(f"https://lab.example.org{REPORT}?message=x", sent)
    assert post(f"{REPORT}?message=x", {**sent, "_signature": signature}) == 400
    text.refresh_from_db()
    assert text.status == "sent"


def test_without_a_service_there_is_no_such_address(
    server: Recorder, text: Message, settings: LazySettings
) -> None:
    path, sent = report(text, token="")
    settings.TWILIO_ACCOUNT_SID = settings.TWILIO_AUTH_TOKEN = ""
    assert post(path, sent) == 404
    assert Client().get(REPORT).status_code == 405
