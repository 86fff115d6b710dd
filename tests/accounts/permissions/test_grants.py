"""May somebody: by standing, by granted roles and their places; what it costs; when it ends."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.enums import Role, ScopeKind, UnitKind
from accounts.models import RoleDefinition, Unit, User
from accounts.permissions import Where, may, permissions, places
from accounts.permissions.grants import granted
from tests.factories.people import make_user
from tests.factories.roles import give, make_role
from tests.support.queries import count_queries

HOUR = timedelta(hours=1)
HERE = Where(resource_id=7, type_id=3, unit_id=2)


def again(user: User) -> User:
    """The person as the next request loads them."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def keeper(db: None) -> RoleDefinition:
    """A role with one scoped and one unscoped permission."""
    return make_role("keeper", "resource.manage", "message.view")


@pytest.fixture
def units(db: None) -> dict[str, Unit]:
    """A faculty, its college, its department, and a faculty beside."""
    science = Unit.objects.create(kind=UnitKind.FACULTY, name="Science", code="science")
    physics = Unit.objects.create(
        kind=UnitKind.COLLEGE, name="Physics", code="physics", parent=science
    )
    optics = Unit.objects.create(
        kind=UnitKind.DEPARTMENT, name="Optics", code="optics", parent=physics
    )
    arts = Unit.objects.create(kind=UnitKind.FACULTY, name="Arts", code="arts")
    return {"science": science, "physics": physics, "optics": optics, "arts": arts}


@pytest.mark.parametrize("code", sorted(permissions()))
def test_standing_roles_bring_what_is_declared(cast: dict[str, User], code: str) -> None:
    least = permissions()[code].least
    for user in cast.values():
        expected = user.is_superuser or (least is not None and Role(user.role).rank >= least.rank)
        assert may(user, code) is expected
        assert may(user, code, HERE) is expected
        assert places(user, code).everywhere is expected


def test_an_unknown_permission_is_a_fault_and_never_a_no(dora: User) -> None:
    with pytest.raises(KeyError):
        may(dora, "resource.fly")
    with pytest.raises(KeyError):
        places(dora, "resource.fly")


@pytest.mark.parametrize("who", ["chris", "dora"])
def test_a_closed_account_may_nothing(cast: dict[str, User], who: str) -> None:
    user = cast[who]
    user.is_active = False
    assert not any(may(user, code) for code in permissions())
    assert not any(places(user, code) for code in permissions())


@pytest.mark.parametrize(
    ("kind", "key", "where", "expected"),
    [
        (ScopeKind.EVERYWHERE, None, None, True),
        (ScopeKind.EVERYWHERE, None, HERE, True),
        (ScopeKind.RESOURCE, 7, HERE, True),
        (ScopeKind.RESOURCE, 8, HERE, False),
        (ScopeKind.RESOURCE, 7, None, False),
        (ScopeKind.RESOURCE, 7, Where(type_id=7, unit_id=7), False),
        (ScopeKind.TYPE, 3, HERE, True),
        (ScopeKind.TYPE, 3, Where(type_id=3), True),
        (ScopeKind.TYPE, 3, Where(resource_id=3), False),
        (ScopeKind.TYPE, 3, None, False),
    ],
)
def test_a_grant_counts_in_its_place(
    ada: User,
    keeper: RoleDefinition,
    kind: ScopeKind,
    key: int | None,
    where: Where | None,
    expected: bool,
) -> None:
    give(ada, keeper, kind, key)
    assert may(ada, "resource.manage", where) is expected
    assert not may(ada, "policy.manage", where)


def test_what_knows_no_places_comes_from_everywhere_only(
    ada: User, eve: User, keeper: RoleDefinition
) -> None:
    give(ada, keeper, ScopeKind.TYPE, 3)
    give(eve, keeper)
    assert not may(ada, "message.view", Where(type_id=3))
    assert not places(ada, "message.view")
    assert may(eve, "message.view")


def test_a_unit_covers_what_lies_within(
    ada: User, keeper: RoleDefinition, units: dict[str, Unit]
) -> None:
    give(ada, keeper, ScopeKind.UNIT, units["science"].pk)
    found = {
        name: may(ada, "resource.manage", Where(unit_id=unit.pk)) for name, unit in units.items()
    }
    assert found == {"science": True, "physics": True, "optics": True, "arts": False}
    inside = {units[name].pk for name in ("science", "physics", "optics")}
    assert places(ada, "resource.manage").unit_ids == inside


def test_a_unit_that_moves_takes_its_rights_along(
    ada: User, keeper: RoleDefinition, units: dict[str, Unit]
) -> None:
    give(ada, keeper, ScopeKind.UNIT, units["science"].pk)
    assert may(ada, "resource.manage", Where(unit_id=units["optics"].pk))
    Unit.objects.filter(pk=units["physics"].pk).update(parent=units["arts"])
    assert not may(again(ada), "resource.manage", Where(unit_id=units["optics"].pk))
    new = Unit.objects.create(
        kind=UnitKind.COLLEGE, name="Biology", code="biology", parent=units["science"]
    )
    assert may(again(ada), "resource.manage", Where(unit_id=new.pk))


def test_several_roles_add_up(ada: User, keeper: RoleDefinition) -> None:
    give(ada, keeper, ScopeKind.TYPE, 3)
    give(ada, keeper, ScopeKind.RESOURCE, 9)
    give(ada, make_role("planner", "maintenance.manage"), ScopeKind.RESOURCE, 7)
    held = places(ada, "resource.manage")
    assert (set(held.type_ids), set(held.resource_ids)) == ({3}, {9})
    assert not held.everywhere
    assert may(ada, "maintenance.manage", HERE)
    assert not may(ada, "maintenance.manage", Where(resource_id=9))
    give(ada, keeper)
    assert places(ada, "resource.manage").everywhere


