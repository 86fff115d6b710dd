"""What one may, for programs."""

import pytest
from django.test import Client

from accounts.enums import ScopeKind
from accounts.models import RoleDefinition, User
from accounts.permissions import permissions
from booking.models import Resource
from tests.conftest import LogIn
from tests.factories.roles import give
from tests.support.queries import count_queries

MINE = "/api/v1/auth/permissions"
ROLES = "/api/v1/auth/roles"


@pytest.mark.parametrize("address", [MINE, ROLES])
def test_visitors_learn_nothing(client: Client, db: None, address: str) -> None:
    assert client.get(address).status_code == 401


@pytest.mark.parametrize(
    ("who", "status"),
    [("ada", 403), ("ben", 403), ("eve", 403), ("chris", 200), ("dora", 200)],
)
def test_roles_are_for_who_grants_them(
    as_user: LogIn, cast: dict[str, User], who: str, status: int
) -> None:
    answer = as_user(cast[who]).get(ROLES)
    assert answer.status_code == status
    body = answer.json()
    if status == 200:
        found = {role["code"]: role for role in body["data"]}
        assert found["approver"]["permissions"] == ["booking.approve", "booking.view_all"]
        assert found["approver"]["holders"] == 0
    else:
        assert body["data"] is None
        assert "grant roles one holds oneself" in body["errors"][0]["detail"]


def test_a_granted_role_opens_it_too(as_user: LogIn, ada: User, microscope: Resource) -> None:
    role = RoleDefinition.objects.get(code="lab-manager")
    give(ada, role, ScopeKind.RESOURCE, microscope.pk)
    client = as_user(ada)
    assert client.get(ROLES).status_code == 200
    found = {each["code"]: each for each in client.get(MINE).json()["data"]}
    assert found.keys() == permissions().keys()
    assert found["policy.manage"]["where"] == "on Confocal 1"
    assert found["message.view"]["where"] == ""


@pytest.mark.parametrize("grants", [1, 3])
def test_queries_do_not_grow_with_grants(
    as_user: LogIn, ada: User, microscope: Resource, second_microscope: Resource, grants: int
) -> None:
    role = RoleDefinition.objects.get(code="lab-manager")
    keys = [microscope.pk, second_microscope.pk, 999_999]
    for key in keys[:grants]:
        give(ada, role, ScopeKind.RESOURCE, key)
    client = as_user(ada)
    client.get(MINE)
    with count_queries(2):
        client.get(MINE)
