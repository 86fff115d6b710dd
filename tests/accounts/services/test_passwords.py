"""Passwords are changed, asked for and reset."""

from datetime import datetime

import pytest
from django.test import Client

from accounts.models import User
from accounts.services.passwords import (
    change_password,
    password_reset_link,
    request_password_reset,
    reset_password,
)
from audit.models import AuditLog

Heard = list[tuple[int, datetime]]


def test_request_tells_the_apps_above(ada: User, now: datetime, reset_requests: Heard) -> None:
    request_password_reset(email="ADA@example.ORG", now=now)
    assert reset_requests == [(ada.pk, now)]
    assert AuditLog.objects.get().object_name == "Ada"


@pytest.mark.parametrize("email", ["nobody@example.org", "eve@example.org"])
def test_unknown_or_closed_account_is_told_nothing(
    eve: User, now: datetime, reset_requests: Heard, email: str
) -> None:
    User.objects.filter(pk=eve.pk).update(is_active=False)
    request_password_reset(email=email, now=now)
    assert reset_requests == []
    log = AuditLog.objects.get()
    assert (log.object_name, log.facts) == ("?", {})


def test_link_is_of_this_site_and_ends_with_the_password(
    ada: User, now: datetime, settings: object
) -> None:
    settings.SITE_URL = "https://lab.example.org/"  # type: ignore[attr-defined]
    link = password_reset_link(ada)
    assert link.startswith("https://lab.example.org/accounts/password/reset/")
    path = link.removeprefix("https://lab.example.org")
    assert Client().get(path).status_code == 302
    reset_password(user=ada, password="another-horse-battery", now=now)
    assert Client().get(path).context["validlink"] is False


def test_passwords_are_set_and_never_written_down(ada: User, now: datetime) -> None:
    change_password(user=ada, password="first-horse-battery", now=now)
    reset_password(user=ada, password="second-horse-battery", now=now)
    ada.refresh_from_db()
    assert ada.check_password("second-horse-battery")
    logs = list(AuditLog.objects.order_by("pk"))
    assert [log.action for log in logs] == ["user.password_changed", "user.password_reset"]
    assert not any("horse" in f"{log.changes}{log.facts}{log.reason}" for log in logs)
