"""Training in the demonstration."""

from datetime import datetime

import pytest

from accounts.models import User
from booking.enums import LIVE, TrainingState
from booking.models import (
    Booking,
    Qualification,
    TrainingRequirement,
    TrainingSeat,
    TrainingSession,
)
from booking.queries.qualifications import own_standings, standings
from tests.booking.services.conftest import DemoAt

pytestmark = pytest.mark.django_db


def test_training_shows_every_state(now: datetime, demo_at: DemoAt) -> None:
    demo_at(now)
    today = now.date()
    states = {
        standing.state
        for user in User.objects.all()
        for standing in own_standings(user=user, today=today)
    }
    assert states == set(TrainingState) - {TrainingState.MISSING}
    assert Qualification.objects.filter(revoked_at__isnull=False).exists()
    seats = set(TrainingSeat.objects.values_list("state", flat=True))
    assert seats >= {"enrolled", "waiting", "failed", "absent"}
    # Whoever books what asks for a course may.
    for need in TrainingRequirement.objects.select_related("course"):
        for booking in Booking.objects.filter(
            resource=need.resource, status__in=LIVE, end_time__gt=now
        ).select_related("user"):
            teaches = need.course.instructors.filter(pk=booking.user_id).exists()
            known = standings(user=booking.user, courses=[need.course], today=today)
            assert teaches or known[need.course_id].counts, booking
    sessions = TrainingSession.objects.filter(start_time__gt=now)
    assert sessions.filter(places__user__username="eve").count() == 1
    assert sessions.filter(cancelled_at__isnull=False).count() == 1
