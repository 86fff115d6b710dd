"""The rules as people read them."""

from datetime import datetime, time
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import Limit
from booking.models import (
    BookingPolicy,
    Course,
    OpeningHours,
    Resource,
    ResourceType,
    TrainingRequirement,
)
from tests.conftest import LogIn
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")


def limit(which: Limit, value: int | None, **scope: object) -> None:
    BookingPolicy.objects.create(limit=which, value=value, **scope)


def test_anonymous_logs_in_first(client: Client, microscope: Resource) -> None:
    for path in ("/rules", f"/resources/{microscope.public_id}/rules"):
        assert "/accounts/login" in client.get(path)["Location"]


def test_the_rules_of_a_resource_are_said(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, confocals: ResourceType
) -> None:
    limit(Limit.MAX_LENGTH, 240)
    limit(Limit.MAX_LENGTH, 120, role="student")
    limit(Limit.MINUTES_PER_WEEK, 600, resource_type=confocals)
    limit(Limit.ACTIVE_BOOKINGS, 3, resource=microscope)
    limit(Limit.NO_SHOW_GRACE, 30)
    limit(Limit.CANCEL_NOTICE, 1440)
    limit(Limit.SERIES_LENGTH, 10)
    OpeningHours.objects.create(
        resource=microscope, weekday=0, opens_at=time(8), closes_at=time(18)
    )
    course = Course.objects.create(title="Confocal basics", decay_days=90)
    TrainingRequirement.objects.create(course=course, resource=microscope)
    microscope.requires_assessment = microscope.requires_access = True
    microscope.requires_approval = True
    microscope.save()
    page = as_user(ada).get(f"/resources/{microscope.public_id}/rules").content.decode()
    for said in (
        "The rules of Confocal 1",
        "A booking lasts at most 2 hours.",
        "You may book 10 hours a week on instruments of this type.",
        "You may have 3 bookings to come on Confocal 1.",
        "has not checked in 30 minutes after",
        "later than 1 day before",
        "A series has at most 10 bookings.",
        "passed the course “Confocal basics” and used it within 90 days",
        "You need a risk assessment",
        "You have none yet",
        "waits for a responsible person",
    ):
        assert said in page
    page = as_user(ben).get(f"/resources/{microscope.public_id}/rules").content.decode()
    assert "A booking lasts at most 4 hours." in page


def test_without_rules_that_is_said(as_user: LogIn, ada: User, microscope: Resource) -> None:
    page = as_user(ada).get(f"/resources/{microscope.public_id}/rules").content.decode()
    assert "It is always open." in page
    assert "Everybody may book it." in page
    assert "nobody is asked" in page
    assert "You may book" not in page
    # What holds where nobody has set anything is said as well.
    assert "A series has at most 100 bookings." in page
    assert "You can check in from 15 minutes before the start." in page


def test_the_whole_cast_reads_and_what_is_hidden_is_not_there(
    as_user: LogIn, cast: dict[str, User], microscope: Resource
) -> None:
    path = f"/resources/{microscope.public_id}/rules"
    assert {as_user(each).get(path).status_code for each in cast.values()} == {200}
    microscope.is_hidden = True
    microscope.save()
    seen = {name for name, user in cast.items() if as_user(user).get(path).status_code == 200}
    assert seen == {"chris", "dora"}
    assert as_user(cast["ada"]).get(f"/resources/{uuid4()}/rules").status_code == 404
    assert "Confocal 1" not in as_user(cast["ada"]).get("/rules").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_rules_of_the_lab(
    as_user: LogIn, ada: User, confocals: ResourceType, number: int, now: datetime
) -> None:
    for each in range(number):
        make_resource(f"Confocal {each}", resource_type=confocals)
        limit(list(Limit)[each], 60)
    limit(Limit.HORIZON, None, role="student")
    limit(Limit.HORIZON, 1440)
    client = as_user(ada)
    client.get("/rules")
    with count_queries(8):
        page = client.get("/rules").content.decode()
    assert "A booking lasts at least 1 hour." in page
    assert "is booked at most" not in page
    assert page.count('/rules"') >= number


@pytest.mark.parametrize("number", [1, 3])
def test_reading_costs_the_same(
    as_user: LogIn, ada: User, microscope: Resource, number: int
) -> None:
    for each in range(number):
        limit(list(Limit)[each], 60)
    client = as_user(ada)
    path = f"/resources/{microscope.public_id}/rules"
    client.get(path)
    with count_queries(4):
        client.get(path)


def test_the_resource_page_leads_there(as_user: LogIn, ada: User, microscope: Resource) -> None:
    page = as_user(ada).get(f"/resources/{microscope.public_id}").content.decode()
    assert f"/resources/{microscope.public_id}/rules" in page
