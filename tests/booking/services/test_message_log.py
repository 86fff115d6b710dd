"""Sending again what failed: each once, by who may, and never what arrived."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from audit.models import AuditLog, DataAccess
from booking.enums import DeliveryStatus
from booking.errors import ActionRefused, NotAllowed
from booking.models import Endpoint, Message, OutboxEvent
from booking.queries.messages import MessageFilters, failed_messages
from booking.services.message_log import (
    note_messages_seen,
    resend_failed,
    resend_message,
    retry_event,
)
from tests.factories.endpoints import make_endpoint
from tests.factories.messages import make_message

DAY = timedelta(days=1)


def everything(now: datetime, **wanted: Any) -> MessageFilters:
    return MessageFilters(since=now - 30 * DAY, until=now + DAY, **wanted)


def test_what_failed_is_tried_anew(ada: User, dora: User, now: datetime) -> None:
    message = make_message(ada, now, next_attempt_at=now)
    resend_message(actor=dora, message_id=message.pk, now=now)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (DeliveryStatus.PENDING, 0)
    assert message.next_attempt_at is None
    log = AuditLog.objects.get(action="message.resent")
    assert (log.facts["user"], log.facts["attempts"]) == ("Ada", 8)


@pytest.mark.parametrize("status", [each for each in DeliveryStatus if each != "failed"])
def test_nothing_else_is_sent_again(
    ada: User, dora: User, now: datetime, status: DeliveryStatus
) -> None:
    message = make_message(ada, now, status=status)
    with pytest.raises(ActionRefused) as caught:
        resend_message(actor=dora, message_id=message.pk, now=now)
    assert caught.value.refusals[0].code == "message.not_failed"
    assert resend_failed(actor=dora, filters=everything(now), now=now) == 0
    message.refresh_from_db()
    assert (message.status, message.attempts) == (status, 8)
    assert not AuditLog.objects.exists()


def test_closed_accounts_are_left_alone(ada: User, dora: User, now: datetime) -> None:
    message = make_message(ada, now)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    with pytest.raises(ActionRefused, match="nobody"):
        resend_message(actor=dora, message_id=message.pk, now=now)
    assert resend_failed(actor=dora, filters=everything(now), now=now) == 0


@pytest.mark.parametrize("off", [{"is_active": False}, {"failures": 20}], ids=["off", "stopped"])
def test_places_that_are_off_stay_so(dora: User, now: datetime, off: dict[str, Any]) -> None:
    place = make_endpoint(dora, now, **off, stopped_at=now if "failures" in off else None)
    message = make_message(None, now, endpoint=place, channel="webhook", address="x")
    with pytest.raises(ActionRefused, match=r"endpoint\.off"):
        resend_message(actor=dora, message_id=message.pk, now=now)
    assert resend_failed(actor=dora, filters=everything(now), now=now) == 0
    Endpoint.objects.update(is_active=True, stopped_at=None)
    assert resend_failed(actor=dora, filters=everything(now), now=now) == 1


def test_who_may_not(cast: dict[str, User], now: datetime) -> None:
    message = make_message(cast["ada"], now)
    for name in ("ada", "ben", "chris", "eve"):
        with pytest.raises(NotAllowed):
            resend_message(actor=cast[name], message_id=message.pk, now=now)
        with pytest.raises(NotAllowed):
            resend_failed(actor=cast[name], filters=everything(now), now=now)
        with pytest.raises(NotAllowed):
            retry_event(actor=cast[name], event_id=uuid4(), now=now)
    message.refresh_from_db()
    assert message.status == DeliveryStatus.FAILED


def test_all_that_fits_the_search_and_no_more(
    ada: User, ben: User, dora: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (0, 1, 2):
        make_message(ada, now - days * DAY)
    other = make_message(ben, now)
    by_phone = make_message(None, now, address="ada@example.org", channel="sms")
    monkeypatch.setattr("booking.services.message_log.MOST_AT_ONCE", 2)
    wanted = everything(now, person="ada", channel="email")
    assert resend_failed(actor=dora, filters=wanted, now=now) == 2
    assert failed_messages(viewer=dora, filters=wanted).get().created_at == now - 2 * DAY
    assert resend_failed(actor=dora, filters=wanted, now=now) == 1
    assert resend_failed(actor=dora, filters=wanted, now=now) == 0
    assert set(Message.objects.filter(status=DeliveryStatus.FAILED)) == {other, by_phone}
    # An address without an account is found by the whole of it.
    assert resend_failed(actor=dora, filters=everything(now, person="ada@example.org"), now=now)
    assert AuditLog.objects.filter(action="message.resent").count() == 4


def test_an_event_that_failed_is_tried_at_once(dora: User, now: datetime) -> None:
    event = OutboxEvent.objects.create(
        kind="fault.changed",
        created_at=now - DAY,
        attempts=9,
        last_error="KeyError: 'x'",
        next_attempt_at=now + DAY,
    )
    retry_event(actor=dora, event_id=event.public_id, now=now)
    event.refresh_from_db()
    assert (event.next_attempt_at, event.attempts) == (None, 9)
    assert AuditLog.objects.get(action="event.retried").facts["error"] == "KeyError: 'x'"
    OutboxEvent.objects.update(dispatched_at=now)
    with pytest.raises(ActionRefused):
        retry_event(actor=dora, event_id=event.public_id, now=now)


def test_looking_is_kept_once_a_person(ada: User, ben: User, dora: User, now: datetime) -> None:
    assert note_messages_seen(viewer=dora, people=[ada, ada, ben, dora], now=now) == 2
    assert note_messages_seen(viewer=dora, people=[dora], now=now) == 0
    assert set(DataAccess.objects.values_list("subject_id", "what")) == {
        (ada.pk, "messages"),
        (ben.pk, "messages"),
    }
