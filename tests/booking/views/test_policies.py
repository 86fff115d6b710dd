"""Limits, as lab managers read and set them."""

import pytest
from django.test import Client

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditLog
from booking.enums import Limit
from booking.models import BookingPolicy, Resource, ResourceType
from tests.conftest import LogIn
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
FORM = {"limit": "max_length", "role": "student", "amount": "2", "unit": "hours"}


def set_limit(limit: Limit, value: int | None, **scope: object) -> BookingPolicy:
    return BookingPolicy.objects.create(limit=limit, value=value, **scope)


def test_anonymous_is_sent_to_the_login(client: Client, microscope: Resource) -> None:
    row = set_limit(Limit.GAP, 60)
    page = f"/resources/{microscope.public_id}/policies"
    for answer in (
        client.get("/manage/policies"),
        client.get(page),
        client.post("/manage/policies/new", FORM),
        client.post(page, FORM),
        client.post(f"/manage/policies/{row.pk}/remove"),
    ):
        assert "/accounts/login" in answer["Location"]
    assert BookingPolicy.objects.count() == 1


def test_only_lab_managers_may(as_user: LogIn, cast: dict[str, User], microscope: Resource) -> None:
    row = set_limit(Limit.GAP, 60)
    own = f"/resources/{microscope.public_id}/policies"
    for path in ("/manage/policies", "/manage/policies/new", own):
        allowed = {
            name for name, user in cast.items() if as_user(user).get(path).status_code == 200
        }
        assert allowed == {"chris", "dora"}
    client = as_user(cast["ada"])
    for path in ("/manage/policies/new", own, f"/manage/policies/{row.pk}/remove"):
        assert client.post(path, FORM).status_code == 403
    assert list(BookingPolicy.objects.all()) == [row]


@pytest.mark.parametrize(
    ("change", "value", "said"),
    [
        ({}, 120, "2 hours"),
        ({"amount": "1.5"}, 90, "1 hour 30 minutes"),
        ({"amount": "3", "unit": "weeks"}, 30240, "21 days"),
        ({"amount": "", "is_unlimited": "on"}, None, "No limit"),
        ({"amount": "0"}, 0, "0 minutes"),
        ({"limit": "active_bookings", "amount": "4"}, 4, "4 bookings"),
    ],
)
def test_a_limit_is_set(
    as_user: LogIn, chris: User, change: dict[str, str], value: int | None, said: str
) -> None:
    client = as_user(chris)
    answer = client.post("/manage/policies/new", {**FORM, **change})
    assert answer["Location"] == "/manage/policies"
    row = BookingPolicy.objects.get()
    assert (row.value, row.role, row.resource, row.resource_type) == (value, "student", None, None)
    assert AuditLog.objects.filter(action="policy.changed").count() == 1
    page = client.get("/manage/policies").content.decode()
    assert said in page
    assert "everywhere" in page


def test_a_limit_is_set_on_a_type_or_an_instrument(
    as_user: LogIn, chris: User, microscope: Resource, confocals: ResourceType
) -> None:
    client = as_user(chris)
    client.post("/manage/policies/new", {**FORM, "resource_type": str(confocals.public_id)})
    client.post("/manage/policies/new", {**FORM, "role": "", "resource": microscope.code})
    rows = {(row.resource, row.resource_type, row.role) for row in BookingPolicy.objects.all()}
    assert rows == {(microscope, None, ""), (None, confocals, "student")}


def test_the_same_scope_is_replaced(as_user: LogIn, chris: User) -> None:
    client = as_user(chris)
    client.post("/manage/policies/new", FORM)
    client.post("/manage/policies/new", {**FORM, "amount": "5"})
    assert BookingPolicy.objects.get().value == 300


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amount": ""}, "Write an amount, or tick"),
        ({"is_unlimited": "on"}, "Write an amount, or tick"),
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"amount": "NaN"}, "Enter a number"),
        ({"amount": "9" * 30}, "less than or equal"),
        ({"amount": "5256000", "unit": "weeks"}, "At most ten years"),
        ({"amount": "0.33"}, "no whole number of minutes"),
        ({"limit": "active_bookings", "amount": "1.5"}, "counted in whole numbers"),
        ({"limit": "speed"}, "Select a valid choice"),
        ({"role": "king"}, "Select a valid choice"),
        ({"unit": "years"}, "Select a valid choice"),
        ({"resource": "nothing"}, "There is no such instrument"),
        ({"resource_type": "nothing"}, "Select a valid choice"),
    ],
)
def test_a_wrong_limit_keeps_the_form(
    as_user: LogIn, chris: User, change: dict[str, str], said: str
) -> None:
    answer = as_user(chris).post("/manage/policies/new", {**FORM, **change})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert 'value="student" selected' in page or "role" in change
    assert not BookingPolicy.objects.exists()


def test_a_type_and_an_instrument_together_are_refused(
    as_user: LogIn, chris: User, microscope: Resource, confocals: ResourceType
) -> None:
    form = {**FORM, "resource": microscope.code, "resource_type": str(confocals.public_id)}
    answer = as_user(chris).post("/manage/policies/new", form)
    assert answer.status_code == 422
    assert "one resource or one type, not both" in answer.content.decode()
    assert not BookingPolicy.objects.exists()


