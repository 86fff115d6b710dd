"""Setting prices, and the cost that bookings keep."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction

from accounts.enums import ScopeKind
from accounts.models import User
from audit.models import AuditLog
from booking.errors import ActionRefused, NotAllowed
from booking.models import Booking, Price, Resource, ResourceType
from booking.services.bookings import (
    BookingDetails,
    Charge,
    create_booking,
    edit_booking,
    reschedule_booking,
)
from booking.services.check_ins import check_in, check_out, extend_booking
from booking.services.leavers import deactivate_leaver
from booking.services.prices import PriceDetails, remove_price, save_price
from booking.services.undo import undo_act
from labitory.lib.periods import Period
from tests.factories.groups import make_group, make_project
from tests.factories.prices import make_class, make_price
from tests.factories.roles import give, make_role
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TODAY = date(2026, 3, 2)
TEN = PriceDetails(per_hour=Decimal(10), valid_from=TODAY)


def book(
    user: User, resource: Resource, now: datetime, start: float, hours: float = 1, **more: Any
) -> Booking:
    begin = now + start * HOUR
    return create_booking(
        actor=user,
        user=user,
        resource_ids=[resource.public_id],
        period=Period(begin, begin + hours * HOUR),
        now=now,
        **more,
    )[0]


def cost_of(booking: Booking) -> Decimal | None:
    return Booking.objects.get(pk=booking.pk).cost


def code_of(caught: pytest.ExceptionInfo[ActionRefused]) -> tuple[str, str, int]:
    [refusal] = caught.value.refusals
    return refusal.code, refusal.field, caught.value.status


def test_a_price_is_set_changed_and_removed(
    chris: User, microscope: Resource, now: datetime
) -> None:
    to_come = replace(TEN, resource_id=microscope.public_id, valid_from=TODAY + timedelta(days=1))
    price = save_price(actor=chris, price_id=None, details=to_come, now=now)
    assert (price.currency, price.created_at) == ("EUR", now)
    record = AuditLog.objects.get(action="price.created")
    assert record.facts["said"] == "10.00\N{NO-BREAK SPACE}EUR an hour"
    dearer = replace(to_come, per_hour=Decimal(12))
    save_price(actor=chris, price_id=price.public_id, details=dearer, now=now)
    record = AuditLog.objects.get(action="price.changed")
    assert record.changes == {"per_hour": ["10.00", "12.00"]}
    remove_price(actor=chris, price_id=price.public_id, now=now)
    assert AuditLog.objects.get(action="price.removed").changes["per_hour"] == ["12.00", None]
    assert not Price.objects.exists()


def test_what_has_begun_stays(chris: User, microscope: Resource, now: datetime) -> None:
    begun = make_price(microscope, valid_from=TODAY)
    details = replace(TEN, resource_id=microscope.public_id, per_hour=Decimal(99))
    for act in (
        lambda: save_price(actor=chris, price_id=begun.public_id, details=details, now=now),
        lambda: remove_price(actor=chris, price_id=begun.public_id, now=now),
    ):
        with pytest.raises(ActionRefused) as caught:
            act()
        assert code_of(caught) == ("price.begun", "valid_from", 409)
        assert "write a new one from a later day" in str(caught.value.refusals[0].text)
    assert Price.objects.get().per_hour == 10
    assert not AuditLog.objects.exists()
    later = replace(details, valid_from=TODAY + timedelta(days=7))
    save_price(actor=chris, price_id=None, details=later, now=now)
    assert Price.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"per_hour": Decimal(-1)}, "price.amount", "per_hour"),
        ({"per_hour": Decimal("0.005")}, "price.amount", "per_hour"),
        ({"per_booking": Decimal(10**6)}, "price.amount", "per_booking"),
        ({"resource_id": None}, "price.scope", "resource"),
        ({"type_id": uuid4()}, "price.scope", "resource"),
        ({"resource_id": uuid4()}, "price.unknown", "resource"),
        ({"price_class": "none"}, "price.unknown", "price_class"),
        ({"valid_from": date(1999, 1, 1)}, "price.day", "valid_from"),
        ({"valid_from": TODAY + timedelta(days=1)}, "price.twice", "valid_from"),
    ],
)
def test_nonsense_is_refused(
    chris: User,
    microscope: Resource,
    now: datetime,
    changes: dict[str, Any],
    code: str,
    field: str,
) -> None:
    make_price(microscope, valid_from=TODAY + timedelta(days=1))
    details = replace(TEN, **{"resource_id": microscope.public_id, **changes})
    with pytest.raises(ActionRefused) as caught:
        save_price(actor=chris, price_id=None, details=details, now=now)
    assert code_of(caught) == (code, field, 422)
    assert Price.objects.count() == 1
    assert not AuditLog.objects.exists()


def test_the_past_is_open_until_something_has_cost(
    ada: User, chris: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    past = replace(TEN, resource_id=microscope.public_id, valid_from=TODAY - timedelta(days=5))
    save_price(actor=chris, price_id=None, details=past, now=now)
    book(ada, microscope, now, 2)
    dearer = replace(past, valid_from=TODAY - timedelta(days=3))
    with pytest.raises(ActionRefused) as caught:
        save_price(actor=chris, price_id=None, details=dearer, now=now)
    assert code_of(caught) == ("price.past", "valid_from", 422)
    of_type = replace(dearer, resource_id=None, type_id=microscope.resource_type.public_id)
    with pytest.raises(ActionRefused):
        save_price(actor=chris, price_id=None, details=of_type, now=now)
    # Nothing of the other instrument has cost anything.
    other = replace(dearer, resource_id=second_microscope.public_id)
    save_price(actor=chris, price_id=None, details=other, now=now)
    save_price(actor=chris, price_id=None, details=replace(dearer, valid_from=TODAY), now=now)


def test_one_currency(
    ada: User, chris: User, microscope: Resource, now: datetime, settings: LazySettings
) -> None:
    make_price(microscope)
    settings.LAB_CURRENCY = "CHF"
    with pytest.raises(ActionRefused) as caught:
        save_price(
            actor=chris,
            price_id=None,
            details=replace(TEN, resource_id=microscope.public_id),
            now=now,
        )
    assert code_of(caught) == ("price.currency", "per_hour", 409)
    assert "in EUR, but LAB_CURRENCY says CHF" in caught.value.refusals[0].text
    # Amounts of another currency count for nothing rather than for the wrong thing.
    assert book(ada, microscope, now, 2).cost is None


def test_who_may_set_prices(
    cast: dict[str, User], microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    details = replace(TEN, resource_id=microscope.public_id)
    for name, user in cast.items():
        if name in ("chris", "dora"):
            continue
        with pytest.raises(NotAllowed) as caught:
            save_price(actor=user, price_id=None, details=details, now=now)
        assert caught.value.needs == "price.manage"
    ben = cast["ben"]
    give(ben, make_role("prices", "price.manage"), ScopeKind.RESOURCE, microscope.pk)
    price = save_price(
        actor=ben,
        price_id=None,
        details=replace(details, valid_from=TODAY + timedelta(days=1)),
        now=now,
    )
    elsewhere = replace(details, resource_id=second_microscope.public_id)
    of_type = replace(details, resource_id=None, type_id=microscope.resource_type.public_id)
    for wrong in (elsewhere, of_type):
        for key in (None, price.public_id):
            with pytest.raises(NotAllowed):
                save_price(actor=ben, price_id=key, details=wrong, now=now)
    others = make_price(second_microscope, valid_from=TODAY + timedelta(days=1))
    with pytest.raises(NotAllowed):
        remove_price(actor=ben, price_id=others.public_id, now=now)


def test_the_database_keeps_it_too(microscope: Resource, confocals: ResourceType) -> None:
    make_price(microscope)
    for wrong in (
        {"resource_type": confocals},
        {"resource": None},
        {"per_hour": Decimal(-1), "valid_from": TODAY},
        {},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_price(microscope, **wrong)


def test_who_pays_decides_the_class(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_price(microscope.resource_type, "1")
    make_price(microscope, "10", per_booking=Decimal("2.50"))
    make_price(microscope, "20", price_class=make_class("academic"))
    make_price(microscope, "40", price_class=make_class("industry"))
    assert book(ada, microscope, now, 2).cost == Decimal("12.50")
    group = make_group("Cells", ben, ada)
    group.price_class = make_class("academic")
    group.save()
    assert book(ada, microscope, now, 4).cost == 20
    plain, sold = make_project("P1", group, ada), make_project("P2", group, ada)
    sold.price_class = make_class("industry")
    sold.save()
    for project, cost in ((plain, 20), (sold, 40)):
        details = BookingDetails(project_id=project.public_id)
        made = book(ada, microscope, now, 6 if project == plain else 8, details=details)
        assert made.cost == cost_of(made) == cost


def test_the_cost_follows_the_booking(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_price(microscope, "10")
    make_price(microscope, "15", valid_from=TODAY + timedelta(days=1))
    group = make_group("Cells", ben, ada)
    project = make_project("P1", group, ada)
    project.price_class = make_class("industry")
    project.save()
    make_price(microscope, "40", price_class=make_class("industry"))
    booking = book(ada, microscope, now, 2)
    assert cost_of(booking) == 10
    longer = Period(booking.start_time, booking.start_time + 2 * HOUR)
    key = booking.public_id
    reschedule_booking(actor=ada, booking_id=key, period=longer, now=now)
    assert cost_of(booking) == 20
    tomorrow = Period(longer.start + 24 * HOUR, longer.end + 24 * HOUR)
    reschedule_booking(actor=ada, booking_id=key, period=tomorrow, now=now)
    assert cost_of(booking) == 30
    charge = Charge(project_id=project.public_id)
    edit_booking(actor=ada, booking_id=key, charge=charge, now=now)
    assert cost_of(booking) == 80
    edit_booking(actor=ada, booking_id=key, charge=Charge(project_id=None), now=now)
    assert cost_of(booking) == 30
    # What only says something else costs the same, whatever prices did since.
    Price.objects.update(per_hour=1)
    edit_booking(actor=ada, booking_id=key, purpose="Cells", now=now)
    assert cost_of(booking) == 30


def test_at_the_instrument(ada: User, microscope: Resource, now: datetime) -> None:
    make_price(microscope, "12", per_booking=Decimal(5))
    booking = book(ada, microscope, now, 0, 2)
    assert cost_of(booking) == 29
    check_in(actor=ada, booking_id=booking.public_id, now=now)
    extend_booking(actor=ada, booking_id=booking.public_id, until=now + 3 * HOUR, now=now + HOUR)
    assert cost_of(booking) == 41
    check_out(actor=ada, booking_id=booking.public_id, now=now + 1.25 * HOUR)
    # A quarter and a begun minute.
    assert cost_of(booking) == Decimal("20.20")


def test_it_changes_hands(
    ada: User, ben: User, dora: User, microscope: Resource, now: datetime
) -> None:
    make_price(microscope, "10")
    make_price(microscope, "20", price_class=make_class("academic"))
    group = make_group("Cells", ben)
    group.price_class = make_class("academic")
    group.save()
    booking = book(ada, microscope, now, 2)
    deactivate_leaver(actor=dora, user=ada, receiver=ben, now=now)
    assert cost_of(booking) == 20


def test_undone_it_costs_what_it_did(ada: User, microscope: Resource, now: datetime) -> None:
    make_price(microscope, "10")
    booking = book(ada, microscope, now, 2)
    longer = Period(booking.start_time, booking.start_time + 3 * HOUR)
    reschedule_booking(actor=ada, booking_id=booking.public_id, period=longer, now=now)
    undo_act(actor=ada, act_id=booking.undoable_acts.get().public_id, now=now)
    assert cost_of(booking) == 10


def test_without_a_price_nothing_has_a_cost(ada: User, microscope: Resource, now: datetime) -> None:
    booking = book(ada, microscope, now, 2)
    assert cost_of(booking) is None
    make_price(microscope, valid_from=TODAY + timedelta(days=9))
    later = Period(booking.start_time + HOUR, booking.end_time + HOUR)
    reschedule_booking(actor=ada, booking_id=booking.public_id, period=later, now=now)
    assert cost_of(booking) is None


def test_prices_cost_no_statement(ada: User, microscope: Resource, now: datetime) -> None:
    with count_queries() as before:
        book(ada, microscope, now, 2)
    make_price(microscope)
    make_price(microscope, "20", price_class=make_class())
    with count_queries() as after:
        book(ada, microscope, now, 4)
    assert len(before) == len(after)
