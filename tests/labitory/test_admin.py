"""The administration as a whole: every list opens, for system administrators alone."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.models import Session, User
from audit.models import AuditLog
from booking.enums import Limit
from booking.models import BookingPolicy, Resource, ResourceType
from booking.services.bookings import create_booking
from labitory.lib.periods import Period
from tests.conftest import LogIn

OWN = [model for model in apps.get_models() if model in admin.site._registry]
HOUR = timedelta(hours=1)


def named(row: models.Model) -> object:
    """How the page of one row is addressed: the key of a session would be the session."""
    return row.public_id if isinstance(row, Session) else row.pk


def address(model: type[models.Model], page: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_{page}", args=arguments)


@pytest.mark.parametrize("model", OWN, ids=lambda model: model._meta.label_lower)
def test_every_list_opens_and_searches(
    as_user: LogIn,
    dora: User,
    ada: User,
    microscope: Resource,
    now: datetime,
    model: type[models.Model],
) -> None:
    period = Period(now + HOUR, now + 2 * HOUR)
    create_booking(actor=ada, user=ada, resource_ids=[microscope.public_id], period=period, now=now)
    client = as_user(dora)
    for query in ({}, {"q": "confocal"}, {"q": "\x00'\"<"}):
        assert client.get(address(model, "changelist"), query).status_code == 200
    first = model._default_manager.first()
    if first is not None:
        assert client.get(address(model, "change", named(first))).status_code == 200
    may_add = admin.site._registry[model].has_add_permission(_request(dora))
    assert client.get(address(model, "add")).status_code == (200 if may_add else 403)


@pytest.mark.parametrize("who", ["ada", "ben", "chris", "eve"])
def test_nobody_else_gets_in(as_user: LogIn, cast: dict[str, User], who: str) -> None:
    client = as_user(cast[who])
    for model in OWN:
        answer = client.get(address(model, "changelist"))
        assert answer.status_code == 302
        assert "/admin/login" in answer["Location"]


def test_visitors_are_sent_to_the_login(client: Client, db: None) -> None:
    assert client.get("/admin/").status_code == 302


def test_a_change_is_audited_with_both_values(
    as_user: LogIn, dora: User, confocals: ResourceType
) -> None:
    client = as_user(dora)
    page = address(ResourceType, "change", confocals.pk)
    client.post(page, {"name": "Confocals", "description": ""})
    confocals.refresh_from_db()
    assert confocals.name == "Confocals"
    kept = AuditLog.objects.get(action="admin.changed")
    assert kept.actor_id == dora.pk
    assert kept.changes["name"] == ["Confocal microscope", "Confocals"]


def test_adding_and_deleting_a_limit_are_audited(as_user: LogIn, dora: User) -> None:
    client = as_user(dora)
    client.post(address(BookingPolicy, "add"), {"limit": Limit.MAX_LENGTH, "value": "60"})
    policy = BookingPolicy.objects.get()
    client.post(address(BookingPolicy, "delete", policy.pk), {"post": "yes"})
    assert not BookingPolicy.objects.exists()
    actions = list(AuditLog.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["admin.added", "admin.deleted"]


def test_nobody_raises_their_own_role(as_user: LogIn, dora: User, ada: User) -> None:
    client = as_user(dora)
    own = client.get(address(User, "change", dora.pk)).content.decode()
    other = client.get(address(User, "change", ada.pk)).content.decode()
    assert 'name="role"' not in own
    assert 'name="role"' in other
    assert 'name="is_superuser"' not in other
    assert client.get(address(User, "delete", ada.pk)).status_code == 403


def _request(user: User) -> Any:
    class Request:
        """What permission checks look at."""

    request = Request()
    request.user = user  # type: ignore[attr-defined]
    return request
