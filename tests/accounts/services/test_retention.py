"""What is too old goes every night, and nothing else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.enums import DataKind, RegistrationStatus, Role
from accounts.errors import AccountRefused
from accounts.models import Registration, RetentionRule, User
from accounts.retention import DEFAULT_DAYS, days_kept, sweepers
from accounts.services import retention
from accounts.services._erasing import FORMER
from accounts.services.retention import apply_retention, set_retention
from accounts.services.users import deactivate_user
from accounts.tasks.retention import apply_retention as task
from audit.enums import Severity
from audit.models import AlertRule, AuditLog, DataAccess, SecurityAlert, SecurityEvent
from audit.sentences import tell
from booking.enums import DeliveryStatus, DemandSource
from booking.models import DemandEntry, Message, Notification, OutboxEvent, Resource
from labitory.settings.components.celery import BEAT_SCHEDULE
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.people import PASSWORD

PAGE = "/accounts/privacy/retention"
Make = Callable[[User, datetime], Any]


def event(_user: User, at: datetime) -> SecurityEvent:
    return SecurityEvent.objects.create(at=at, kind="login.failed", severity=Severity.INFO)


def access(user: User, at: datetime) -> DataAccess:
    return DataAccess.objects.create(at=at, subject_id=user.pk, subject_name="Ada", what="page")


def notice(user: User, at: datetime) -> Notification:
    told = OutboxEvent.objects.create(kind="booking.created", created_at=at, dispatched_at=at)
    return Notification.objects.create(event=told, user=user, title="Booked", created_at=at)


def wish(_user: User, at: datetime) -> DemandEntry:
    return DemandEntry.objects.create(
        at=at,
        source=DemandSource.values[0],
        role=Role.STUDENT,
        start_time=at,
        end_time=at + timedelta(hours=1),
        minutes=60,
    )


def registration(_user: User, at: datetime) -> Registration:
    return Registration.objects.create(
        username="new",
        email="new@example.org",
        first_name="N",
        last_name="N",
        password="x",
        status=RegistrationStatus.DECLINED,
        asked_at=at,
        expires_at=at,
    )


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        (DataKind.SECURITY_EVENTS, event),
        (DataKind.DATA_ACCESS, access),
        (DataKind.NOTICES, notice),
        (DataKind.DEMAND, wish),
        (DataKind.REGISTRATIONS, registration),
    ],
)
def test_what_is_too_old_goes(ada: User, now: datetime, kind: DataKind, make: Make) -> None:
    limit = timedelta(days=DEFAULT_DAYS[kind])
    old, young = make(ada, now - limit - timedelta(days=1)), make(ada, now - limit)
    gone = apply_retention(now=now)
    assert gone.pop(kind.value) > 0
    assert set(gone.values()) == {0}
    model = type(old)
    assert list(model.objects.filter(pk__in=[old.pk, young.pk])) == [young]
    log = AuditLog.objects.get(action="retention.applied")
    assert log.facts["rows"] > 0
    assert tell(log).endswith(f": {kind.label}")
    assert set(apply_retention(now=now).values()) == {0}
    assert AuditLog.objects.filter(action="retention.applied").count() == 1


def test_every_kind_is_swept_and_the_night_does_it(db: None) -> None:
    assert all(sweepers(kind) for kind in DataKind)
    assert set(DEFAULT_DAYS) == set(DataKind)
    assert BEAT_SCHEDULE["apply-retention"]["task"] == task.name
    assert task() == {kind.value: 0 for kind in DataKind}


def test_a_kind_that_fails_stops_no_other(
    ada: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = now - timedelta(days=4000)
    notice(ada, old), wish(ada, old)
    sweep = retention._sweep

    def swept(kind: DataKind, days: int, now: datetime) -> int:
        if kind is next(iter(days_kept())):
            raise LookupError("a row that nobody foresaw")
        return sweep(kind, days, now)

    monkeypatch.setattr(retention, "_sweep", swept)
    with pytest.raises(LookupError, match="foresaw"):
        apply_retention(now=now)
    assert not Notification.objects.exists()
    assert not DemandEntry.objects.exists()


@pytest.mark.parametrize("status", [DeliveryStatus.PENDING, DeliveryStatus.HELD])
def test_what_still_waits_is_not_too_old(ada: User, now: datetime, status: DeliveryStatus) -> None:
    long_ago = now - timedelta(days=3000)
    told = notice(ada, long_ago).event
    mail = {"user": ada, "kind": "booking.created", "created_at": long_ago}
    Message.objects.create(event=told, status=status, **mail)
    OutboxEvent.objects.create(kind="booking.created", created_at=long_ago)
    rung = event(ada, long_ago)
    alert = SecurityAlert.objects.create(
        rule=AlertRule.objects.all()[0], event=rung, at=long_ago, subject="x", text="x"
    )
    assert set(apply_retention(now=now).values()) == {0}
    SecurityAlert.objects.filter(pk=alert.pk).update(handled_at=now)
    assert apply_retention(now=now)[DataKind.SECURITY_EVENTS] == 1
    assert not SecurityAlert.objects.exists()


def test_the_database_lets_events_go_to_nobody_else(ada: User, now: datetime) -> None:
    event(ada, now - timedelta(days=400))
    apply_retention(now=now)
    kept = event(ada, now)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        kept.delete()


def test_accounts_closed_long_ago_are_erased(
    ada: User, eve: User, ben: User, dora: User, microscope: Resource, now: datetime
) -> None:
    long_ago = now - timedelta(days=DEFAULT_DAYS[DataKind.CLOSED_ACCOUNTS] + 1)
    for user, at in ((ada, long_ago), (eve, now), (ben, long_ago)):
        deactivate_user(actor=dora, user=user, now=at)
    make_booking(ben, microscope, now + timedelta(days=1))
    assert apply_retention(now=now)[DataKind.CLOSED_ACCOUNTS] == 1
    names = [str(User.objects.get(pk=user.pk)) for user in (ada, eve, ben)]
    assert names == [FORMER, "Eve", "Ben"]
    assert AuditLog.objects.get(action="privacy.erased").actor_name == ""
    assert apply_retention(now=now)[DataKind.CLOSED_ACCOUNTS] == 0


def test_only_who_answers_requests_sets_it(dora: User, chris: User, now: datetime) -> None:
    with pytest.raises(AccountRefused):
        set_retention(actor=chris, days={DataKind.DEMAND: 60}, now=now)
    with pytest.raises(AccountRefused, match="between 30 and 3650"):
        set_retention(actor=dora, days={DataKind.DEMAND: 29}, now=now)
    assert not RetentionRule.objects.exists()
    set_retention(actor=dora, days={DataKind.DEMAND: 60, DataKind.NOTICES: 180}, now=now)
    assert RetentionRule.objects.count() == 1
    assert days_kept()[DataKind.DEMAND] == 60
    log = AuditLog.objects.get(action="retention.changed")
    assert log.changes == {"days": [DEFAULT_DAYS[DataKind.DEMAND], 60]}


def test_the_page(as_user: LogIn, cast: dict[str, User]) -> None:
    days = {kind.value: str(number) for kind, number in DEFAULT_DAYS.items()}
    for name in ("ada", "ben", "chris"):
        assert as_user(cast[name]).get(PAGE).status_code == 403
    client = as_user(cast["dora"])
    assert 'value="365"' in client.get(PAGE).content.decode()
    assert client.post(PAGE, {**days, "demand": "3"}).status_code == 422
    client.post(PAGE, {**days, "demand": "99", "proof-password": PASSWORD})
    assert RetentionRule.objects.get().days == 99
    assert "99 days" in client.get("/accounts/privacy").content.decode()
