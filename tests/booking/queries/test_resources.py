"""Reading resources: the list, what each is doing, who may book."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from booking.enums import ClaimKind, Limit, Status
from booking.models import (
    BookingPolicy,
    FavouriteResource,
    Resource,
    ResourceAccess,
    ResourceCalendar,
    ResourceLink,
    ResourcePool,
    ResourceType,
    ResponsiblePerson,
)
from booking.queries.calendars import open_periods
from booking.queries.resources import (
    MINUTE,
    Presence,
    ResourceFilters,
    instrument_page,
    listed_resources,
    own_bookings_on,
    presences,
    resource_page,
    resource_terms,
    upcoming_on,
)
from booking.services.calendars import add_closure
from booking.services.holds import hold_time
from booking.services.maintenance import schedule_maintenance
from labitory.lib.periods import Period
from tests.factories.bookings import make_booking
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

HOUR = timedelta(hours=1)


def presence_of(resource: Resource, now: datetime) -> Presence:
    opened = open_periods(resources=[resource], window=Period(now, now + MINUTE))
    return presences(resources=[resource], opened=opened, now=now)[resource.pk]


def names(viewer: User, now: datetime, **filters: object) -> list[str]:
    wanted = ResourceFilters(**filters)  # type: ignore[arg-type]
    return [each.name for each in listed_resources(viewer=viewer, filters=wanted, now=now)]


def test_favourites_come_first_and_only_ones_own(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    FavouriteResource.objects.create(user=ada, resource=second_microscope)
    assert names(ada, now) == ["Confocal 2", "Confocal 1"]
    assert names(ben, now) == ["Confocal 1", "Confocal 2"]


def test_filters_narrow(
    ada: User, microscope: Resource, confocals: ResourceType, now: datetime
) -> None:
    nmr = make_resource("NMR 400", location="Basement")
    pool = ResourcePool.objects.create(name="Any")
    pool.resources.add(nmr)
    assert names(ada, now, word="base") == ["NMR 400"]
    assert names(ada, now, word="confocal mic") == ["Confocal 1"]
    assert names(ada, now, word=nmr.code.upper()) == ["NMR 400"]
    assert names(ada, now, type_id=confocals.public_id) == ["Confocal 1"]
    assert names(ada, now, pool_id=pool.public_id) == ["NMR 400"]
    assert names(ada, now, pool_id=uuid4()) == []


def test_free_until_somebody_has_it(ada: User, microscope: Resource, now: datetime) -> None:
    assert presence_of(microscope, now) == Presence(kind="free", free_seats=1)
    make_booking(ada, microscope, now + HOUR)
    assert presence_of(microscope, now).kind == "free"
    assert presence_of(microscope, now + HOUR) == Presence(kind="busy", until=now + 2 * HOUR)
    assert presence_of(microscope, now + 2 * HOUR).kind == "free"


def test_seats_are_counted(ada: User, ben: User, chris: User, now: datetime) -> None:
    room = make_resource("Cell culture", capacity=3)
    make_booking(ada, room, now, 3 * HOUR)
    make_booking(ben, room, now, 2 * HOUR)
    assert presence_of(room, now) == Presence(kind="free", free_seats=1)
    make_booking(chris, room, now, HOUR)
    assert presence_of(room, now) == Presence(kind="busy", until=now + HOUR)


def test_closed_tells_the_reason(microscope: Resource, now: datetime) -> None:
    microscope.is_active, microscope.closed_reason = False, "Laser is out"
    assert presence_of(microscope, now) == Presence(kind="closed", reason="Laser is out")


def test_a_closure_and_maintenance_tell_until_when(
    chris: User, microscope: Resource, now: datetime
) -> None:
    add_closure(
        actor=chris,
        resource_id=microscope.public_id,
        period=Period(now, now + HOUR),
        reason="Stocktaking",
        now=now - MINUTE,
    )
    expected = Presence(kind="closed", until=now + HOUR, reason="Stocktaking")
    assert presence_of(microscope, now) == expected
    schedule_maintenance(
        actor=chris,
        resource_id=microscope.public_id,
        period=Period(now + HOUR, now + 2 * HOUR),
        title="New laser",
        now=now,
    )
    expected = Presence(kind="maintenance", until=now + 2 * HOUR, reason="New laser")
    assert presence_of(microscope, now + HOUR) == expected


@pytest.mark.usefixtures("weekday_hours")
def test_outside_hours_is_not_free(microscope: Resource, now: datetime) -> None:
    assert presence_of(microscope, now).kind == "free"
    assert presence_of(microscope, now - HOUR).kind == "shut"


def test_a_hold_counts_until_it_expires(ada: User, microscope: Resource, now: datetime) -> None:
    hold_time(actor=ada, resource_id=microscope.public_id, period=Period(now, now + HOUR), now=now)
    assert ResourceCalendar.objects.get().kind == ClaimKind.HOLD
    assert presence_of(microscope, now).kind == "busy"
    assert presence_of(microscope, now + timedelta(minutes=20)).kind == "free"


def test_access_is_told(ada: User, now: datetime) -> None:
    stepper = make_resource("Stepper", requires_access=True)

    def leave() -> tuple[str, datetime | None]:
        page = resource_page(viewer=ada, public_id=stepper.public_id, now=now)
        assert page is not None
        return page.leave.kind, page.leave.until

    assert leave() == ("missing", None)
    access = ResourceAccess.objects.create(user=ada, resource=stepper, granted_at=now)
    assert leave() == ("granted", None)
    for until, kind in ((now + HOUR, "granted"), (now, "expired")):
        access.expires_at = until
        access.save()
        assert leave() == (kind, until)
    stepper.requires_access = False
    stepper.save()
    assert leave() == ("open", None)


def test_a_page_names_people_links_and_pools_in_one_query(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    laser = make_resource("Laser")
    ResourceLink.objects.create(resource=microscope, linked=laser)
    ResourceLink.objects.create(resource=second_microscope, linked=laser)
    ResponsiblePerson.objects.create(resource=microscope, user=ben)
    ResourcePool.objects.create(name="Confocals").resources.add(microscope)
    with count_queries(1):
        page = instrument_page(
            Resource.objects.all(), viewer=ada, code=microscope.code.upper(), now=now
        )
    assert page is not None
    assert [(each.name, each.email, each.kind) for each in page.contacts] == [
        (ben.full_name, ben.email, "Primary contact")
    ]
    assert [each.public_id for each in page.links] == [laser.public_id]
    assert page.pools == ("Confocals",)
    shared = resource_page(viewer=ada, public_id=laser.public_id, now=now)
    assert shared is not None
    assert [each.name for each in shared.linked_from] == ["Confocal 1", "Confocal 2"]


def test_an_unknown_resource_has_no_page(ada: User, now: datetime) -> None:
    assert resource_page(viewer=ada, public_id=uuid4(), now=now) is None
    assert instrument_page(Resource.objects.all(), viewer=ada, code="nothing", now=now) is None


@pytest.mark.usefixtures("weekday_hours")
def test_terms_are_the_viewers(ada: User, ben: User, microscope: Resource, now: datetime) -> None:
    BookingPolicy.objects.create(limit=Limit.MAX_LENGTH, role="student", value=120)
    day = Period(now - 7 * HOUR, now + 17 * HOUR)
    with count_queries(1):
        terms = resource_terms(viewer=ada, resource=microscope, window=day, now=now)
    assert terms.limits == {Limit.MAX_LENGTH: 120}
    assert terms.open_in(day) == [Period(now, now + 12 * HOUR)]
    assert resource_terms(viewer=ben, resource=microscope, window=day, now=now).limits == {}


def test_only_visible_bookings_are_coming_up(
    ada: User, eve: User, chris: User, microscope: Resource, now: datetime
) -> None:
    coming = make_booking(ada, microscope, now + HOUR)
    make_booking(ada, microscope, now - 5 * HOUR, status=Status.COMPLETED)
    make_booking(ada, microscope, now + 3 * HOUR, status=Status.CANCELLED)
    for viewer, seen in ((ada, [coming]), (chris, [coming]), (eve, [])):
        assert upcoming_on(viewer=viewer, resource=microscope, now=now) == seen


def test_what_is_in_use_past_its_end_is_still_ones_own(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    overrun = make_booking(ada, microscope, now - 2 * HOUR, status=Status.CHECKED_IN)
    assert own_bookings_on(viewer=ada, resource=microscope, now=now) == [overrun]
    assert own_bookings_on(viewer=chris, resource=microscope, now=now) == []
