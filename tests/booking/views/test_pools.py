"""Types and pools, as lab managers keep them."""

import pytest
from django.test import Client

from accounts.models import User
from booking.models import Resource, ResourcePool, ResourceType
from tests.conftest import LogIn
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")


@pytest.fixture
def pool(microscope: Resource) -> ResourcePool:
    """A pool of one."""
    found = ResourcePool.objects.create(name="Any confocal", description="Both on floor 2")
    found.resources.add(microscope)
    return found


def test_anonymous_is_sent_to_the_login(client: Client, pool: ResourcePool) -> None:
    for path in ("/manage/types", "/manage/types/new", "/manage/pools", "/manage/pools/new"):
        assert "/accounts/login" in client.get(path)["Location"]
    assert "/accounts/login" in client.post(f"/manage/pools/{pool.public_id}/delete")["Location"]
    assert ResourcePool.objects.exists()


def test_only_lab_managers_may(
    as_user: LogIn, cast: dict[str, User], pool: ResourcePool, confocals: ResourceType
) -> None:
    pool_page = f"/manage/pools/{pool.public_id}/edit"
    type_page = f"/manage/types/{confocals.public_id}/edit"
    for path in ("/manage/types", "/manage/pools", "/manage/pools/new", pool_page, type_page):
        allowed = {
            name for name, user in cast.items() if as_user(user).get(path).status_code == 200
        }
        assert allowed == {"chris", "dora"}
    client = as_user(cast["ada"])
    for path in ("/manage/types/new", type_page, pool_page, "/manage/pools/new"):
        assert client.post(path, {"name": "Mine"}).status_code == 403
    assert client.post(f"/manage/pools/{pool.public_id}/delete").status_code == 403
    assert ResourceType.objects.get().name == "Confocal microscope"
    assert ResourcePool.objects.get().name == "Any confocal"


def test_a_type_is_added_and_renamed(as_user: LogIn, chris: User) -> None:
    client = as_user(chris)
    answer = client.post("/manage/types/new", {"name": "Laser", "description": "Red ones"})
    assert answer["Location"] == "/manage/types"
    kind = ResourceType.objects.get()
    make_resource("Laser 1", resource_type=kind)
    make_resource("Laser 2", resource_type=kind, is_active=False, closed_reason="Broken")
    path = f"/manage/types/{kind.public_id}/edit"
    assert "Red ones" in client.get(path).content.decode()
    client.post(path, {"name": "Lasers", "description": "All of them"})
    kind.refresh_from_db()
    assert (kind.name, kind.description) == ("Lasers", "All of them")
    page = client.get("/manage/types").content.decode()
    assert "2 instruments" in page
    assert "(1 closed)" in page
    assert f"/resources?type={kind.public_id}" in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": ""}, "required"),
        ({"name": "   "}, "required"),
        ({"name": "x" * 101}, "at most 100"),
        ({"name": "CONFOCAL microscope"}, "There is one of this name already"),
    ],
)
def test_a_wrong_type_keeps_the_form(
    as_user: LogIn, chris: User, confocals: ResourceType, form: dict[str, str], said: str
) -> None:
    answer = as_user(chris).post("/manage/types/new", {**form, "description": "My words"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "My words" in page
    assert ResourceType.objects.count() == 1


def test_a_pool_is_made_and_changed(
    as_user: LogIn, chris: User, microscope: Resource, second_microscope: Resource
) -> None:
    client = as_user(chris)
    form = {"name": "Any confocal", "resources": [microscope.code, second_microscope.code]}
    assert client.post("/manage/pools/new", form)["Location"] == "/manage/pools"
    pool = ResourcePool.objects.get()
    assert set(pool.resources.all()) == {microscope, second_microscope}
    path = f"/manage/pools/{pool.public_id}/edit"
    assert client.get(path).content.decode().count("checked") == 2
    client.post(path, {"name": "Confocals", "resources": [microscope.code]})
    pool.refresh_from_db()
    assert pool.name == "Confocals"
    assert list(pool.resources.all()) == [microscope]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "required"),
        ({"name": "any CONFOCAL"}, "There is one of this name already"),
        ({"resources": []}, "Choose at least one instrument"),
        ({"resources": ["nothing"]}, "There is no such instrument"),
        ({"resources": ["\x00"]}, "There is no such instrument"),
    ],
)
def test_a_wrong_pool_keeps_the_form(
    as_user: LogIn,
    chris: User,
    pool: ResourcePool,
    second_microscope: Resource,
    change: dict[str, object],
    said: str,
) -> None:
    form = {"name": "New", "description": "My words", "resources": [second_microscope.code]}
    answer = as_user(chris).post("/manage/pools/new", {**form, **change})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "My words" in page
    assert page.count("checked") == 1 or "resources" in change
    assert ResourcePool.objects.count() == 1


def test_a_pool_is_deleted_and_its_members_stay(
    as_user: LogIn, chris: User, pool: ResourcePool
) -> None:
    client, path = as_user(chris), f"/manage/pools/{pool.public_id}/delete"
    assert client.get(path).status_code == 405
    assert client.post(path)["Location"] == "/manage/pools"
    assert not ResourcePool.objects.exists()
    assert Resource.objects.exists()
    assert client.post(path).status_code == 404


def test_the_unknown_is_not_found(as_user: LogIn, chris: User) -> None:
    for noun in ("types", "pools"):
        path = f"/manage/{noun}/00000000-0000-4000-8000-000000000000/edit"
        assert as_user(chris).get(path).status_code == 404


def test_empty_lists_say_so(as_user: LogIn, chris: User) -> None:
    assert "There are no types yet" in as_user(chris).get("/manage/types").content.decode()
    assert "There are no pools yet" in as_user(chris).get("/manage/pools").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_user: LogIn, chris: User, number: int) -> None:
    for n in range(number):
        kind = ResourceType.objects.create(name=f"<script>alert({n})</script>")
        pool = ResourcePool.objects.create(name=f"<script>alert({n})</script>")
        pool.resources.add(make_resource(f"<script>alert({n})</script>", resource_type=kind))
    client = as_user(chris)
    for path, queries in (
        ("/manage/types", 4),
        (f"/manage/types/{kind.public_id}/edit", 3),
        ("/manage/pools", 5),
        ("/manage/pools/new", 3),
        (f"/manage/pools/{pool.public_id}/edit", 5),
    ):
        with count_queries(queries):
            answer = client.get(path)
        assert b"<script>alert" not in answer.content
        assert len(answer.content) < 60_000