def test_a_place_that_is_gone_gives_nothing(ada: User, keeper: RoleDefinition) -> None:
    give(ada, keeper, ScopeKind.UNIT, 999_999)
    held = places(ada, "resource.manage")
    assert held.unit_ids == {999_999}
    assert not Unit.objects.filter(pk__in=held.unit_ids).exists()


def test_warm_costs_nothing_and_cold_one_query(ada: User, keeper: RoleDefinition) -> None:
    give(ada, keeper, ScopeKind.TYPE, 3)
    give(ada, make_role("planner", "maintenance.manage"), ScopeKind.UNIT, 5)
    person = again(ada)
    with count_queries(1):
        assert may(person, "resource.manage", HERE)
    with count_queries(0):
        assert may(person, "resource.manage", HERE)
        assert not may(person, "policy.manage", HERE)
        assert places(person, "maintenance.manage")
    person = again(ada)
    with count_queries(0):
        assert may(person, "resource.manage", HERE)


def test_who_was_granted_nothing_costs_nothing_ever(cast: dict[str, User]) -> None:
    with count_queries(0):
        for user in cast.values():
            for code in permissions():
                may(user, code, HERE)


def test_what_is_kept_ends_with_the_grant(
    ada: User, keeper: RoleDefinition, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    monkeypatch.setattr(
        "accounts.permissions.grants.cache.set", lambda _key, _value, timeout: kept.append(timeout)
    )
    give(ada, keeper, ends_in=timedelta(seconds=90))
    granted(again(ada))
    give(ada, make_role("planner", "maintenance.manage"), ends_in=timedelta(milliseconds=900))
    granted(again(ada))
    give(ada, make_role("for-long", "demand.view"), ends_in=timedelta(days=900))
    # Less than a second is not kept at all: a second too long would be a second too much.
    assert len(kept) == 1
    assert 85 <= kept[0] < 90


def test_an_ended_grant_counts_no_longer(ada: User, keeper: RoleDefinition) -> None:
    grant = give(ada, keeper, ends_in=-HOUR)
    assert not may(ada, "resource.manage")
    grant.expires_at = None
    grant.save()
    assert may(again(ada), "resource.manage")


def test_grant_change_and_end_raise_the_version(ada: User, eve: User) -> None:
    versions = [ada.grants_version]
    role = make_role("keeper", "resource.manage")
    grant = give(ada, role)
    versions.append(again(ada).grants_version)
    role.permissions = ["policy.manage"]
    role.save()
    versions.append(again(ada).grants_version)
    grant.delete()
    versions.append(again(ada).grants_version)
    assert versions[0] == 0
    assert versions == sorted(set(versions))
    assert again(eve).grants_version == 0


def test_another_name_is_no_other_right(ada: User, keeper: RoleDefinition) -> None:
    give(ada, keeper)
    before = again(ada).grants_version
    keeper.name = "Somebody"
    keeper.save()
    assert again(ada).grants_version == before


def test_a_change_of_the_role_is_seen_at_once(ada: User, keeper: RoleDefinition) -> None:
    give(ada, keeper)
    assert may(ada, "resource.manage")
    keeper.permissions = ["policy.manage"]
    keeper.save()
    person = again(ada)
    assert not may(person, "resource.manage")
    assert may(person, "policy.manage")


def test_the_same_object_sees_a_new_version_after_reloading(
    ada: User, keeper: RoleDefinition
) -> None:
    grant = give(ada, keeper)
    assert may(ada, "resource.manage")
    grant.delete()
    ada.refresh_from_db()
    assert not may(ada, "resource.manage")


def test_writing_an_old_person_back_keeps_the_version(ada: User, keeper: RoleDefinition) -> None:
    old = again(ada)
    give(ada, keeper)
    old.first_name = "Augusta"
    old.save()
    assert again(ada).grants_version == ada.grants_version > 0
    assert may(again(ada), "resource.manage")


def test_what_was_rolled_back_is_never_found_again(ada: User, eve: User) -> None:
    """A cache that was filled within a transaction that failed must not speak for a later one."""
    wide = make_role("wide", "resource.manage")
    narrow = make_role("narrow", "demand.view")
    with pytest.raises(RuntimeError), transaction.atomic():
        give(ada, wide)
        assert may(ada, "resource.manage")
        raise RuntimeError
    give(ada, narrow)
    assert not may(again(ada), "resource.manage")
    assert may(again(ada), "demand.view")


def test_moving_a_grant_to_another_person_concerns_both(
    ada: User, eve: User, keeper: RoleDefinition
) -> None:
    grant = give(ada, keeper)
    assert may(ada, "resource.manage")
    grant.user = eve
    grant.save()
    assert not may(again(ada), "resource.manage")
    assert may(again(eve), "resource.manage")


def test_many_roles_cost_no_more_than_one(keeper: RoleDefinition) -> None:
    for number in (1, 5):
        person = make_user(f"holder{number}")
        for key in range(number):
            give(person, make_role(f"r{number}-{key}", "resource.manage"), ScopeKind.TYPE, key + 1)
        with count_queries(1):
            assert len(places(again_without_query(person), "resource.manage").type_ids) == number


def again_without_query(user: User) -> User:
    """The same person without what this object remembers."""
    return User(pk=user.pk, role=user.role, is_active=True, grants_version=user.grants_version)


def test_the_database_needs_no_sequential_scan_of_grants(ada: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'accounts_rolegrant'")
        assert any("(user_id" in definition for (definition,) in cursor.fetchall())
