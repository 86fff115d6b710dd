"""The counts beside the navigation: kept statements must follow the moment and the rights."""

from datetime import datetime, timedelta

import pytest

from accounts.enums import Role
from accounts.models import User
from booking.enums import SeatState, Status
from booking.models import Resource, TrainingSeat
from booking.queries.navigation import navigation_counts
from tests.factories.bookings import make_booking
from tests.factories.people import make_user
from tests.factories.roles import give, make_role
from tests.factories.training import make_course, make_session
from tests.support.queries import count_queries

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def again(user: User) -> User:
    """As the next request reads them."""
    return User.objects.get(pk=user.pk)


def test_a_kept_statement_asks_with_each_moment(ada: User, ben: User, now: datetime) -> None:
    session = make_session(make_course(instructors=[ben]), ben, now)
    TrainingSeat.objects.create(
        session=session, user=ada, state=SeatState.ENROLLED, asked_at=now - HOUR
    )
    found = [navigation_counts(viewer=again(ben), now=now + n * HOUR)["results"] for n in (0, 1, 2)]
    assert found == [0, 0, 1]
    assert navigation_counts(viewer=again(ben), now=now)["all"] == 0


def test_a_right_that_comes_and_goes_changes_it(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_booking(ada, microscope, now + 24 * HOUR, status=Status.PENDING)
    user = make_user("eve2", role=Role.STUDENT)
    role = make_role("decides", "booking.approve")
    asked = [navigation_counts(viewer=again(user), now=now)["approvals"]]
    grant = give(user, role)
    asked.append(navigation_counts(viewer=again(user), now=now)["approvals"])
    grant.delete()
    asked.append(navigation_counts(viewer=again(user), now=now)["approvals"])
    User.objects.filter(pk=user.pk).update(role=Role.LAB_MANAGER)
    asked.append(navigation_counts(viewer=again(user), now=now)["approvals"])
    assert asked == [0, 1, 0, 1]


def test_it_is_one_statement(chris: User, now: datetime) -> None:
    with count_queries() as counted:
        navigation_counts(viewer=chris, now=now)
    assert len(counted) == 1
