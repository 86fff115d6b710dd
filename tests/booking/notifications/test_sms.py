"""Text messages, to a server on this machine that answers as Twilio does."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import structlog
from django.conf import LazySettings

from accounts.models import User
from booking.enums import DeliveryStatus, Timing
from booking.events import post_notice
from booking.handlers import HANDLERS
from booking.models import Message, NotificationPreference
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.channels import SMS
from booking.notifications.channels.sms.text import shorten
from booking.services.events import dispatch_batch
from booking.services.messages import gather_digests, lend_messages, send_message
from labitory.lib import outbound
from tests.support.http_server import Asked, Recorder, Said, http_server
from tests.support.queries import count_queries
from tests.support.twilio import NUMBER, TOKEN, fields, refuses, use_twilio, verified

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LINK = "https://lab.example.org/bookings/00000000-0000-0000-0000-000000000000"
OFFER = {
    "resource": "Confocal 1",
    "when": {"start": "2026-03-03T09:00:00+00:00", "end": "2026-03-03T10:00:00+00:00"},
    "until": {"at": "2026-03-02T08:00:00+00:00"},
}


@pytest.fixture
def server(settings: LazySettings) -> Iterator[Recorder]:
    with http_server() as recorder:
        use_twilio(settings, recorder)
        yield recorder


def tell(*people: User, now: datetime, kind: str = "offer.made") -> None:
    facts = OFFER if kind == "offer.made" else {"quota": "Beam time", "gives": "2 h"}
    keys = [each.pk for each in people]
    post_notice(kind=kind, people=keys, path="/offers", facts=facts, now=now)
    dispatch_batch(handlers=HANDLERS, now=now)


def send_all(now: datetime) -> list[bool]:
    due = list(lend_messages(now=now))
    texts = set(Message.objects.filter(channel="sms").values_list("pk", flat=True))
    return [
        send_message(message_id=key, attempt=attempt, now=now)
        for key, attempt in due
        if key in texts
    ]


def test_what_is_urgent_is_sent_once_to_a_verified_number(
    ada: User, server: Recorder, now: datetime
) -> None:
    verified(ada)
    tell(ada, now=now)
    assert send_all(now) == [True]
    assert send_all(now + HOUR) == []
    [asked] = server.asked
    assert asked.path == "/2010-04-01/Accounts/ACtest/Messages.json"
    sent, message = fields(asked), Message.objects.get(channel="sms")
    assert (sent["To"], sent["From"]) == (NUMBER, "+4930123456")
    assert "Confocal 1" in sent["Body"]
    assert sent["Body"].endswith("https://lab.example.org/offers")
    assert len(sent["Body"]) <= 320
    key = f"{message.event.public_id}.{ada.public_id}"
    assert sent["StatusCallback"] == f"https://lab.example.org/notices/texts/status?message={key}"
    assert (message.status, message.receipt) == (DeliveryStatus.SENT, "SM1")


def test_a_messaging_service_sends_too(
    ada: User, server: Recorder, settings: LazySettings, now: datetime
) -> None:
    settings.TWILIO_FROM, settings.SITE_URL = "MG1", "http://127.0.0.1:8000"
    verified(ada)
    tell(ada, now=now)
    send_all(now)
    sent = fields(server.asked[0])
    assert sent["MessagingServiceSid"] == "MG1"
    # Nobody outside could call this machine.
    assert "From" not in sent and "StatusCallback" not in sent


def test_only_what_is_urgent_comes_to_who_chose_nothing() -> None:
    for kind in CATALOGUE.values():
        assert SMS.default(kind) is (Timing.NOW if kind.urgent else Timing.OFF)


@pytest.mark.parametrize("why", ["no number", "not verified", "not set up"])
def test_nobody_is_reached_without_a_verified_number(
    ada: User, server: Recorder, settings: LazySettings, now: datetime, why: str
) -> None:
    phone = verified(ada)
    if why == "no number":
        phone.delete()
    elif why == "not verified":
        phone.verified_at = None
        phone.save()
    else:
        settings.TWILIO_ACCOUNT_SID = ""
    tell(ada, now=now)
    assert not Message.objects.filter(channel="sms").exists()


@pytest.mark.parametrize("code", [21211, 21610, 21614])
def test_what_never_arrives_is_not_tried_again(
    ada: User, server: Recorder, now: datetime, code: int
) -> None:
    digits = NUMBER.removeprefix("+")
    server.answer = lambda _asked: refuses(400, code, f"{NUMBER} ({digits}) cannot be reached")
    verified(ada)
    tell(ada, now=now)
    assert send_all(now) == [False]
    message = Message.objects.get(channel="sms")
    assert (message.status, message.attempts) == (DeliveryStatus.FAILED, 1)
    assert str(code) in message.last_error
    assert digits not in message.last_error
    assert send_all(now + 24 * HOUR) == []


@pytest.mark.parametrize(
    ("status", "code"), [(429, 20429), (500, 20500), (503, 20503), (401, 20003), (400, 21999)]
)
def test_what_may_pass_is_tried_again(
    ada: User, server: Recorder, now: datetime, status: int, code: int
) -> None:
    good = server.answer
    server.answer = lambda _asked: refuses(status, code, "Not now")
    verified(ada)
    tell(ada, now=now)
    assert send_all(now) == [False]
    message = Message.objects.get(channel="sms")
    assert message.status == DeliveryStatus.PENDING
    assert f"{status}, {code}: Not now" in message.last_error
    server.answer = good
    assert send_all(now + HOUR) == [True]
    assert len(server.asked) == 2


def test_secrets_stay_out_of_errors_and_logs(
    ada: User, server: Recorder, settings: LazySettings, now: datetime
) -> None:
    settings.TWILIO_AUTH_TOKEN = "wrong-token"

    def repeats(asked: Asked) -> Said:
        login = asked.headers["authorization"]
        return refuses(401, 20003, f"Bad login {login} wrong-token for {NUMBER} %2B{NUMBER[1:]}")

    server.answer = repeats
    verified(ada)
    tell(ada, now=now)
    with structlog.testing.capture_logs() as logs:
        send_all(now)
    kept = Message.objects.get(channel="sms").last_error + str(logs)
    assert "Bad login" in kept
    for secret in ("wrong-token", TOKEN, NUMBER[1:], "QUN0ZXN0"):
        assert secret not in kept


def test_nobody_there_and_an_answer_that_does_not_come(
    ada: User,
    server: Recorder,
    settings: LazySettings,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verified(ada)
    tell(ada, now=now)
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.05)

    def slow(_asked: Asked) -> Said:
        time.sleep(0.2)
        return Said(status=201)

    server.answer = slow
    assert send_all(now) == [False]
    assert "ReadTimeoutError" in Message.objects.get(channel="sms").last_error
    settings.TWILIO_URL = "http://127.0.0.1:9"
    assert send_all(now + HOUR) == [False]
    assert Message.objects.get(channel="sms").status == DeliveryStatus.PENDING


def test_a_number_given_up_before_it_was_sent(ada: User, server: Recorder, now: datetime) -> None:
    phone = verified(ada)
    tell(ada, now=now)
    phone.delete()
    assert send_all(now) == [False]
    assert Message.objects.get(channel="sms").status == DeliveryStatus.FAILED
    assert server.asked == []


def test_a_flood_of_texts_becomes_one(ada: User, server: Recorder, now: datetime) -> None:
    verified(ada)
    NotificationPreference.objects.create(
        user=ada, kind="quota.overdrawn", channel="sms", timing=Timing.NOW
    )
    for _number in range(SMS.most_an_hour + 3):
        tell(ada, now=now, kind="quota.overdrawn")
    assert send_all(now) == [True] * SMS.most_an_hour
    gather_digests(now=now + HOUR)
    assert send_all(now + HOUR) == [True]
    assert "3 messages" in fields(server.asked[-1])["Body"]
    # What is urgent knows no limit.
    tell(ada, now=now)
    assert send_all(now + HOUR) == [True]


def test_numbers_are_read_at_once(cast: dict[str, User], server: Recorder, now: datetime) -> None:
    for n, each in enumerate(cast.values()):
        verified(each, f"+49151234567{n}0")
    counts = []
    for people in ([cast["ada"]], list(cast.values())):
        post_notice(kind="offer.made", people=[each.pk for each in people], facts=OFFER, now=now)
        with count_queries() as counted:
            dispatch_batch(handlers=HANDLERS, now=now)
        counts.append(len(counted))
    assert counts[0] == counts[1]
    assert Message.objects.filter(channel="sms").count() == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Over: “Confocal 1” – now…", 'Over: "Confocal 1" - now...'),
        ("Störung: Zürich, Łódź", "Störung: Zürich, Lodz"),
        ("Çà et là, Ångström é", "Çà et là, Ångström é"),
    ],
)
def test_the_small_alphabet_is_kept_to(text: str, said: str) -> None:
    assert shorten(text, LINK) == f"{said} {LINK}"


@pytest.mark.parametrize(
    ("text", "most"), [("x" * 500, 306), ("{" * 500, 306), ("микро" * 90, 134)]
)
def test_a_long_text_is_cut_and_its_link_is_not(text: str, most: int) -> None:
    cut = shorten(text, LINK)
    assert cut.endswith(f"... {LINK}")
    assert len(cut) + cut.count("{") in (most, most - 1)


def test_without_a_link_there_is_none() -> None:
    assert shorten("Short", "") == "Short"
