"""The schedules of the workers in the administration."""

import pytest
from django.core.management import call_command
from django_celery_beat.models import IntervalSchedule

from accounts.models import User
from tests.conftest import LogIn
from tests.support.queries import count_queries


@pytest.mark.django_db
def test_a_schedule_shows_its_tasks_in_as_many_queries(as_user: LogIn, dora: User) -> None:
    call_command("sync_schedule", verbosity=0)
    client = as_user(dora)
    shown = []
    for each in IntervalSchedule.objects.all():
        with count_queries(3):
            page = client.get(f"/admin/django_celery_beat/intervalschedule/{each.pk}/change/")
        assert page.status_code == 200
        shown.append(page.content.decode().count("booking.tasks."))
    assert max(shown) > min(shown) > 0
