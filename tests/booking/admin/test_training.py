"""Courses in the admin."""

import pytest

from accounts.models import User
from booking.models import Course
from tests.conftest import LogIn
from tests.factories.training import make_course

pytestmark = pytest.mark.django_db
PLAIN = {"kind": "safety", "delivery": "online", "seats": "4", "is_active": "on"}


def test_a_circle_is_refused(as_user: LogIn, dora: User) -> None:
    first = make_course("First")
    second = make_course("Second", before=[first])
    client = as_user(dora)
    path = f"/admin/booking/course/{first.pk}/change/"
    answer = client.post(path, {**PLAIN, "title": "First", "prerequisites": [second.pk]})
    assert answer.status_code == 200
    assert "lead back to the course itself" in answer.content.decode()
    assert not first.prerequisites.exists()
    client.post(path, {**PLAIN, "title": "Renamed", "prerequisites": []})
    assert Course.objects.filter(title="Renamed").exists()
