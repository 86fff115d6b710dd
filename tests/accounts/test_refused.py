"""A refusal for want of a permission leaves a security event, and no flood of them."""

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.services.missing import keep_missing
from audit.enums import Severity
from audit.models import SecurityEvent
from labitory.lib.clock import now as clock_now
from tests.conftest import LogIn

PAGES = {
    "/audit/security?q=what-was-typed": "security.view",
    "/audit/": "audit.view",
    "/accounts/locks": "security.manage",
    "/admin/login/": "admin.enter",
}


def kept() -> list[tuple[str, str]]:
    events = SecurityEvent.objects.filter(kind="permission.missing").order_by("pk")
    return [(event.facts["permission"], event.facts["path"]) for event in events]


@pytest.mark.parametrize("path", PAGES)
def test_a_refused_page_is_kept_with_what_is_missing(as_user: LogIn, eve: User, path: str) -> None:
    assert as_user(eve).get(path).status_code == 403
    event = SecurityEvent.objects.get(kind="permission.missing")
    assert (event.user_id, event.actor_id, event.severity) == (eve.pk, eve.pk, Severity.INFO)
    assert event.address == "127.0.0.1"
    assert kept() == [(PAGES[path], path.partition("?")[0])]


def test_a_refused_endpoint_is_kept_as_well(as_user: LogIn, eve: User) -> None:
    assert as_user(eve).get("/api/v1/auth/roles").status_code == 403
    assert kept() == [("role.grant", "/api/v1/auth/roles")]


def test_a_loop_floods_nothing(as_user: LogIn, ada: User, eve: User) -> None:
    client = as_user(eve)
    for number in range(20):
        assert client.get(f"/audit/security?page={number}").status_code == 403
    assert len(kept()) == 1
    # Another permission, and another person, are another matter.
    client.get("/audit/")
    as_user(ada).get("/audit/")
    assert [code for code, _path in kept()] == ["security.view", "audit.view", "audit.view"]


def test_without_the_cache_the_database_remembers(eve: User, now: datetime) -> None:
    def keep(at: datetime) -> bool:
        cache.clear()
        return keep_missing(actor=eve, code="audit.view", path="/audit/", now=at)

    assert keep(now)
    assert not keep(now + timedelta(minutes=4))
    assert keep(now + timedelta(minutes=6))
    assert len(kept()) == 2


def test_what_is_no_permission_is_kept_without_a_name(eve: User, now: datetime) -> None:
    assert keep_missing(actor=eve, code="<script>", path="/x" * 200, now=now)
    assert kept() == [("", "/x" * 100)]


def test_visitors_and_other_refusals_leave_none(client: Client, as_user: LogIn, eve: User) -> None:
    assert client.get("/audit/").status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(eve)
    assert strict.post("/accounts/logout").status_code == 403
    assert as_user(eve).get("/nothing-here").status_code == 404
    assert kept() == []


def test_the_owner_sees_it(as_user: LogIn, eve: User) -> None:
    keep_missing(actor=eve, code="audit.view", path="/audit/", now=clock_now())
    page = as_user(eve).get("/accounts/security")
    assert "refused for want of a permission" in page.content.decode()
