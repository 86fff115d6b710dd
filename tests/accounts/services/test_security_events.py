"""What is rare and dangerous leaves a security event."""

from dataclasses import replace
from datetime import datetime

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.enums import Role
from accounts.models import User
from accounts.queries.people import PeopleFilters
from accounts.services.users import set_role
from audit.enums import Severity
from audit.models import SecurityEvent
from booking.services.exports import people_csv
from tests.factories.people import PASSWORD


@pytest.mark.parametrize("only", [True, False])
def test_the_emergency_login_is_one_under_sso_only(
    dora: User, client: Client, settings: LazySettings, only: bool
) -> None:
    settings.SSO = replace(settings.SSO, only=only, break_glass=frozenset({"dora"}))
    client.post("/accounts/login", {"username": "dora", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(dora.pk)
    used = SecurityEvent.objects.filter(kind="break_glass.used", user_id=dora.pk)
    assert used.exists() == only
    assert SecurityEvent.objects.filter(kind="login.succeeded").exists()


def test_a_new_standing_role_is_kept_with_who_gave_it(ada: User, dora: User, now: datetime) -> None:
    set_role(actor=dora, user=ada, role=Role.LAB_MANAGER, now=now)
    event = SecurityEvent.objects.get(kind="user.role_changed")
    assert (event.user_id, event.actor_id) == (ada.pk, dora.pk)
    assert event.facts == {"role": "lab_manager", "before": "student"}
    assert event.severity == Severity.NOTICE


def test_an_export_of_people_is_kept(ada: User, dora: User, now: datetime) -> None:
    people_csv(actor=dora, filters=PeopleFilters(), now=now)
    event = SecurityEvent.objects.get(kind="data.exported")
    assert (event.actor_id, event.facts) == (dora.pk, {"what": "people", "rows": 2})
