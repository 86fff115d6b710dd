"""Composing roles of permissions: nobody puts in what they do not hold everywhere."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from accounts.errors import AccountRefused
from accounts.models import RoleDefinition, RoleGrant, User
from accounts.permissions import builtin_roles, may
from accounts.services.roles import (
    NewGrant,
    RoleDetails,
    change_role,
    define_role,
    delete_role,
    grant_role,
    revoke_role,
    write_builtin_roles,
)
from audit.models import AuditLog, SecurityEvent
from labitory.lib.clock import now as clock_now
from tests.factories.roles import give, make_role


@pytest.fixture
def now() -> datetime:
    """The database asks its own clock whether a grant has ended: these tests go with it."""
    return clock_now()


@pytest.fixture
def manager_role(db: None) -> RoleDefinition:
    """The lab manager's, as the product brings it."""
    return RoleDefinition.objects.get(code="lab-manager")


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def asked(user: User, role: RoleDefinition, **more: Any) -> NewGrant:
    return NewGrant(user_id=user.public_id, role_id=role.public_id, **more)


def refused(call: Callable[[], object]) -> AccountRefused:
    """The refusal of a call that must leave nothing behind."""
    before = (RoleGrant.objects.count(), AuditLog.objects.count(), SecurityEvent.objects.count())
    with pytest.raises(AccountRefused) as found:
        call()
    after = (RoleGrant.objects.count(), AuditLog.objects.count(), SecurityEvent.objects.count())
    assert before == after
    return found.value


DETAILS = RoleDetails(
    name="Confocal Helper", permissions=frozenset({"booking.view_all", "demand.view"})
)


@pytest.mark.parametrize("who", ["ada", "ben", "chris", "eve"])
def test_only_sysadmins_compose(cast: dict[str, User], now: datetime, who: str) -> None:
    error = refused(lambda: define_role(actor=cast[who], details=DETAILS, now=now))
    assert error.code == "permission.role_define"
    assert not RoleDefinition.objects.filter(name=DETAILS.name).exists()


def test_a_composed_role_can_be_granted_changed_and_deleted(
    dora: User, ada: User, now: datetime
) -> None:
    role = define_role(actor=dora, details=DETAILS, now=now)
    assert (role.code, role.is_builtin) == ("confocal-helper", False)
    grant = grant_role(actor=dora, new=asked(ada, role), now=now)
    wider = replace(DETAILS, permissions=frozenset({"policy.manage"}))
    change_role(actor=dora, role_id=role.public_id, details=wider, now=now)
    ada = again(ada)
    assert may(ada, "policy.manage")
    assert not may(ada, "demand.view")
    log = AuditLog.objects.get(action="role.changed")
    assert log.changes["permissions"] == [["booking.view_all", "demand.view"], ["policy.manage"]]
    held = refused(lambda: delete_role(actor=dora, role_id=role.public_id, now=now))
    assert held.code == "role.held"
    revoke_role(actor=dora, grant_id=grant.public_id, now=now)
    delete_role(actor=dora, role_id=role.public_id, now=now)
    assert not RoleDefinition.objects.filter(pk=role.pk).exists()


def test_a_name_is_given_once(dora: User, now: datetime) -> None:
    define_role(actor=dora, details=DETAILS, now=now)
    error = refused(lambda: define_role(actor=dora, details=DETAILS, now=now))
    assert (error.code, error.field) == ("role.name_taken", "name")


def test_composing_gives_nobody_more_than_they_have(ada: User, now: datetime) -> None:
    """Who may compose by a granted role cannot write into a role what they lack."""
    composer = make_role("composer", "role.define", "demand.view")
    give(ada, composer)
    fine = RoleDetails(name="Fine", permissions=frozenset({"demand.view"}))
    assert define_role(actor=ada, details=fine, now=now).permissions == ["demand.view"]
    more = RoleDetails(name="More", permissions=frozenset({"audit.view"}))
    assert refused(lambda: define_role(actor=ada, details=more, now=now)).code == "role.not_held"
    wider = RoleDetails(name="Composer", permissions=frozenset({"role.define", "audit.view"}))
    error = refused(
        lambda: change_role(actor=ada, role_id=composer.public_id, details=wider, now=now)
    )
    assert error.code == "role.not_held"
    assert not may(again(ada), "audit.view")


def test_nobody_weakens_a_role_above_their_own(ada: User, now: datetime) -> None:
    give(ada, make_role("composer", "role.define"))
    strong = make_role("strong", "audit.view")
    nothing = RoleDetails(name="Strong", permissions=frozenset())
    refused(lambda: change_role(actor=ada, role_id=strong.public_id, details=nothing, now=now))


def test_unknown_permissions_are_refused(dora: User, now: datetime) -> None:
    odd = RoleDetails(name="Odd", permissions=frozenset({"resource.fly"}))
    error = refused(lambda: define_role(actor=dora, details=odd, now=now))
    assert error.code == "role.unknown_permission"


def test_roles_of_the_product_cannot_be_changed(
    dora: User, manager_role: RoleDefinition, now: datetime
) -> None:
    change = refused(
        lambda: change_role(actor=dora, role_id=manager_role.public_id, details=DETAILS, now=now)
    )
    delete = refused(lambda: delete_role(actor=dora, role_id=manager_role.public_id, now=now))
    assert {change.code, delete.code} == {"role.builtin"}


def test_roles_of_the_product_follow_the_code(ada: User, manager_role: RoleDefinition) -> None:
    give(ada, manager_role)
    own = make_role("mine", "demand.view")
    RoleDefinition.objects.filter(pk=manager_role.pk).update(permissions=["demand.view"])
    gone = RoleDefinition.objects.create(code="gone", name="Gone", is_builtin=True)
    assert not may(again(ada), "resource.manage")
    write_builtin_roles()
    write_builtin_roles()
    assert may(again(ada), "resource.manage")
    found = {role.code: role for role in RoleDefinition.objects.filter(is_builtin=True)}
    assert found.keys() == builtin_roles().keys()
    for code, role in found.items():
        assert frozenset(role.permissions) == builtin_roles()[code].permissions
    gone.refresh_from_db()
    own.refresh_from_db()
    assert (gone.is_builtin, own.permissions) == (False, ["demand.view"])
