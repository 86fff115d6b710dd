"""The pages of trials of limits."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from booking.enums import Status
from booking.models import Booking, PolicyTrial, Resource
from booking.tasks.reports import run_policy_trials
from tests.conftest import LogIn
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
HOME = "/manage/policy-trials"
FORM = {
    "title": "One hour at most",
    "months": "2",
    "limit": "max_length",
    "role": "student",
    "amount": "1",
    "unit": "hours",
}


def book(user: User, resource: Resource, now: datetime, days: int) -> None:
    start = now - timedelta(days=days)
    Booking.objects.create(
        user=user,
        created_by=user,
        resource=resource,
        start_time=start,
        end_time=start + timedelta(hours=3),
        status=Status.COMPLETED,
        created_at=start - timedelta(days=1),
    )


def test_anonymous_logs_in_first(client: Client, db: None) -> None:
    for path in (HOME, f"{HOME}/new", f"{HOME}/{uuid4()}"):
        assert "/accounts/login" in client.get(path)["Location"]
    assert "/accounts/login" in client.post(f"{HOME}/{uuid4()}/stop")["Location"]


def test_who_sets_limits_everywhere_may(as_user: LogIn, cast: dict[str, User]) -> None:
    for path in (HOME, f"{HOME}/new"):
        allowed = {
            name for name, user in cast.items() if as_user(user).get(path).status_code == 200
        }
        assert allowed == {"chris", "dora"}
    client = as_user(cast["ada"])
    assert client.post(f"{HOME}/new", FORM).status_code == 403
    assert client.post(f"{HOME}/{uuid4()}/stop").status_code == 403
    assert client.get(f"{HOME}/{uuid4()}").status_code == 403
    assert as_user(cast["chris"]).get(f"{HOME}/{uuid4()}").status_code == 404
    assert as_user(cast["chris"]).post(f"{HOME}/{uuid4()}/stop").status_code == 404
    assert not PolicyTrial.objects.exists()


def test_a_trial_from_the_form_to_its_outcome(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    for days in (5, 9):
        book(ada, microscope, now, days)
    client = as_user(chris)
    path = client.post(f"{HOME}/new", FORM)["Location"]
    page = client.get(path).content.decode()
    assert "It begins in a moment" in page
    assert 'hx-trigger="every 2s"' in page
    part = client.get(path, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="trial"')
    run_policy_trials()
    page = client.get(path).content.decode()
    assert "2 of 2 bookings would have been refused: 6 hours" in page
    assert 'hx-trigger="every' not in page
    for said in ("Longer than allowed", "Student", "Confocal 1", "Ada", "Who loses most"):
        assert said in page
    assert "One hour at most" in client.get(HOME).content.decode()


def test_a_text_is_tried(as_user: LogIn, chris: User, microscope: Resource) -> None:
    text = "title: x\nlimits:\n- {limit: gap, value: 1 h}\n"
    form = {"title": "All", "months": "1", "limit": "max_length", "text": text}
    assert HOME in as_user(chris).post(f"{HOME}/new", form)["Location"]
    assert PolicyTrial.objects.get().proposed[0]["limit"] == "gap"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amount": ""}, "Write an amount, or tick"),
        ({"months": "99"}, "less than or equal to 24"),
        ({"title": ""}, "This field is required"),
        ({"text": "title: ["}, "no YAML"),
        ({"text": "title: x\nlimits: [{limit: gap, value: 1}]"}, "not understood"),
    ],
)
def test_a_bad_wish_comes_back(
    as_user: LogIn, chris: User, change: dict[str, str], said: str
) -> None:
    answer = as_user(chris).post(f"{HOME}/new", {**FORM, **change})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not PolicyTrial.objects.exists()


def test_a_trial_is_stopped_once(as_user: LogIn, chris: User) -> None:
    client = as_user(chris)
    path = client.post(f"{HOME}/new", FORM)["Location"]
    page = client.post(f"{path}/stop", follow=True).content.decode()
    assert "Stopped by Chris." in page
    page = client.post(f"{path}/stop", follow=True).content.decode()
    assert "over already" in page


@pytest.mark.parametrize("number", [1, 3])
def test_an_outcome_costs_the_same(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime, number: int
) -> None:
    for each in range(number):
        book(ada, microscope, now, 5 + each)
    client = as_user(chris)
    path = client.post(f"{HOME}/new", FORM)["Location"]
    run_policy_trials()
    client.get(path)
    with count_queries(6):
        client.get(path)
