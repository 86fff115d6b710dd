"""Bookings with a project: made, moved, edited, approved."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from accounts.models import Project, ProjectMember, User
from audit.models import AuditLog
from booking.errors import BookingError
from booking.models import Booking, OutboxEvent, ProjectResource, Resource
from booking.services.approvals import approve_booking
from booking.services.bookings import (
    BookingDetails,
    Charge,
    create_booking,
    edit_booking,
    reschedule_booking,
)
from labitory.lib.periods import Period
from tests.factories.groups import make_group, make_project
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def light(ada: User, ben: User) -> Project:
    """A project of Ben's group that Ada may charge, valid in 2026."""
    return make_project("Light", make_group("Optics", ben), ada)


def book(
    user: User, resource: Resource, now: datetime, project: Project | None, start: float = 2
) -> Booking:
    period = Period(now + start * HOUR, now + (start + 1) * HOUR)
    details = BookingDetails(project_id=project.public_id if project else None)
    return create_booking(
        actor=user,
        user=user,
        resource_ids=[resource.public_id],
        period=period,
        now=now,
        details=details,
    )[0]


def codes(act: Callable[[], object]) -> list[str]:
    with pytest.raises(BookingError) as raised:
        act()
    return [each.code for each in raised.value.refusals]


def test_a_project_costs_no_query(
    ada: User, microscope: Resource, light: Project, now: datetime
) -> None:
    with count_queries(5):
        booking = book(ada, microscope, now, light)
    assert str(booking.project) == "Light (GRANT-Light)"
    booking.refresh_from_db()
    assert booking.project == light


def test_members_leaders_and_delegates_charge_it(
    ada: User,
    ben: User,
    chris: User,
    eve: User,
    microscope: Resource,
    light: Project,
    now: datetime,
) -> None:
    light.group.members.create(user=eve, joined_at=now)
    assert codes(lambda: book(eve, microscope, now, light, 1)) == ["project.member"]
    assert codes(lambda: book(chris, microscope, now, light, 1)) == ["project.member"]
    light.group.members.filter(user=eve).update(is_manager=True)
    book(eve, microscope, now, light, 1)
    book(ben, microscope, now, light, 3)
    book(ada, microscope, now, light, 5)
    assert Booking.objects.filter(project=light).count() == 3


def test_a_refusal_leaves_nothing(
    ada: User, microscope: Resource, light: Project, now: datetime
) -> None:
    Project.objects.filter(pk=light.pk).update(ends_on=date(2026, 3, 1))
    assert codes(lambda: book(ada, microscope, now, light)) == ["project.period"]
    Project.objects.filter(pk=light.pk).update(ends_on=None, is_active=False)
    assert codes(lambda: book(ada, microscope, now, light)) == ["project.active"]
    unknown = Project(public_id=uuid4())
    assert codes(lambda: book(ada, microscope, now, unknown)) == ["project.member"]
    assert not Booking.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_a_closed_group_charges_nothing(
    ada: User, microscope: Resource, light: Project, now: datetime
) -> None:
    light.group.is_active = False
    light.group.save()
    assert codes(lambda: book(ada, microscope, now, light)) == ["project.active"]


def test_other_instruments_are_offered_where_it_pays(
    ada: User, microscope: Resource, second_microscope: Resource, light: Project, now: datetime
) -> None:
    ProjectResource.objects.create(project=light, resource=second_microscope)
    with pytest.raises(BookingError) as raised:
        book(ada, microscope, now, light)
    assert [each.code for each in raised.value.refusals] == ["project.instrument"]
    assert {each.resource_name for each in raised.value.repairs} == {"Confocal 2"}
    book(ada, second_microscope, now, light)


def test_a_moved_booking_keeps_its_project_and_the_rules_are_asked_again(
    ada: User, microscope: Resource, light: Project, now: datetime
) -> None:
    booking = book(ada, microscope, now, light)

    def move(hours: int) -> Booking:
        period = Period(now + hours * HOUR, now + (hours + 1) * HOUR)
        return reschedule_booking(actor=ada, booking_id=booking.public_id, period=period, now=now)

    assert move(5).project == light
    Project.objects.filter(pk=light.pk).update(ends_on=date(2026, 3, 2))
    assert codes(lambda: move(26)) == ["project.period"]
    booking.refresh_from_db()
    assert (booking.start_time, booking.project) == (now + 5 * HOUR, light)


def test_the_project_of_a_standing_booking_is_changed(
    ada: User, ben: User, microscope: Resource, light: Project, now: datetime
) -> None:
    booking = book(ada, microscope, now, None)

    def edit(key: UUID | None) -> Booking:
        return edit_booking(
            actor=ada, booking_id=booking.public_id, charge=Charge(project_id=key), now=now
        )

    edit(light.public_id)
    booking.refresh_from_db()
    assert booking.project == light
    change = AuditLog.objects.get(action="booking.edited").changes
    assert change == {"project": [None, "Light (GRANT-Light)"]}
    other = make_project("Dark", make_group("Other", ben))
    assert codes(lambda: edit(other.public_id)) == ["project.member"]
    # What is left out stays, even when it could not be chosen any more.
    ProjectMember.objects.all().delete()
    edit_booking(actor=ada, booking_id=booking.public_id, purpose="Cells", now=now)
    edit(light.public_id)
    booking.refresh_from_db()
    assert booking.project == light
    edit(None)
    booking.refresh_from_db()
    assert booking.project is None


def test_approval_looks_at_the_project_again(
    ada: User, chris: User, microscope: Resource, light: Project, now: datetime
) -> None:
    Resource.objects.filter(pk=microscope.pk).update(requires_approval=True)
    booking = book(ada, microscope, now, light)
    ProjectMember.objects.all().delete()

    def approve() -> Booking:
        return approve_booking(actor=chris, booking_id=booking.public_id, now=now)

    assert codes(approve) == ["project.member"]
    ProjectMember.objects.create(project=light, user=ada, added_at=now)
    assert approve().status == "confirmed"
