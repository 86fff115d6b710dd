"""Two at once: a message is sent again once, an announcement acknowledged and reminded once."""

from datetime import datetime
from functools import partial

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.enums import DeliveryStatus
from booking.models import BroadcastReceipt, Incident, Notification
from booking.queries.broadcasts import Scope
from booking.queries.messages import MessageFilters
from booking.services.broadcasts import Wanted, acknowledge, remind, send_broadcast
from booking.services.message_log import resend_failed, resend_message
from booking.services.watching import note_heartbeat, watch_system
from tests.factories.messages import make_message
from tests.support.race import race

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_at_once_one_wins(ada: User, dora: User, now: datetime) -> None:
    message = make_message(ada, now)
    again = partial(resend_message, actor=dora, message_id=message.pk, now=now)
    found = race([again, again])
    assert sorted(type(each).__name__ for each in found) == ["ActionRefused", "Message"]
    message.status = DeliveryStatus.FAILED
    message.save()
    make_message(ada, now)
    filters = MessageFilters(since=now, until=now.replace(year=2027))
    everything = partial(resend_failed, actor=dora, filters=filters, now=now)
    assert sum(race([everything, everything])) == 2
    assert AuditLog.objects.filter(action="message.resent").count() == 3
    wanted = Wanted(title="Gas", text="Leave.", scope=Scope(), is_emergency=True)
    said = send_broadcast(actor=dora, wanted=wanted, now=now)
    read = partial(acknowledge, user=ada, broadcast_id=said.public_id, now=now)
    assert sorted(race([read, read])) == [False, True]
    assert BroadcastReceipt.objects.exclude(acknowledged_at=None).get().user == ada
    ask = partial(remind, actor=dora, broadcast_id=said.public_id, now=now)
    kinds = sorted(type(each).__name__ for each in race([ask, ask]))
    assert kinds == ["ActionRefused", "int"]
    note_heartbeat(queue="reports", now=now.replace(year=2025))
    watch = partial(watch_system, now=now)
    assert sorted(race([watch, watch])) == [(0, 0), (1, 0)]
    assert (Incident.objects.count(), Notification.objects.count()) == (1, 1)