def test_change_starts_from_the_row(as_user: LogIn, chris: User, microscope: Resource) -> None:
    row = set_limit(Limit.LEAD_TIME, 2880, resource=microscope, role=Role.ACADEMIC)
    client = as_user(chris)
    page = client.get(f"/manage/policies/new?row={row.pk}").content.decode()
    assert 'value="lead_time" selected' in page
    assert 'value="academic" selected' in page
    assert f'value="{microscope.code}" selected' in page
    assert 'value="days" selected' in page
    assert 'name="amount" value="2"' in page
    for word in ("nothing", "9" * 18, "9" * 400, "%00"):
        assert client.get(f"/manage/policies/new?row={word}").status_code == 200


def test_the_most_specific_holds_on_a_resource(
    as_user: LogIn, chris: User, microscope: Resource, confocals: ResourceType
) -> None:
    set_limit(Limit.MAX_LENGTH, 60)
    set_limit(Limit.MAX_LENGTH, 120, resource_type=confocals, role=Role.STUDENT)
    set_limit(Limit.MAX_LENGTH, 180, resource=microscope)
    set_limit(Limit.MAX_LENGTH, None, resource=microscope, role=Role.ACADEMIC)
    set_limit(Limit.GAP, 45, resource_type=confocals)
    set_limit(Limit.HORIZON, 999, resource=make_resource("Another"))
    answer = as_user(chris).get(f"/resources/{microscope.public_id}/policies")
    found = {line.limit: line.by_role for line in answer.context["limits"]}
    lengths = {each.role: (each.value, each.source) for each in found[Limit.MAX_LENGTH]}
    assert lengths[Role.STUDENT] == ("3 hours", "Everybody, on Confocal 1")
    assert lengths[Role.ACADEMIC] == ("No limit", "Academic, on Confocal 1")
    gaps = {each.source for each in found[Limit.GAP]}
    assert gaps == {"Everybody, on every Confocal microscope"}
    assert {each.value for each in found[Limit.HORIZON]} == {"No limit"}
    assert [row.value for row in answer.context["own"]] == [180, None]


def test_a_limit_is_set_and_removed_on_the_resources_page(
    as_user: LogIn, chris: User, microscope: Resource
) -> None:
    client, path = as_user(chris), f"/resources/{microscope.public_id}/policies"
    assert client.post(path, FORM)["Location"] == path
    row = BookingPolicy.objects.get()
    assert (row.resource, row.value) == (microscope, 120)
    answer = client.post(path, {**FORM, "amount": "-3"})
    assert answer.status_code == 422
    assert 'value="-3"' in answer.content.decode()
    removed = client.post(
        f"/manage/policies/{row.pk}/remove", {"resource": str(microscope.public_id)}
    )
    assert removed["Location"] == path
    assert not BookingPolicy.objects.exists()


def test_remove_wants_a_post_and_a_row(as_user: LogIn, chris: User) -> None:
    row = set_limit(Limit.GAP, 60)
    client, path = as_user(chris), f"/manage/policies/{row.pk}/remove"
    assert client.get(path).status_code == 405
    answer = client.post(path, {"resource": "https://elsewhere.example"})
    assert answer["Location"] == "/manage/policies"
    assert client.post(path).status_code == 404
    assert client.post(f"/manage/policies/{'9' * 40}/remove").status_code == 404


def test_filters_narrow_the_list(as_user: LogIn, chris: User, microscope: Resource) -> None:
    set_limit(Limit.GAP, 60)
    set_limit(Limit.MAX_LENGTH, 120, resource=microscope)
    set_limit(Limit.MAX_LENGTH, 180, role=Role.STUDENT)
    client = as_user(chris)

    def values(query: str) -> list[int]:
        return [row.value for row in client.get(f"/manage/policies{query}").context["page"]]

    assert values("") == [120, 180, 60]
    assert values("?limit=gap") == [60]
    assert values("?role=academic") == [120, 60]
    assert values("?q=confocal") == [120]
    assert values("?limit=nonsense&page=99") == [120, 180, 60]
    assert "No limit fits" in client.get("/manage/policies?q=%00zzz").content.decode()


def test_an_empty_list_says_so(as_user: LogIn, chris: User) -> None:
    assert "Nothing is limited" in as_user(chris).get("/manage/policies").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_user: LogIn, chris: User, number: int) -> None:
    for n in range(number):
        resource = make_resource(f"<script>alert({n})</script>")
        set_limit(Limit.MAX_LENGTH, 60, resource=resource)
        set_limit(Limit.GAP, 60, role=list(Role)[n])
    client = as_user(chris)
    for path, queries in (
        ("/manage/policies", 4),
        ("/manage/policies/new", 4),
        (f"/resources/{resource.public_id}/policies", 4),
    ):
        with count_queries(queries):
            answer = client.get(path)
        assert b"<script>alert" not in answer.content
        assert len(answer.content) < 60_000
