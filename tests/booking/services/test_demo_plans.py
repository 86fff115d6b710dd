"""The demonstration lab: plans that changed."""

from datetime import datetime, timedelta

from accounts.models import User
from booking.queries.late_cancellations import late_cancellations, melting_of
from tests.booking.services.conftest import DemoAt


def test_some_were_cancelled_late(demo_at: DemoAt, now: datetime) -> None:
    demo_at(now)
    dora = User.objects.get(username="dora")
    lines = melting_of(list(late_cancellations(dora, since=now - timedelta(days=30))))
    assert len(lines) == 4
    for line in lines:
        assert line.cancelled_at is not None
        assert line.booking.created_at < line.cancelled_at < line.booking.start_time
        moments = [each.at for each in line.booking.steps.order_by("pk")]
        assert moments == sorted(moments)
