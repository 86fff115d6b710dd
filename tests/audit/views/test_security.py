"""The page of security: who sees it, what it finds, and how alarms are handled."""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import RoleDefinition, User
from accounts.permissions import catalogue
from audit.context import request_scope
from audit.models import SecurityAlert, SecurityEvent
from audit.services.security import record_security
from labitory.lib import clock
from tests.conftest import LAB_ZONE
from tests.factories.roles import give
from tests.support.queries import count_queries

PAGE = reverse("audit:security")
OWN = reverse("accounts:security")
LogIn = Callable[[User], Client]


@pytest.fixture
def today() -> datetime:
    return clock.now()


def record_at(address: str, at: datetime, **event: object) -> SecurityEvent:
    with request_scope(request_id="r", address=address, country="DE", agent="Firefox/1 Windows"):
        return record_security(now=at, **event)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["ada", "ben", "chris", "eve"])
def test_nobody_else_sees_it(cast: dict[str, User], as_user: LogIn, name: str) -> None:
    client = as_user(cast[name])
    assert client.get(PAGE).status_code == 403
    assert client.post(reverse("audit:alert_handle", args=[1])).status_code == 403


def test_visitors_log_in_first(client: Client, db: None) -> None:
    assert client.get(PAGE)["Location"].startswith(reverse("accounts:login"))
    assert client.get(OWN)["Location"].startswith(reverse("accounts:login"))


def test_the_filters_narrow_the_stream(
    dora: User, ada: User, ben: User, as_user: LogIn, today: datetime
) -> None:
    record_at("192.0.2.1", today, kind="login.failed", user=ada)
    record_at("192.0.2.2", today, kind="factor.rule_lifted", actor=ben)
    record_at("192.0.2.1", today - timedelta(days=30), kind="password.changed", user=ada)
    client = as_user(dora)

    def found(**query: str | int) -> list[str]:
        return [line.kind for line in client.get(PAGE, query).context["lines"]]

    assert found() == ["factor.rule_lifted", "login.failed"]
    assert found(severity=3) == ["factor.rule_lifted"]
    assert found(kind="login.failed") == ["login.failed"]
    assert found(person="ben") == ["factor.rule_lifted"]
    assert found(address="192.0.2.1") == ["login.failed"]
    old = (today - timedelta(days=30)).astimezone(LAB_ZONE).date().isoformat()
    assert found(since=old, until=old) == ["password.changed"]
    assert client.get(PAGE, {"address": "nowhere"}).status_code == 422
    assert client.get(PAGE, {"since": "2026-03-02", "until": "2026-03-01"}).status_code == 422


def test_pages_go_on_where_the_last_ended_without_counting(
    dora: User, as_user: LogIn, today: datetime
) -> None:
    for n in range(60):
        record_security(kind="login.failed", now=today - timedelta(seconds=n))
    client = as_user(dora)
    with count_queries() as counted:
        first = client.get(PAGE)
    assert not [sql for sql in counted.statements if "COUNT(" in sql and "securityevent" in sql]
    second = client.get(PAGE + first.context["older"])
    assert [len(page.context["lines"]) for page in (first, second)] == [50, 10]
    assert second.context["older"] == ""
    assert client.get(PAGE, {"before": "nonsense"}).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_the_price_does_not_grow(dora: User, as_user: LogIn, today: datetime, number: int) -> None:
    for _n in range(number):
        record_security(kind="login.failed", now=today)
    client = as_user(dora)
    client.get(PAGE)
    with count_queries(5):
        client.get(PAGE)


def test_an_alarm_is_handled_with_a_word(
    dora: User, ada: User, as_user: LogIn, today: datetime
) -> None:
    record_security(kind="factor.reset", user=ada, actor=dora, now=today)
    alert = SecurityAlert.objects.get()
    client, address = as_user(dora), reverse("audit:alert_handle", args=[alert.pk])
    assert "The second factors of Ada were reset by Dora" in client.get(PAGE).content.decode()
    client.post(address, {"note": " "})
    alert.refresh_from_db()
    assert alert.handled_at is None
    assert client.post(address, {"note": "Lost phone"}).status_code == 302
    alert.refresh_from_db()
    assert (alert.handled_by_name, alert.note) == ("Dora", "Lost phone")
    assert client.post(address, {"note": "Again"}).status_code == 404
    assert "Lost phone" in client.get(PAGE).content.decode()


def test_who_may_only_read_handles_nothing(
    ada: User, ben: User, dora: User, as_user: LogIn, today: datetime
) -> None:
    assert "security.view" in catalogue.builtin_roles()["auditor"].permissions
    ben = give(ben, RoleDefinition.objects.get(code="auditor")).user
    record_security(kind="factor.reset", user=ada, actor=dora, now=today)
    alert = SecurityAlert.objects.get()
    client = as_user(ben)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "alert_handle" not in page.content.decode()
    address = reverse("audit:alert_handle", args=[alert.pk])
    assert address not in page.content.decode()
    assert client.post(address, {"note": "x"}).status_code == 403


def test_people_see_their_own_events_and_nothing_about_others(
    ada: User, eve: User, dora: User, as_user: LogIn, today: datetime
) -> None:
    record_at("192.0.2.1", today, kind="login.succeeded", user=ada, actor=ada)
    record_at("198.51.100.7", today, kind="password.set", user=ada, actor=dora)
    record_at("192.0.2.5", today, kind="factor.removed", user=eve, actor=eve)
    record_at(
        "192.0.2.6", today, kind="role.granted", user=eve, actor=ada, facts={"role": "Trainer"}
    )
    page = as_user(ada).get(OWN)
    content = page.content.decode()
    assert [line.words for line in page.context["lines"]] == [
        "The password was set by an administrator",
        "Logged in",
    ]
    assert "192.0.2.1" in content
    assert "Not by you" in content
    for foreign in ("198.51.100.7", "Dora", "192.0.2.5", "192.0.2.6", "Trainer"):
        assert foreign not in content


def test_the_own_log_goes_on_page_by_page(ada: User, as_user: LogIn, today: datetime) -> None:
    for n in range(55):
        record_security(kind="login.failed", user=ada, now=today - timedelta(seconds=n))
    client = as_user(ada)
    first = client.get(OWN)
    rest = client.get(OWN, {"before": first.context["older"]})
    assert [len(page.context["lines"]) for page in (first, rest)] == [50, 5]


def test_each_event_is_a_line_for_a_siem(
    ada: User,
    today: datetime,
    django_capture_on_commit_callbacks: Callable[..., object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with (
        caplog.at_level(logging.INFO, logger="labitory.security"),
        django_capture_on_commit_callbacks(execute=True),  # type: ignore[attr-defined]
    ):
        event = record_at(
            "192.0.2.1",
            today,
            kind="factor.removed",
            user=ada,
            actor=ada,
            facts={"device": "Phone", "token": "t-0", "user": "Ada"},
        )
        assert not caplog.records
    (line,) = [each.msg for each in caplog.records if each.name == "labitory.security"]
    assert isinstance(line, dict)
    wanted = {
        "event": "security",
        "event_id": event.pk,
        "at": today.isoformat(),
        "kind": "factor.removed",
        "severity": "warning",
        "user_id": ada.pk,
        "actor_id": ada.pk,
        "address": "192.0.2.1",
        "country": "DE",
        "agent": "Firefox/1 Windows",
        "facts": {"device": "Phone", "token": "[redacted]"},
        "request_id": "r",
    }
    assert {name: line[name] for name in wanted} == wanted
    json.dumps(line, default=str)
