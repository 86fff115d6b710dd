"""One's own number for text messages."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connection

from accounts.models import User
from audit.models import AuditLog
from booking.enums import DeliveryStatus
from booking.errors import ActionRefused
from booking.handlers import HANDLERS
from booking.models import Message, OutboxEvent, PhoneNumber
from booking.queries.phones import code_of, code_trouble, normal_number
from booking.services.deliveries import note_text_lost
from booking.services.events import dispatch_batch
from booking.services.messages import lend_messages, send_message
from booking.services.phones import give_phone, remove_phone, verify_phone
from tests.support.http_server import Recorder, http_server
from tests.support.twilio import NUMBER, fields, use_twilio

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(settings: LazySettings) -> Iterator[Recorder]:
    with http_server() as recorder:
        use_twilio(settings, recorder)
        yield recorder


def send_codes(now: datetime) -> list[bool]:
    dispatch_batch(handlers=HANDLERS, now=now)
    due = list(lend_messages(now=now))
    return [send_message(message_id=key, attempt=attempt, now=now) for key, attempt in due]


def codes_of(error: pytest.ExceptionInfo[ActionRefused]) -> list[str]:
    return [each.code for each in error.value.refusals]


def sent_code(server: Recorder) -> str:
    return fields(server.asked[-1])["Body"].partition(" ")[0]


def test_the_code_that_came_verifies_the_number(ada: User, server: Recorder, now: datetime) -> None:
    phone = give_phone(user=ada, number="0049 (151) 234-567 89", now=now)
    assert (phone.number, phone.verified_at) == (NUMBER, None)
    assert send_codes(now) == [True]
    sent = fields(server.asked[0])
    assert sent["To"] == NUMBER
    code = sent_code(server)
    assert len(code) == 6 and code.isdigit()
    assert sent["Body"] == (
        f"{code} is your code for text messages from Labitory Core Facility, until 08:10."
    )
    verified = verify_phone(user=ada, code=f"{code[:3]} {code[3:]}", now=now + 9 * MINUTE)
    assert verified.verified_at == now + 9 * MINUTE
    assert verify_phone(user=ada, code="", now=now).pk == verified.pk
    assert list(
        AuditLog.objects.filter(action__startswith="phone.").values_list("action", flat=True)
    ) in (["phone.verified", "phone.given"], ["phone.given", "phone.verified"])


def test_neither_code_nor_number_is_kept_in_clear(
    ada: User, server: Recorder, now: datetime
) -> None:
    phone = give_phone(user=ada, number=NUMBER, now=now)
    send_codes(now)
    code = code_of(phone)
    with connection.cursor() as cursor:
        for table in (OutboxEvent, Message, PhoneNumber, AuditLog):
            cursor.execute(f"SELECT t::text FROM {table._meta.db_table} t")  # noqa: S608
            rows = str(cursor.fetchall())
            assert NUMBER[1:] not in rows
            # Times and digests may hold any six digits, never these alone.
            assert f'"{code}"' not in rows and f",{code}," not in rows


def test_codes_are_of_one_number_one_asking_and_one_site(
    ada: User, server: Recorder, now: datetime, settings: LazySettings
) -> None:
    first = code_of(give_phone(user=ada, number=NUMBER, now=now))
    second = code_of(give_phone(user=ada, number=NUMBER, now=now + MINUTE))
    third = code_of(give_phone(user=ada, number="+4915100000000", now=now + 2 * MINUTE))
    assert len({first, second, third}) == 3
    with pytest.raises(ActionRefused) as refused:
        verify_phone(user=ada, code=second, now=now + 3 * MINUTE)
    assert codes_of(refused) == ["phone.wrong_code"]
    settings.SECRET_KEY = "another-site"
    assert code_of(PhoneNumber.objects.get()) != third


def test_of_two_askings_only_the_last_is_sent(ada: User, server: Recorder, now: datetime) -> None:
    give_phone(user=ada, number="+4915100000000", now=now)
    give_phone(user=ada, number=NUMBER, now=now + MINUTE)
    assert send_codes(now + MINUTE) == [False, True]
    [asked] = server.asked
    assert fields(asked)["To"] == NUMBER
    states = Message.objects.order_by("pk").values_list("status", flat=True)
    assert list(states) == [DeliveryStatus.FAILED, DeliveryStatus.SENT]


@pytest.mark.parametrize(
    ("after", "code"),
    [(timedelta(seconds=599), "phone.wrong_code"), (10 * MINUTE, "phone.code_over")],
)
def test_a_code_counts_for_ten_minutes(
    ada: User, server: Recorder, now: datetime, after: timedelta, code: str
) -> None:
    right = code_of(give_phone(user=ada, number=NUMBER, now=now))
    typed = right if code == "phone.code_over" else "x"
    with pytest.raises(ActionRefused) as refused:
        verify_phone(user=ada, code=typed, now=now + after)
    assert codes_of(refused) == [code]


def test_five_wrong_tries_end_a_code(ada: User, server: Recorder, now: datetime) -> None:
    right = code_of(give_phone(user=ada, number=NUMBER, now=now))
    said = []
    for typed in ("", "1", "abcdef", "x" * 20, "-1", right):
        with pytest.raises(ActionRefused) as refused:
            verify_phone(user=ada, code=typed, now=now)
        said += codes_of(refused)
    assert said == ["phone.wrong_code"] * 5 + ["phone.too_many"]
    again = give_phone(user=ada, number=NUMBER, now=now + MINUTE)
    assert verify_phone(user=ada, code=code_of(again), now=now + MINUTE).verified_at


def test_another_number_must_be_verified_anew(ada: User, server: Recorder, now: datetime) -> None:
    phone = give_phone(user=ada, number=NUMBER, now=now)
    verify_phone(user=ada, code=code_of(phone), now=now)
    # Given again it stays, and nothing is sent.
    assert give_phone(user=ada, number=NUMBER, now=now + MINUTE).verified_at == now
    assert OutboxEvent.objects.count() == 1
    assert give_phone(user=ada, number="+4915100000000", now=now + MINUTE).verified_at is None


def test_a_minute_lies_between_two_codes(ada: User, server: Recorder, now: datetime) -> None:
    give_phone(user=ada, number=NUMBER, now=now)
    with pytest.raises(ActionRefused) as refused:
        give_phone(user=ada, number="+4915100000000", now=now + MINUTE / 2)
    assert codes_of(refused) == ["phone.too_soon"]
    assert PhoneNumber.objects.get().number == NUMBER
    assert OutboxEvent.objects.count() == 1


@pytest.mark.parametrize(
    "typed", ["", "12345", "+0123456789", "0151 23456789", "+49 CALL ME", "+1"]
)
def test_what_is_no_number_is_refused(
    ada: User, server: Recorder, now: datetime, typed: str
) -> None:
    with pytest.raises(ActionRefused) as refused:
        give_phone(user=ada, number=typed, now=now)
    assert codes_of(refused) == ["phone.invalid"]
    assert not PhoneNumber.objects.exists() and not OutboxEvent.objects.exists()


def test_a_lab_without_a_service_asks_for_no_number(ada: User, now: datetime) -> None:
    with pytest.raises(ActionRefused) as refused:
        give_phone(user=ada, number=NUMBER, now=now)
    assert codes_of(refused) == ["phone.unavailable"]
    with pytest.raises(ActionRefused) as refused:
        verify_phone(user=ada, code="123456", now=now)
    assert codes_of(refused) == ["phone.none"]


def test_a_number_is_forgotten_once(ada: User, server: Recorder, now: datetime) -> None:
    give_phone(user=ada, number=NUMBER, now=now)
    for _time in range(2):
        remove_phone(user=ada, now=now)
    assert not PhoneNumber.objects.exists()
    assert AuditLog.objects.filter(action="phone.removed").count() == 1
    # What was on its way is not sent.
    assert send_codes(now) == [False]


def test_a_text_that_was_lost_is_said_once(ada: User, server: Recorder, now: datetime) -> None:
    phone = give_phone(user=ada, number=NUMBER, now=now)
    send_codes(now)
    message = Message.objects.get()

    def lost(receipt: str) -> bool:
        return note_text_lost(
            event_id=message.event.public_id,
            reader_id=ada.public_id,
            receipt=receipt,
            why="undelivered, 30005",
            now=now,
        )

    assert not lost("SM2")
    assert code_trouble(phone) == ""
    assert lost("SM1")
    assert not lost("SM1")
    message.refresh_from_db()
    assert (message.status, message.last_error) == ("failed", "undelivered, 30005")
    assert code_trouble(phone) == "undelivered, 30005"
    assert AuditLog.objects.filter(action="message.undelivered").count() == 1


def test_numbers_are_kept_as_one_writes_them_abroad() -> None:
    assert normal_number("00 49 151-23 45 67/89") == NUMBER
    assert normal_number("+49 (151) 234 567.89") == NUMBER
