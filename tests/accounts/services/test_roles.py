"""Granting roles and taking them away: nobody gives what they do not hold."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.enums import ScopeKind, UnitKind
from accounts.errors import AccountRefused
from accounts.models import RoleDefinition, RoleGrant, Unit, User
from accounts.permissions import Where, may, permissions
from accounts.services.roles import (
    NewGrant,
    grant_role,
    remove_expired_grants,
    revoke_role,
)
from audit.models import AuditLog, SecurityEvent
from booking.models import Resource, ResourceType
from booking.permissions import where_of
from labitory.lib.clock import now as clock_now
from tests.factories.roles import give, make_role

DAY = timedelta(days=1)
Told = list[tuple[str, int]]


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


def test_a_type_gets_its_lab_manager(
    chris: User,
    ada: User,
    microscope: Resource,
    manager_role: RoleDefinition,
    told: Told,
    now: datetime,
) -> None:
    key = microscope.resource_type_id
    new = asked(ada, manager_role, kind=ScopeKind.TYPE, key=key, reason="Runs the confocals")
    grant = grant_role(actor=chris, new=new, now=now)
    assert (grant.granted_by, grant.granted_at, grant.reason) == (chris, now, "Runs the confocals")
    ada = again(ada)
    assert may(ada, "resource.manage", where_of(microscope))
    assert not may(ada, "resource.manage")
    log = AuditLog.objects.get(action="role.granted")
    assert (log.actor_name, log.object_name, log.reason) == ("Chris", "Ada", "Runs the confocals")
    assert log.facts["where"] == "on every Confocal microscope"
    assert SecurityEvent.objects.get(kind="role.granted").user_id == ada.pk
    assert told == [("account.role_granted", ada.pk)]


@pytest.mark.parametrize(
    ("who", "allowed"),
    [("ada", False), ("ben", False), ("eve", False), ("chris", True), ("dora", True)],
)
def test_who_grants(
    cast: dict[str, User],
    manager_role: RoleDefinition,
    now: datetime,
    who: str,
    allowed: bool,
) -> None:
    target = cast["eve"] if who != "eve" else cast["ada"]
    new = asked(target, manager_role)
    if allowed:
        assert grant_role(actor=cast[who], new=new, now=now).user == target
        return
    error = refused(lambda: grant_role(actor=cast[who], new=new, now=now))
    assert (error.code, error.field) == ("role.not_held", "role")


@pytest.mark.parametrize("who", ["chris", "dora"])
def test_never_to_oneself(
    cast: dict[str, User], manager_role: RoleDefinition, now: datetime, who: str
) -> None:
    error = refused(
        lambda: grant_role(actor=cast[who], new=asked(cast[who], manager_role), now=now)
    )
    assert error.code == "role.self"


@pytest.mark.parametrize("code", sorted(permissions()))
def test_nobody_grants_what_they_do_not_hold(
    chris: User, ada: User, now: datetime, code: str
) -> None:
    role = make_role("single", code)
    if may(chris, code):
        assert grant_role(actor=chris, new=asked(ada, role), now=now).role == role
    else:
        error = refused(lambda: grant_role(actor=chris, new=asked(ada, role), now=now))
        assert error.code == "role.not_held"


def test_every_permission_of_the_role_must_be_held(chris: User, ada: User, now: datetime) -> None:
    role = make_role("mixed", "resource.manage", "audit.view")
    error = refused(lambda: grant_role(actor=chris, new=asked(ada, role), now=now))
    assert error.code == "role.not_held"


def test_a_manager_of_a_type_grants_within_it_alone(
    ada: User,
    eve: User,
    microscope: Resource,
    manager_role: RoleDefinition,
    now: datetime,
) -> None:
    other = Resource.objects.create(
        name="Laser", resource_type=ResourceType.objects.create(name="Laser")
    )
    give(ada, manager_role, ScopeKind.TYPE, microscope.resource_type_id)
    new = asked(eve, manager_role, kind=ScopeKind.RESOURCE, key=microscope.pk)
    assert grant_role(actor=ada, new=new, now=now).scope_id == microscope.pk
    for kind, key in (
        (ScopeKind.EVERYWHERE, None),
        (ScopeKind.RESOURCE, other.pk),
        (ScopeKind.TYPE, other.resource_type_id),
    ):
        wider = replace(new, kind=kind, key=key)
        assert refused(lambda: grant_role(actor=ada, new=wider, now=now)).code == "role.not_held"  # noqa: B023


def test_a_manager_of_a_unit_grants_below_it(
    ada: User, eve: User, microscope: Resource, manager_role: RoleDefinition, now: datetime
) -> None:
    science = Unit.objects.create(kind=UnitKind.FACULTY, name="Science", code="science")
    physics = Unit.objects.create(
        kind=UnitKind.COLLEGE, name="Physics", code="physics", parent=science
    )
    arts = Unit.objects.create(kind=UnitKind.FACULTY, name="Arts", code="arts")
    Resource.objects.filter(pk=microscope.pk).update(unit=physics)
    give(ada, manager_role, ScopeKind.UNIT, science.pk)
    for kind, key in ((ScopeKind.UNIT, physics.pk), (ScopeKind.RESOURCE, microscope.pk)):
        new = asked(eve, manager_role, kind=kind, key=key)
        assert grant_role(actor=ada, new=new, now=now).scope_id == key
    beside = asked(eve, manager_role, kind=ScopeKind.UNIT, key=arts.pk)
    assert refused(lambda: grant_role(actor=ada, new=beside, now=now)).code == "role.not_held"


def test_nobody_grants_for_longer_than_they_hold(
    ada: User, eve: User, manager_role: RoleDefinition, now: datetime
) -> None:
    give(ada, manager_role, ends_in=10 * DAY)
    for expires_at in (None, now + 20 * DAY):
        new = asked(eve, manager_role, expires_at=expires_at)
        error = refused(lambda: grant_role(actor=ada, new=new, now=now))  # noqa: B023
        assert (error.code, error.field) == ("role.outlasts", "expires_at")
    sooner = asked(eve, manager_role, expires_at=now + 5 * DAY)
    assert grant_role(actor=ada, new=sooner, now=now).expires_at == now + 5 * DAY


def test_a_second_grant_without_end_lifts_the_bound(
    ada: User, eve: User, microscope: Resource, manager_role: RoleDefinition, now: datetime
) -> None:
    give(ada, manager_role, ends_in=10 * DAY)
    give(ada, manager_role, ScopeKind.RESOURCE, microscope.pk)
    new = asked(eve, manager_role, kind=ScopeKind.RESOURCE, key=microscope.pk)
    assert grant_role(actor=ada, new=new, now=now).expires_at is None


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "role.past", "expires_at"),
        ({"kind": ScopeKind.TYPE, "key": 999_999}, "role.place", "place"),
        ({"kind": ScopeKind.UNIT, "key": 999_999}, "role.place", "place"),
        ({"kind": ScopeKind.RESOURCE, "key": None}, "role.place", "place"),
    ],
)
def test_senseless_grants_are_told(
    dora: User,
    ada: User,
    manager_role: RoleDefinition,
    now: datetime,
    change: dict[str, Any],
    code: str,
    field: str,
) -> None:
    new = replace(asked(ada, manager_role), **change)
    error = refused(lambda: grant_role(actor=dora, new=new, now=now))
    assert (error.code, error.field) == (code, field)


def test_closed_accounts_and_useless_scopes_are_told(
    dora: User, ada: User, confocals: ResourceType, now: datetime
) -> None:
    auditor = RoleDefinition.objects.get(code="auditor")
    scoped = asked(ada, auditor, kind=ScopeKind.TYPE, key=confocals.pk)
    assert refused(lambda: grant_role(actor=dora, new=scoped, now=now)).code == "role.unscoped"
    User.objects.filter(pk=ada.pk).update(is_active=False)
    error = refused(lambda: grant_role(actor=dora, new=asked(ada, auditor), now=now))
    assert error.code == "role.inactive"


def test_granting_anew_renews(
    chris: User, ada: User, manager_role: RoleDefinition, now: datetime
) -> None:
    first = grant_role(actor=chris, new=asked(ada, manager_role, expires_at=now + DAY), now=now)
    second = grant_role(actor=chris, new=asked(ada, manager_role), now=now + timedelta(hours=1))
    assert (second.pk, second.expires_at) == (first.pk, None)
    assert AuditLog.objects.filter(action="role.granted").count() == 2


def test_taken_away_it_counts_no_longer(
    chris: User, ada: User, manager_role: RoleDefinition, told: Told, now: datetime
) -> None:
    grant = grant_role(actor=chris, new=asked(ada, manager_role), now=now)
    assert may(again(ada), "resource.manage")
    revoke_role(actor=chris, grant_id=grant.public_id, now=now, reason="Left the group")
    assert not may(again(ada), "resource.manage")
    log = AuditLog.objects.get(action="role.revoked")
    assert (log.actor_name, log.object_name, log.reason) == ("Chris", "Ada", "Left the group")
    assert told[-1] == ("account.role_revoked", ada.pk)


@pytest.mark.parametrize(
    ("who", "allowed"),
    [("ada", True), ("ben", False), ("eve", False), ("chris", True), ("dora", True)],
)
def test_who_takes_away(
    cast: dict[str, User],
    manager_role: RoleDefinition,
    now: datetime,
    who: str,
    allowed: bool,
) -> None:
    """Who could have granted it, and who holds it."""
    grant = give(cast["ada"], manager_role)
    if allowed:
        revoke_role(actor=again(cast[who]), grant_id=grant.public_id, now=now)
        assert not RoleGrant.objects.exists()
        return
    error = refused(lambda: revoke_role(actor=cast[who], grant_id=grant.public_id, now=now))
    assert error.code == "permission.role_grant"


def test_a_lab_manager_takes_no_auditor_away(chris: User, ada: User, now: datetime) -> None:
    grant = give(ada, RoleDefinition.objects.get(code="auditor"))
    refused(lambda: revoke_role(actor=chris, grant_id=grant.public_id, now=now))


def test_rights_lost_meanwhile_grant_nothing(
    chris: User, ada: User, eve: User, manager_role: RoleDefinition, now: datetime
) -> None:
    """The service asks the rights of this moment, not those of the request's beginning."""
    grant = give(ada, manager_role)
    assert may(ada, "role.grant")
    revoke_role(actor=chris, grant_id=grant.public_id, now=now)
    error = refused(lambda: grant_role(actor=ada, new=asked(eve, manager_role), now=now))
    assert error.code == "role.not_held"


def test_ended_grants_are_told_and_cleared_away(
    ada: User, eve: User, manager_role: RoleDefinition, told: Told, now: datetime
) -> None:
    give(ada, manager_role, ends_in=-timedelta(hours=1))
    give(eve, manager_role, ends_in=timedelta(hours=1))
    assert not may(ada, "resource.manage")
    assert remove_expired_grants(now=now) == 1
    assert remove_expired_grants(now=now) == 0
    assert list(RoleGrant.objects.values_list("user", flat=True)) == [eve.pk]
    log = AuditLog.objects.get(action="role.expired")
    assert (log.actor_name, log.object_name) == ("", "Ada")
    assert told == [("account.role_expired", ada.pk)]


def test_a_lab_manager_somewhere_has_no_unscoped_rights_there(
    chris: User, ada: User, microscope: Resource, manager_role: RoleDefinition, now: datetime
) -> None:
    new = asked(ada, manager_role, kind=ScopeKind.RESOURCE, key=microscope.pk)
    grant_role(actor=chris, new=new, now=now)
    assert not may(again(ada), "message.view", Where(resource_id=microscope.pk))
