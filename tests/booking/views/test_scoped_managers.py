"""A lab manager of one type, or of one resource, manages exactly these."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import ScopeKind, UnitKind
from accounts.models import RoleDefinition, Unit, User
from booking.enums import Limit, Status
from booking.models import (
    Booking,
    BookingPolicy,
    Closure,
    DemandEntry,
    MaintenanceRecord,
    Resource,
    ResourcePool,
    ResourceType,
)
from labitory.lib.clock import now as clock_now
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.factories.roles import give
from tests.support.queries import count_queries

HOUR = timedelta(hours=1)
SCOPES = (ScopeKind.TYPE, ScopeKind.RESOURCE, ScopeKind.UNIT)


@pytest.fixture
def laser(db: None) -> Resource:
    """Of another type and unit."""
    arts = Unit.objects.create(kind=UnitKind.FACULTY, name="Arts", code="arts")
    kind = ResourceType.objects.create(name="Laser")
    return make_resource("Laser 1", resource_type=kind, unit=arts)


@pytest.fixture(params=SCOPES, ids=str)
def manager(request: Any, ada: User, microscope: Resource, laser: Resource) -> User:
    """Ada, a student, is lab manager where the microscope is; the laser is not hers."""
    unit = Unit.objects.create(kind=UnitKind.FACULTY, name="Science", code="science")
    Resource.objects.filter(pk=microscope.pk).update(unit=unit)
    microscope.refresh_from_db()
    keys = {
        ScopeKind.TYPE: microscope.resource_type_id,
        ScopeKind.RESOURCE: microscope.pk,
        ScopeKind.UNIT: unit.pk,
    }
    role = RoleDefinition.objects.get(code="lab-manager")
    give(ada, role, request.param, keys[request.param])
    return ada


def url(name: str, *args: Any) -> str:
    return reverse(f"booking:{name}", args=args)


PAGES = ("resource_edit", "resource_hours", "resource_policies", "resource_access")


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_of_ones_own_open_others_are_closed(
    as_user: LogIn, manager: User, eve: User, microscope: Resource, laser: Resource, name: str
) -> None:
    client = as_user(manager)
    assert client.get(url(name, microscope.public_id)).status_code == 200
    refused = client.get(url(name, laser.public_id))
    assert refused.status_code == 403
    assert "Laser 1" in refused.content.decode()
    assert client.get(url(name, manager.public_id)).status_code == 404
    assert as_user(eve).get(url(name, microscope.public_id)).status_code == 403


@pytest.mark.parametrize("name", [*PAGES, "manage_home", "policy_list", "closure_list", "demand"])
def test_visitors_log_in_first(client: Client, microscope: Resource, name: str) -> None:
    args = (microscope.public_id,) if name in PAGES else ()
    answer = client.get(url(name, *args))
    assert answer.status_code == 302
    assert "/accounts/login" in answer["Location"]


LISTS = (
    *("manage_home", "closed_list", "policy_list", "closure_list", "maintenance_list", "demand"),
    *("pool_list", "type_list", "policy_new", "closure_new", "maintenance_new", "pool_new"),
)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("who", "status"),
    [("manager", 200), ("ben", 403), ("eve", 403), ("chris", 200), ("dora", 200)],
)
def test_the_lists_open_for_who_manages_anything(
    as_user: LogIn,
    manager: User,
    ben: User,
    eve: User,
    chris: User,
    dora: User,
    name: str,
    who: str,
    status: int,
) -> None:
    people = {"manager": manager, "ben": ben, "eve": eve, "chris": chris, "dora": dora}
    assert as_user(people[who]).get(url(name)).status_code == status


@pytest.mark.parametrize("name", ["lab_hours", "type_new", "message_list"])
def test_what_is_the_whole_labs_stays_closed(as_user: LogIn, manager: User, name: str) -> None:
    assert as_user(manager).get(url(name)).status_code == 403


def test_a_page_offers_only_what_may_be_done(
    as_user: LogIn, manager: User, microscope: Resource, laser: Resource
) -> None:
    client = as_user(manager)
    own = client.get(url("resource_detail", microscope.public_id)).content.decode()
    other = client.get(url("resource_detail", laser.public_id)).content.decode()
    for name in PAGES:
        assert url(name, microscope.public_id) in own
        assert url(name, laser.public_id) not in other
    home = client.get(url("home")).content.decode()
    for name in ("manage_home", "policy_list", "closure_list", "maintenance_list", "demand"):
        assert f'href="{url(name)}"' in home


def test_only_who_manages_a_type_adds_to_it(
    as_user: LogIn, manager: User, microscope: Resource, laser: Resource
) -> None:
    client = as_user(manager)
    data = {
        "name": "Confocal 9",
        "type": str(microscope.resource_type.public_id),
        "slot_minutes": 15,
        "capacity": 1,
        "setup_minutes": 0,
        "cleanup_minutes": 0,
    }
    by_type = manager.role_grants.get().scope_kind == ScopeKind.TYPE
    assert client.post(url("resource_new"), data).status_code == (302 if by_type else 403)
    assert Resource.objects.filter(name="Confocal 9").exists() is by_type
    data |= {"name": "Laser 9", "type": str(laser.resource_type.public_id)}
    assert client.post(url("resource_new"), data).status_code == (422 if by_type else 403)
    assert not Resource.objects.filter(name="Laser 9").exists()


def posts(microscope: Resource, laser: Resource, eve: User) -> dict[str, Callable[[Resource], Any]]:
    """Each act on a resource: address and data."""
    return {
        "close": lambda r: (url("resource_close", r.public_id), {"reason": "Broken"}),
        "open": lambda r: (url("resource_open", r.public_id), {}),
        "access": lambda r: (url("resource_access", r.public_id), {"user": "eve"}),
        "revoke": lambda r: (url("access_revoke", r.public_id, eve.public_id), {}),
        "hours": lambda r: (url("resource_hours", r.public_id), {"clear": "1"}),
        "edit": lambda r: (url("resource_edit", r.public_id), {"part": "people", "primary": "eve"}),
        "limit": lambda r: (
            url("resource_policies", r.public_id),
            {"limit": Limit.MAX_LENGTH, "amount": "2", "unit": "hours"},
        ),
    }


@pytest.mark.parametrize("act", ["close", "open", "access", "hours", "edit", "limit", "revoke"])
def test_acts_on_ones_own_alone(
    as_user: LogIn, manager: User, eve: User, microscope: Resource, laser: Resource, act: str
) -> None:
    client, make = as_user(manager), posts(microscope, laser, eve)[act]
    address, data = make(laser)
    before = Resource.objects.values().get(pk=laser.pk)
    assert client.post(address, data).status_code == 403
    assert Resource.objects.values().get(pk=laser.pk) == before
    assert not BookingPolicy.objects.exists()
    assert not laser.responsible.exists()
    address, data = make(microscope)
    assert client.post(address, data).status_code == (404 if act == "revoke" else 302)


@pytest.mark.parametrize("name", ["maintenance_new", "closure_new"])
def test_time_is_taken_of_ones_own_alone(
    as_user: LogIn, manager: User, microscope: Resource, laser: Resource, name: str
) -> None:
    client = as_user(manager)
    data = {
        "title": "Service",
        "reason": "Service",
        "notes": "",
        "start_time": "2033-03-01T10:00",
        "end_time": "2033-03-01T12:00",
    }
    assert client.post(url(name), {**data, "resource": laser.code}).status_code == 422
    assert client.post(url(name), data).status_code == 422
    assert not Closure.objects.exists()
    assert not MaintenanceRecord.objects.exists()
    assert client.post(url(name), {**data, "resource": microscope.code}).status_code == 302


def test_lists_show_ones_own_alone(
    as_user: LogIn, manager: User, chris: User, microscope: Resource, laser: Resource, now: datetime
) -> None:
    later = {"start_time": now + 99_999 * HOUR, "end_time": now + 100_001 * HOUR}
    made = {"created_by": chris, "created_at": now, **later}
    for each in (microscope, laser):
        MaintenanceRecord.objects.create(resource=each, title=f"Work on {each}", **made)
        Closure.objects.create(resource=each, reason=f"No {each}", **made)
        BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, resource=each, value=60)
        ResourcePool.objects.create(name=f"Pool of {each}").resources.add(each)
        DemandEntry.objects.create(
            at=clock_now(),
            source="refused",
            role="student",
            resource=each,
            resource_type=each.resource_type,
            minutes=60,
            start_time=now,
            end_time=now + HOUR,
            codes=["hours.closed"],
        )
    Closure.objects.create(reason="Power cut", **made)
    Resource.objects.update(is_active=False, closed_reason="Broken")
    client = as_user(manager)
    for name in (
        "maintenance_list",
        "closure_list",
        "policy_list",
        "pool_list",
        "demand",
        "closed_list",
    ):
        text = client.get(url(name)).content.decode()
        assert "Confocal 1" in text, name
        assert "Laser 1" not in text, name
    assert "Power cut" in client.get(url("closure_list")).content.decode()
    everything = as_user(chris).get(url("maintenance_list")).content.decode()
    assert "Laser 1" in everything


def test_the_whole_labs_closure_is_not_theirs_to_remove(
    as_user: LogIn, manager: User, chris: User, now: datetime
) -> None:
    closure = Closure.objects.create(
        reason="Power cut",
        created_by=chris,
        created_at=now,
        start_time=now + 99_999 * HOUR,
        end_time=now + 100_001 * HOUR,
    )
    client = as_user(manager)
    assert (
        url("closure_remove", closure.public_id)
        not in client.get(url("closure_list")).content.decode()
    )
    assert client.post(url("closure_remove", closure.public_id)).status_code == 403
    assert Closure.objects.filter(pk=closure.pk).exists()


def test_limits_of_others_stay(as_user: LogIn, manager: User, laser: Resource) -> None:
    rows = [
        BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, resource=laser, value=60),
        BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, value=90),
    ]
    client = as_user(manager)
    for row in rows:
        assert client.post(url("policy_remove", row.pk)).status_code == 403
    everywhere = {"limit": Limit.MIN_LENGTH, "amount": "1", "unit": "hours"}
    assert client.post(url("policy_new"), everywhere).status_code == 422
    elsewhere = {**everywhere, "resource": laser.code}
    assert client.post(url("policy_new"), elsewhere).status_code == 422
    assert BookingPolicy.objects.count() == 2


def test_bookings_of_ones_own_resource_are_seen_changed_and_decided(
    as_user: LogIn, manager: User, ben: User, microscope: Resource, laser: Resource
) -> None:
    start = clock_now().replace(minute=0, second=0, microsecond=0) + 72 * HOUR
    own = make_booking(ben, microscope, start, status=Status.PENDING)
    other = make_booking(ben, laser, start + 2 * HOUR, status=Status.PENDING)
    client = as_user(manager)
    assert client.get(url("booking_detail", own.public_id)).status_code == 200
    assert client.get(url("booking_detail", other.public_id)).status_code == 404
    waiting = client.get(url("approval_list")).content.decode()
    assert "Confocal 1" in waiting
    assert "Laser 1" not in waiting
    assert client.post(url("booking_approve", own.public_id)).status_code == 302
    assert client.post(url("booking_approve", other.public_id)).status_code == 404
    assert Booking.objects.get(pk=own.pk).status == Status.CONFIRMED
    assert Booking.objects.get(pk=other.pk).status == Status.PENDING
    assert client.post(url("booking_cancel", own.public_id), {"reason": "x"}).status_code == 302
    assert client.post(url("booking_cancel", other.public_id)).status_code == 404


@pytest.mark.parametrize("grants", [1, 5])
def test_lists_do_not_grow_with_roles(
    as_user: LogIn, eve: User, microscope: Resource, grants: int
) -> None:
    role = RoleDefinition.objects.get(code="lab-manager")
    give(eve, role, ScopeKind.RESOURCE, microscope.pk)
    for number in range(grants - 1):
        extra = make_resource(f"Extra {number}", resource_type=microscope.resource_type)
        give(eve, role, ScopeKind.RESOURCE, extra.pk)
    BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, resource=microscope, value=60)
    moment = clock_now()
    MaintenanceRecord.objects.create(
        resource=microscope,
        title="Service",
        start_time=moment + HOUR,
        end_time=moment + 2 * HOUR,
        created_by=eve,
        created_at=moment,
    )
    client = as_user(eve)
    client.get(url("maintenance_list"))
    for name, queries in (
        ("maintenance_list", MAINTENANCE_QUERIES),
        ("policy_list", POLICY_QUERIES),
        ("booking_list", BOOKING_QUERIES),
    ):
        with count_queries(queries):
            client.get(url(name))


# The session's person, what waits for them, the page's rows; as for who holds no role at all.
MAINTENANCE_QUERIES = 4
POLICY_QUERIES = 4
BOOKING_QUERIES = 4
