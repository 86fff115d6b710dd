"""The page of the organisation."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.enums import UnitKind
from accounts.models import PriceClass, Unit, User
from tests.conftest import LogIn
from tests.factories.groups import make_group
from tests.support.queries import count_queries

PAGE = "/manage/organisation"


@pytest.fixture
def science(db: None) -> Unit:
    """A faculty."""
    return Unit.objects.create(kind=UnitKind.FACULTY, name="Science", code="sci")


def test_who_may_look_and_who_may_edit(
    client: Client, as_user: LogIn, cast: dict[str, User], science: Unit
) -> None:
    edit = f"{PAGE}/units/{science.public_id}/edit"
    acts = {
        f"{PAGE}/units/new": {"kind": "faculty", "name": "Arts", "code": "arts"},
        edit: {"kind": "faculty", "name": "Mine", "code": "sci"},
        f"{PAGE}/units/{science.public_id}/close": {},
        f"{PAGE}/prices": {"code": "free", "name": "Free"},
    }
    for path in (PAGE, f"{PAGE}/units/new", edit):
        assert "/accounts/login" in client.get(path)["Location"]
    for path, data in acts.items():
        assert "/accounts/login" in client.post(path, data)["Location"]
    looks = {name for name, user in cast.items() if as_user(user).get(PAGE).status_code == 200}
    assert looks == {"chris", "dora"}
    for name in ("ada", "ben", "chris", "eve"):
        for path, data in acts.items():
            assert as_user(cast[name]).post(path, data).status_code == 403, (name, path)
        assert as_user(cast[name]).get(edit).status_code == 403
    science.refresh_from_db()
    assert (science.name, science.is_active) == ("Science", True)
    assert not PriceClass.objects.exists()


def test_an_empty_organisation_says_what_to_do(as_user: LogIn, dora: User) -> None:
    page = as_user(dora).get(PAGE).content.decode()
    for words in ("No faculties yet", "No groups yet", "everybody pays the same"):
        assert words in page


def test_units_are_made_moved_and_closed(as_user: LogIn, dora: User, science: Unit) -> None:
    client = as_user(dora)
    data = {"kind": "college", "name": "Physics", "code": "phy"}
    answer = client.post(f"{PAGE}/units/new", data)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["parent"]
    answer = client.post(f"{PAGE}/units/new", {**data, "parent": str(science.public_id)})
    assert answer["Location"] == PAGE
    physics = Unit.objects.get(code="phy")
    path = f"{PAGE}/units/{physics.public_id}"
    assert "Physics" in client.get(f"{path}/edit").content.decode()
    client.post(f"{path}/edit", {**data, "name": "Phys", "parent": str(science.public_id)})
    page = client.post(f"{PAGE}/units/{science.public_id}/close", follow=True).content.decode()
    assert "still has Phys" in page
    client.post(f"{path}/close")
    physics.refresh_from_db()
    assert (physics.name, physics.is_active) == ("Phys", False)
    client.post(f"{path}/close")
    physics.refresh_from_db()
    assert physics.is_active
    for act in ("edit", "close"):
        assert client.post(f"{PAGE}/units/{uuid4()}/{act}").status_code == 404


def test_price_classes_are_saved(as_user: LogIn, dora: User) -> None:
    client = as_user(dora)
    client.post(f"{PAGE}/prices", {"code": "internal", "name": "Internal"})
    client.post(f"{PAGE}/prices", {"code": "house", "name": "House", "known_as": "internal"})
    assert PriceClass.objects.get().code == "house"
    page = client.post(f"{PAGE}/prices", {"code": "house", "name": "Double"}, follow=True)
    assert "with this code already" in page.content.decode()
    page = client.post(f"{PAGE}/prices", {"code": "a b", "name": ""}, follow=True)
    assert PriceClass.objects.count() == 1
    gone = {"code": "x", "name": "X", "known_as": "gone"}
    assert client.post(f"{PAGE}/prices", gone).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_user: LogIn, dora: User, ada: User, number: int) -> None:
    for n in range(number):
        unit = Unit.objects.create(kind=UnitKind.FACULTY, name=f"<script>alert({n})", code=f"f{n}")
        make_group(f"Group {n}", dora, ada, unit=unit)
        PriceClass.objects.create(code=f"p{n}", name=f"Class {n}")
    client = as_user(dora)
    client.get(PAGE)
    with count_queries(6):
        page = client.get(PAGE)
    assert b"<script>alert(" not in page.content
    assert len(page.content) < 60_000
