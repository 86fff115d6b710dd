"""Granting while others read or grant: real threads, and nobody keeps what they lost."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.models import RoleDefinition, RoleGrant, User
from accounts.permissions import may
from accounts.services.roles import NewGrant, grant_role, revoke_role
from labitory.lib.clock import now as clock_now
from tests.factories.people import make_user
from tests.factories.roles import give
from tests.support.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def now() -> datetime:
    return clock_now()


@pytest.fixture
def role(db: None) -> RoleDefinition:
    return RoleDefinition.objects.get(code="lab-manager")


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def reader(user: User) -> Callable[[], bool]:
    """One request that asks: it loads the person, then their rights, and fills the cache."""
    return lambda: [may(again(user), "resource.manage") for _each in range(15)][-1]


def test_reading_while_granting_leaves_no_old_rights(role: RoleDefinition, now: datetime) -> None:
    chris, ada = make_user("chris", role=Role.LAB_MANAGER), make_user("ada")
    new = NewGrant(user_id=ada.public_id, role_id=role.public_id)
    for _round in range(5):
        race(
            [
                *(reader(ada) for _each in range(5)),
                lambda: grant_role(actor=chris, new=new, now=now),
            ]
        )
        assert may(again(ada), "resource.manage")
        grant = RoleGrant.objects.get(user=ada)
        key = grant.public_id
        race(
            [
                *(reader(ada) for _each in range(5)),
                lambda: revoke_role(actor=chris, grant_id=key, now=now),  # noqa: B023
            ]
        )
        assert not may(again(ada), "resource.manage")


def test_who_loses_the_role_meanwhile_grants_before_or_not_at_all(
    role: RoleDefinition, now: datetime
) -> None:
    """Both wait for the granter's row: either the grant came first, or it is refused."""
    chris = make_user("chris", role=Role.LAB_MANAGER)
    for number in range(5):
        ada, eve = make_user(f"ada{number}"), make_user(f"eve{number}")
        held = give(ada, role)
        assert may(ada, "role.grant")
        new = NewGrant(user_id=eve.public_id, role_id=role.public_id)
        granted, revoked = race(
            [
                lambda: grant_role(actor=ada, new=new, now=now),  # noqa: B023
                lambda: revoke_role(actor=chris, grant_id=held.public_id, now=now),  # noqa: B023
            ]
        )
        assert revoked is None
        assert isinstance(granted, RoleGrant | AccountRefused)
        assert RoleGrant.objects.filter(user=eve).exists() is isinstance(granted, RoleGrant)


def test_two_who_grant_the_same_make_one_grant(role: RoleDefinition, now: datetime) -> None:
    chris, ada = make_user("chris", role=Role.LAB_MANAGER), make_user("ada")
    new = NewGrant(user_id=ada.public_id, role_id=role.public_id)
    results: list[Any] = race([lambda: grant_role(actor=chris, new=new, now=now)] * 6)
    assert {type(each) for each in results} == {RoleGrant}
    assert RoleGrant.objects.filter(user=ada).count() == 1


def test_changing_roles_and_granting_meet_without_deadlock(
    role: RoleDefinition, now: datetime
) -> None:
    chris = make_user("chris", role=Role.LAB_MANAGER)
    people = [make_user(f"person{number}") for number in range(4)]
    for person in people:
        give(person, role)

    def touch() -> None:
        RoleDefinition.objects.filter(pk=role.pk).update(permissions=["demand.view"])
        RoleDefinition.objects.filter(pk=role.pk).update(permissions=sorted(role.permissions))

    def taker(person: User) -> Callable[[], None]:
        key = person.role_grants.get().public_id
        return lambda: revoke_role(actor=chris, grant_id=key, now=now)

    calls: list[Callable[[], Any]] = [touch, *(taker(person) for person in people)]
    results = race(calls)
    assert results == [None] * len(calls)
    assert not any(may(again(person), "demand.view") for person in people)
