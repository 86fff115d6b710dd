"""Setting quotas, adjusting accounts, and whether the ledger adds up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.enums import ScopeKind
from accounts.models import User
from audit.models import AuditLog
from booking.enums import Measure, QuotaHolder, QuotaPeriod
from booking.errors import ActionRefused, BookingError, NotAllowed
from booking.handlers import HANDLERS
from booking.models import (
    Booking,
    Message,
    Notification,
    OutboxEvent,
    Quota,
    QuotaAccount,
    QuotaEntry,
    Resource,
    ResourcePool,
)
from booking.queries.quotas import find_quota, managed_quotas, my_quotas
from booking.services.bookings import create_booking
from booking.services.quota_ledger import check_ledger, open_due_accounts
from booking.services.quotas import QuotaDetails, adjust_account, save_quota, set_quota_active
from booking.tasks.quotas import check_quotas, open_quota_accounts
from labitory.lib.periods import Period
from tests.factories.groups import make_group, make_project
from tests.factories.quotas import accounts, assert_adds_up, ledger, make_quota
from tests.factories.roles import give, make_role

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TEN_HOURS = QuotaDetails(name="Imaging", amount=Decimal(600))
MARCH = date(2026, 3, 1)


def book(user: User, resource: Resource, now: datetime, start: float, hours: float = 1) -> Booking:
    begin = now + start * HOUR
    period = Period(begin, begin + hours * HOUR)
    return create_booking(
        actor=user, user=user, resource_ids=[resource.public_id], period=period, now=now
    )[0]


def refusal(error: BookingError) -> tuple[str, str]:
    [found] = error.refusals
    return found.code, found.field


def test_a_quota_is_written_with_its_record(
    chris: User, microscope: Resource, now: datetime
) -> None:
    details = replace(TEN_HOURS, resource_id=microscope.public_id, carry_percent=20)
    saved = save_quota(actor=chris, quota_id=None, details=details, now=now)
    assert (saved.quota.resource, saved.quota.created_at) == (microscope, now)
    record = AuditLog.objects.get()
    assert (record.action, record.facts["gives"]) == ("quota.created", "10 hours a month")
    changed = replace(details, amount=Decimal(300), name="Confocals")
    save_quota(actor=chris, quota_id=saved.quota.public_id, details=changed, now=now)
    record = AuditLog.objects.get(action="quota.changed")
    assert record.changes == {"amount": [600, 300], "name": ["Imaging", "Confocals"]}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"measure": Measure.COST, "amount": Decimal("0.125")}, "quota.amount", "amount"),
        ({"amount": Decimal("-1")}, "quota.amount", "amount"),
        ({"amount": Decimal("0.5")}, "quota.amount", "amount"),
        ({"overdraft": Decimal(10**8)}, "quota.amount", "overdraft"),
        ({"period": QuotaPeriod.ROLLING}, "quota.rolling", "rolling_days"),
        ({"rolling_days": 7}, "quota.rolling", "rolling_days"),
        ({"carry_percent": 101}, "quota.carry", "carry_percent"),
        (
            {"period": QuotaPeriod.ROLLING, "rolling_days": 7, "carry_percent": 5},
            "quota.carry",
            "carry_percent",
        ),
        ({"grab_hours": -1}, "quota.grab", "grab_hours"),
        ({"role": "king"}, "quota.role", "role"),
        ({"name": "  "}, "quota.name", "name"),
        ({"name": "Taken"}, "quota.name", "name"),
    ],
)
def test_nonsense_is_refused_in_words(
    chris: User, now: datetime, changes: dict[str, Any], code: str, field: str
) -> None:
    make_quota("Taken")
    with pytest.raises(ActionRefused) as caught:
        save_quota(actor=chris, quota_id=None, details=replace(TEN_HOURS, **changes), now=now)
    assert refusal(caught.value) == (code, field)
    assert Quota.objects.count() == 1
    assert not AuditLog.objects.exists()


def test_one_scope_and_known_things_only(
    chris: User, ada: User, microscope: Resource, now: datetime
) -> None:
    both = replace(
        TEN_HOURS,
        resource_id=microscope.public_id,
        type_id=microscope.resource_type.public_id,
    )
    unknown = replace(TEN_HOURS, group_id=ada.public_id)
    for details, code in ((both, "quota.scope"), (unknown, "quota.unknown")):
        with pytest.raises(ActionRefused) as caught:
            save_quota(actor=chris, quota_id=None, details=details, now=now)
        assert refusal(caught.value)[0] == code


def test_what_numbers_mean_stays_once_they_are_there(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    quota = save_quota(actor=chris, quota_id=None, details=TEN_HOURS, now=now).quota
    other = replace(TEN_HOURS, period=QuotaPeriod.WEEK)
    save_quota(actor=chris, quota_id=quota.public_id, details=other, now=now)
    book(ada, microscope, now, 2)
    with pytest.raises(ActionRefused) as caught:
        save_quota(actor=chris, quota_id=quota.public_id, details=TEN_HOURS, now=now)
    assert refusal(caught.value) == ("quota.in_use", "period")


def test_a_smaller_amount_takes_nothing_away_and_is_told(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    quota = save_quota(actor=chris, quota_id=None, details=TEN_HOURS, now=now).quota
    book(ada, microscope, now, 2, 8)
    book(ben, microscope, now, 12, 2)
    OutboxEvent.objects.all().delete()
    less = replace(TEN_HOURS, amount=Decimal(240))
    saved = save_quota(actor=chris, quota_id=quota.public_id, details=less, now=now)
    [over] = saved.overdrawn
    assert (over.holder_id, over.starts_on, int(over.by)) == (ada.pk, MARCH, 240)
    assert Booking.objects.count() == 2
    [held] = my_quotas(viewer=ada, now=now)
    assert held.balance.left == -240
    tell()
    notice = Notification.objects.get()
    assert (notice.user, notice.url) == (ada, "/quotas")
    assert "4 hours a month" in notice.body
    # Nothing else was changed: nobody is told twice.
    OutboxEvent.objects.all().delete()
    again = save_quota(actor=chris, quota_id=quota.public_id, details=less, now=now)
    assert again.overdrawn
    assert not OutboxEvent.objects.exists()


def tell() -> None:
    """Run what follows from the events."""
    for event in OutboxEvent.objects.all():
        for handler in HANDLERS[event.kind]:
            handler(event, datetime(2026, 3, 2, 8, tzinfo=UTC))


def test_only_who_looks_after_all_of_it_may(
    ada: User, ben: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    give(ben, make_role("keeper", "policy.manage"), ScopeKind.RESOURCE, microscope.pk)
    here = replace(TEN_HOURS, resource_id=microscope.public_id)
    quota = save_quota(actor=ben, quota_id=None, details=here, now=now).quota
    pool = ResourcePool.objects.create(name="Both")
    pool.resources.set([microscope, second_microscope])
    for details in (
        TEN_HOURS,
        replace(TEN_HOURS, resource_id=second_microscope.public_id),
        replace(TEN_HOURS, type_id=microscope.resource_type.public_id),
        replace(TEN_HOURS, pool_id=pool.public_id),
    ):
        for quota_id in (None, quota.public_id):
            with pytest.raises(NotAllowed):
                save_quota(actor=ben, quota_id=quota_id, details=details, now=now)
    with pytest.raises(NotAllowed):
        set_quota_active(actor=ada, quota_id=quota.public_id, is_active=False, now=now)
    quota.refresh_from_db()
    assert quota.resource == microscope


def test_managers_see_what_they_may_set(
    ben: User, chris: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    give(ben, make_role("keeper", "policy.manage"), ScopeKind.RESOURCE, microscope.pk)
    mine, pool = ResourcePool.objects.create(name="Mine"), ResourcePool.objects.create(name="Both")
    mine.resources.set([microscope])
    pool.resources.set([microscope, second_microscope])
    make_quota("All")
    make_quota("Here", resource=microscope)
    make_quota("There", resource=second_microscope)
    make_quota("Type", resource_type=microscope.resource_type)
    make_quota("My pool", pool=mine)
    theirs = make_quota("Their pool", pool=pool)
    make_quota("No pool", pool=ResourcePool.objects.create(name="Empty"))
    assert [each.name for each in managed_quotas(ben)] == ["Here", "My pool"]
    assert managed_quotas(chris).count() == 7
    assert find_quota(ben, theirs.public_id) is None


def test_ending_and_resuming(ada: User, chris: User, microscope: Resource, now: datetime) -> None:
    quota = make_quota(amount=Decimal(0))
    set_quota_active(actor=chris, quota_id=quota.public_id, is_active=False, now=now)
    book(ada, microscope, now, 2)
    set_quota_active(actor=chris, quota_id=quota.public_id, is_active=True, now=now)
    set_quota_active(actor=chris, quota_id=quota.public_id, is_active=True, now=now)
    assert not ledger(quota)
    actions = AuditLog.objects.filter(action__startswith="quota.").order_by("at", "id")
    assert sorted(actions.values_list("action", flat=True)) == ["quota.ended", "quota.resumed"]


def adjust(actor: User, quota: Quota, holder: int, amount: int, now: datetime, **kw: Any) -> None:
    adjust_account(
        actor=actor,
        quota_id=quota.public_id,
        holder_id=holder,
        day=kw.get("day", date(2026, 3, 17)),
        amount=Decimal(amount),
        reason=kw.get("reason", "The laser was down"),
        now=now,
    )


def test_an_account_is_adjusted_with_a_reason(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    quota = make_quota(amount=Decimal(60))
    adjust(chris, quota, ada.pk, 120, now)
    assert accounts(quota) == [("2026-03-01", 120, 0, 0)]
    book(ada, microscope, now, 2, 3)
    adjust(chris, quota, ada.pk, -30, now)
    assert accounts(quota) == [("2026-03-01", 120, 180, 30)]
    [held] = my_quotas(viewer=ada, now=now)
    assert held.balance.left == -30
    assert_adds_up()
    tell()
    mine = Message.objects.filter(kind="quota.adjusted")
    assert {each.user for each in mine} == {ada}
    notice = Notification.objects.filter(event__kind="quota.adjusted").order_by("pk")[0]
    assert "2 hours" in notice.title
    assert "The laser was down" in notice.body
    record = AuditLog.objects.filter(action="quota.adjusted").order_by("id")[0]
    assert (record.reason, record.facts["holder"]) == ("The laser was down", "Ada")


def test_nobody_adjusts_their_own_account(ada: User, ben: User, chris: User, now: datetime) -> None:
    own = make_quota("Own")
    group = make_group("Cells", ben, ada, chris)
    project = make_project("One", group, chris)
    shared = make_quota("Group", holder=QuotaHolder.GROUP)
    charged = make_quota("Project", holder=QuotaHolder.PROJECT)
    for quota, holder in ((own, chris.pk), (shared, group.pk), (charged, project.pk)):
        with pytest.raises(NotAllowed):
            adjust(chris, quota, holder, 60, now)
    with pytest.raises(NotAllowed):
        adjust(ada, own, ben.pk, 60, now)
    assert not QuotaEntry.objects.exists()


@pytest.mark.parametrize(
    ("amount", "holder", "extra", "code"),
    [
        (0, None, {}, "quota.amount"),
        (10**8, None, {}, "quota.amount"),
        (60, None, {"reason": " "}, "quota.reason"),
        (60, 987654, {}, "quota.holder"),
    ],
)
def test_adjusting_nonsense(
    ada: User,
    chris: User,
    now: datetime,
    amount: int,
    holder: int | None,
    extra: dict[str, Any],
    code: str,
) -> None:
    quota = make_quota()
    with pytest.raises(ActionRefused) as caught:
        adjust(chris, quota, holder or ada.pk, amount, now, **extra)
    assert refusal(caught.value)[0] == code
    assert not QuotaAccount.objects.exists()


def test_my_quotas_are_those_that_count_me(
    ada: User,
    ben: User,
    eve: User,
    microscope: Resource,
    second_microscope: Resource,
    now: datetime,
) -> None:
    group = make_group("Cells", ben, ada)
    project = make_project("One", group, ada)
    make_quota("A own")
    make_quota("B group", holder=QuotaHolder.GROUP, resource=microscope)
    make_quota("C project", holder=QuotaHolder.PROJECT)
    make_quota("D staff", role="academic")
    make_quota("E eve", user=eve)
    make_quota("F off", is_active=False)
    make_quota("G of project", project=project)

    def names(viewer: User, resource: Resource | None = None) -> list[str]:
        found = my_quotas(viewer=viewer, now=now, resource=resource)
        return [f"{each.quota.name[0]}{each.shared_by[:1]}" for each in found]

    assert names(ada) == ["A", "BC", "CO", "G"]
    assert names(ada, second_microscope) == ["A", "CO", "G"]
    assert names(ben) == ["A", "BC", "CO", "D", "G"]
    assert names(eve) == ["A", "E"]


def test_periods_open_with_what_was_left(
    ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    quota = make_quota(amount=Decimal(100), carry_percent=50, created_at=now)
    make_quota("Rolling", period=QuotaPeriod.ROLLING, rolling_days=30)
    book(ada, microscope, now, 2)
    april = now + timedelta(days=31)
    assert open_due_accounts(now=now) == 0
    assert open_due_accounts(now=april) == 1
    assert open_due_accounts(now=april) == 0
    assert accounts(quota) == [("2026-03-01", 0, 60, 0), ("2026-04-01", 20, 0, 0)]
    [held] = [each for each in my_quotas(viewer=ada, now=april) if each.quota.id == quota.pk]
    assert held.balance.allowed == 120
    assert_adds_up()


def test_the_ledger_is_checked_and_repaired(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    quota = make_quota()
    booking, other = book(ada, microscope, now, 2), book(ben, microscope, now, 6, 2)
    adjust(chris, quota, ada.pk, 30, now)
    assert check_ledger(now=now) == []
    # Somebody wrote past the services: a number, and the length of a booking.
    QuotaAccount.objects.filter(holder_id=ada.pk).update(used=500)
    Booking.objects.filter(pk=other.pk).update(end_time=other.end_time + HOUR)
    found = check_ledger(now=now)
    assert [(each.column, int(each.is_now), int(each.should_be)) for each in found] == [
        ("used", 500, 0),
        ("reserved", 120, 180),
    ]
    assert [each.booking for each in found] == ["", str(other.public_id)]
    assert check_ledger(now=now, repair=True) == found
    assert check_ledger(now=now) == []
    assert accounts(quota) == [("2026-03-01", 30, 60, 0), ("2026-03-01", 0, 180, 0)]
    assert ledger(quota)[-2:] == [("adjusted", 60, 0), ("adjusted", 0, 0)]
    assert AuditLog.objects.get(action="quota.repaired").facts["lines"] == 2
    assert booking.is_counted


def test_command_and_tasks(
    ada: User, microscope: Resource, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    make_quota()
    book(ada, microscope, now, 2)
    out = StringIO()
    call_command("check_quotas", stdout=out)
    assert "The ledger adds up." in out.getvalue()
    assert check_quotas() == 0
    assert open_quota_accounts() == 0
    QuotaAccount.objects.update(reserved=0)
    assert check_quotas() == 1
    with pytest.raises(CommandError, match="1 differences"):
        call_command("check_quotas", stdout=out)
    assert "reserved is 0.00, should be 60.00 (sum of its lines)" in out.getvalue()
    call_command("check_quotas", "--repair", stdout=out)
    assert "1 differences repaired." in out.getvalue()
    assert check_quotas() == 0
