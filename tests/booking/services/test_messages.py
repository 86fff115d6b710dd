"""What is kept for a digest, and messages whose secrets nobody can read any more."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core import mail

from accounts.models import User
from booking.enums import DeliveryStatus, Timing
from booking.events import post_notice
from booking.handlers import HANDLERS
from booking.models import Message, PhoneNumber
from booking.notifications.channels.email import EmailChannel
from booking.services.events import dispatch_batch
from booking.services.messages import gather_digests, lend_messages, send_message
from booking.services.reach import choose_timings

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
KIND = "quota.overdrawn"


def choose(user: User, channel: str, timing: Timing, now: datetime) -> None:
    choose_timings(actor=user, user=user, choices={(KIND, channel): timing}, now=now)


def tell(people: list[User], now: datetime) -> None:
    facts = {"quota": "Microscopes", "gives": "10 hours", "over": "2 hours"}
    post_notice(kind=KIND, people=[each.pk for each in people], now=now, facts=facts)
    dispatch_batch(handlers=HANDLERS, now=now)


def send_all(now: datetime) -> None:
    for key, attempt in list(lend_messages(now=now)):
        send_message(message_id=key, attempt=attempt, now=now)


def test_a_flood_that_lasts_becomes_one_message(
    ada: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmailChannel, "most_an_hour", 2)
    begun = now.replace(minute=10)
    for number in range(6):
        tell([ada], begun + number * MINUTE)
    gathered = [gather_digests(now=begun + minutes * MINUTE) for minutes in range(70)]
    # At the full hour all of it, not each an hour after it was kept.
    assert gathered == [0] * 50 + [1] + [0] * 19
    assert Message.objects.get(kind="message.digest").gathered.count() == 4


def test_a_digest_of_nothing_is_not_sent(ada: User, now: datetime) -> None:
    choose(ada, "email", Timing.DAILY, now)
    tell([ada], now)
    kept = Message.objects.get()
    kept.payload = {**kept.payload, "about": [], "until": (now + HOUR).isoformat()}
    kept.save()
    tomorrow = now + timedelta(days=1)
    assert gather_digests(now=tomorrow) == 1
    send_all(tomorrow)
    assert mail.outbox == []
    assert Message.objects.get(kind="message.digest").status == DeliveryStatus.VOID


def test_a_number_that_nobody_can_read_keeps_no_other_from_hearing(
    ada: User, ben: User, now: datetime, settings: LazySettings
) -> None:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "x" * 32
    PhoneNumber.objects.create(user=ada, number="+4915112345679", verified_at=now)
    choose(ada, "sms", Timing.NOW, now)
    settings.FIELD_KEYS = {"other": "x" * 50}
    tell([ada, ben], now)
    send_all(now)
    assert Message.objects.get(user=ben, channel="email").status == DeliveryStatus.SENT
    lost = Message.objects.get(user=ada, channel="sms")
    # It is given up in the end, like any other.
    assert (lost.status, lost.attempts) == (DeliveryStatus.PENDING, 1)
    assert "does not open" in lost.last_error


def test_who_has_left_is_sent_nothing_that_was_kept_for_them(ada: User, now: datetime) -> None:
    choose(ada, "email", Timing.WEEKLY, now)
    tell([ada], now)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    later = now + timedelta(days=7)
    gather_digests(now=later)
    send_all(later)
    assert mail.outbox == []
    digest = Message.objects.get(kind="message.digest")
    assert (digest.status, digest.last_error) == ("void", "Outdated: the account is closed")
