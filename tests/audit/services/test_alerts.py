"""Alarms: what rings, how often, for whom, and at what price."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from audit.alarms import ALARMS
from audit.context import request_scope
from audit.enums import Severity
from audit.models import AlertRule, AuditLog, SecurityAlert, SecurityEvent
from audit.services.alerts import AlertGone, handle_alert, write_builtin_rules
from audit.services.security import record_security
from booking.models import OutboxEvent
from tests.support.queries import count_queries


def rung() -> list[str]:
    return list(SecurityAlert.objects.order_by("pk").values_list("rule__code", flat=True))


def log_in(user: User, now: datetime, *, country: str = "DE", known: bool = True) -> None:
    with request_scope(request_id="r", address="192.0.2.1", country=country):
        record_security(
            kind="login.succeeded", user=user, actor=user, facts={"known": known}, now=now
        )


def fail(user: User | None, now: datetime, address: str = "192.0.2.1") -> None:
    with request_scope(request_id="r", address=address):
        record_security(kind="login.failed", user=user, now=now)


def test_every_alarm_has_its_row_and_own_numbers_stay(db: None) -> None:
    assert set(AlertRule.objects.values_list("code", flat=True)) == {each.code for each in ALARMS}
    AlertRule.objects.filter(code="export").update(threshold=7, is_on=False)
    AlertRule.objects.create(code="gone")
    write_builtin_rules()
    rule = AlertRule.objects.get(code="export")
    assert (rule.threshold, rule.is_on) == (7, False)
    assert not AlertRule.objects.filter(code="gone").exists()


def test_a_new_country_rings_but_not_at_first(ada: User, ben: User, now: datetime) -> None:
    log_in(ada, now, country="DE")
    log_in(ada, now + timedelta(hours=1), country="DE")
    log_in(ben, now, country="FR")
    assert rung() == []
    log_in(ada, now + timedelta(hours=2), country="FR")
    assert rung() == ["new-country"]
    alert = SecurityAlert.objects.get()
    assert alert.text == "Ada logged in from FR, a country not seen before"
    assert alert.subject == f"user_id:{ada.pk}"


def test_an_unknown_browser_rings_but_not_at_the_first_login(ada: User, now: datetime) -> None:
    log_in(ada, now, known=False)
    log_in(ada, now + timedelta(hours=1))
    assert rung() == []
    log_in(ada, now + timedelta(hours=2), known=False)
    assert rung() == ["unknown-device"]


def test_failures_of_one_account_ring_once_from_the_threshold(ada: User, now: datetime) -> None:
    AlertRule.objects.filter(code="failures-account").update(threshold=3)
    fail(ada, now - timedelta(hours=2))
    for n in range(2):
        fail(ada, now + timedelta(seconds=n), address=f"192.0.2.{n}")
    assert rung() == []
    for n in range(4):
        fail(ada, now + timedelta(minutes=n), address=f"198.51.100.{n}")
    assert rung() == ["failures-account"]


def test_failures_from_one_address_ring_whatever_names_are_tried(ada: User, now: datetime) -> None:
    AlertRule.objects.filter(code="failures-address").update(threshold=3)
    fail(None, now)
    fail(ada, now)
    fail(None, now, address="192.0.2.9")
    assert rung() == []
    fail(None, now)
    assert rung() == ["failures-address"]
    assert SecurityAlert.objects.get().text == "Many failures to log in from 192.0.2.1"


@pytest.mark.parametrize(
    ("hour", "rings"), [(4, True), (5, False), (20, False), (21, True), (23, True)]
)
def test_rights_changed_at_night_ring_by_the_clock_of_the_lab(
    ada: User, dora: User, now: datetime, hour: int, rings: bool
) -> None:
    at = now.replace(hour=hour)  # UTC; the lab is one hour ahead
    record_security(kind="role.granted", user=ada, actor=dora, now=at)
    assert rung() == (["night-privileges"] if rings else [])


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("factor.reset", "factor-reset"),
        ("break_glass.used", "break-glass"),
        ("data.exported", "export"),
    ],
)
def test_what_is_rare_rings_at_once(
    ada: User, dora: User, now: datetime, kind: str, code: str
) -> None:
    record_security(kind=kind, user=ada, actor=dora, now=now)
    assert rung() == [code]


def test_a_rule_that_is_off_is_silent(ada: User, dora: User, now: datetime) -> None:
    AlertRule.objects.filter(code="factor-reset").update(is_on=False)
    record_security(kind="factor.reset", user=ada, actor=dora, now=now)
    assert rung() == []


def test_only_system_administrators_have_a_mail_and_only_of_warnings(
    cast: dict[str, User], now: datetime
) -> None:
    record_security(kind="data.exported", actor=cast["chris"], now=now)
    assert not OutboxEvent.objects.exists()
    record_security(kind="factor.reset", user=cast["ada"], actor=cast["dora"], now=now)
    event = OutboxEvent.objects.get()
    assert event.kind == "account.security_alert"
    assert event.payload["user"] == cast["dora"].pk
    assert event.payload["facts"] == {"alarm": "The second factors of Ada were reset by Dora"}


def test_an_alarm_falls_with_the_act(ada: User, now: datetime) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record_security(kind="factor.reset", user=ada, now=now)
        raise ZeroDivisionError
    assert rung() == []
    assert not SecurityEvent.objects.exists()


def test_what_no_rule_watches_costs_its_own_row_only(ada: User, dora: User, now: datetime) -> None:
    with count_queries(1):
        record_security(kind="password.changed", user=ada, actor=ada, now=now)
    with count_queries(1):
        record_security(kind="role.granted", user=ada, actor=dora, now=now)


@pytest.mark.parametrize("earlier", [0, 5])
def test_what_is_watched_costs_two_statements_more(ada: User, now: datetime, earlier: int) -> None:
    for _n in range(earlier):
        fail(ada, now)
    with count_queries(3):
        fail(ada, now)


def test_a_storm_that_rang_already_is_not_counted_again(ada: User, now: datetime) -> None:
    AlertRule.objects.filter(code__startswith="failures").update(threshold=1)
    fail(ada, now)
    assert len(rung()) == 2
    with count_queries(2):
        fail(ada, now)


def test_handling_keeps_the_note_and_lets_it_ring_again(
    ada: User, chris: User, dora: User, now: datetime
) -> None:
    record_security(kind="factor.reset", user=ada, actor=dora, now=now)
    alert = SecurityAlert.objects.get()
    with pytest.raises(PermissionDenied):
        handle_alert(actor=chris, alert_id=alert.pk, note="mine", now=now)
    handle_alert(actor=dora, alert_id=alert.pk, note=" lost \x00 her phone ", now=now)
    alert.refresh_from_db()
    assert (alert.note, alert.handled_by_name, alert.handled_at) == ("lost her phone", "Dora", now)
    assert AuditLog.objects.get(action="alert.handled").reason == "lost her phone"
    with pytest.raises(AlertGone):
        handle_alert(actor=dora, alert_id=alert.pk, note="again", now=now)
    record_security(kind="factor.reset", user=ada, actor=dora, now=now)
    assert rung() == ["factor-reset", "factor-reset"]


def test_the_catalogue_gives_the_severity(ada: User, now: datetime) -> None:
    assert record_security(kind="factor.reset", user=ada, now=now).severity == Severity.CRITICAL
    usual = record_security(kind="sso.refused", user=ada, now=now)
    worse = record_security(kind="sso.refused", severity=Severity.WARNING, user=ada, now=now)
    assert (usual.severity, worse.severity) == (Severity.NOTICE, Severity.WARNING)
