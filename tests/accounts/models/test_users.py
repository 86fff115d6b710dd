"""Accounts: unique whatever the letter case, and superusers are system administrators."""

import os
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.demo import DEMO_PASSWORD
from accounts.enums import Role
from accounts.models import User
from tests.factories.people import PASSWORD, make_user


def test_address_and_name_are_unique_in_any_letter_case(ada: User) -> None:
    with pytest.raises(IntegrityError, match="user_email_unique"), transaction.atomic():
        User.objects.create_user("other", "ADA@Example.org")
    with pytest.raises(IntegrityError, match="user_username_unique"), transaction.atomic():
        User.objects.create_user("ADA", "other@example.org")


def test_superuser_of_the_command_line_is_a_system_administrator(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command(
        "createsuperuser",
        interactive=False,
        username="root",
        email="root@example.org",
        stdout=StringIO(),
    )
    root = User.objects.get(username="root")
    assert root.is_sysadmin
    assert root.is_staff
    assert root.preferences.theme == "auto"
    assert authenticate(username="root", password=PASSWORD) == root


@pytest.mark.parametrize("name", ["ada", "ADA", "ada@example.org", "Ada@EXAMPLE.org"])
def test_log_in_by_name_or_address_in_any_letter_case(ada: User, name: str) -> None:
    assert authenticate(username=name, password=PASSWORD) == ada


def test_who_is_not_recognised(ada: User, eve: User) -> None:
    User.objects.filter(pk=eve.pk).update(is_active=False)
    assert authenticate(username="ada", password="wrong") is None
    assert authenticate(username="nobody", password=PASSWORD) is None
    assert authenticate(username="eve", password=PASSWORD) is None


def test_demo_password_opens_nothing_outside_development(db: None, settings: object) -> None:
    demo = make_user("fay")
    demo.set_password(DEMO_PASSWORD)
    demo.save()
    settings.DEMO_LOGINS = False  # type: ignore[attr-defined]
    assert authenticate(username="fay", password=DEMO_PASSWORD) is None
    settings.DEMO_LOGINS = True  # type: ignore[attr-defined]
    assert authenticate(username="fay", password=DEMO_PASSWORD) == demo


def test_role_alone_decides_about_the_admin(cast: dict[str, User]) -> None:
    boss = make_user("fay", role=Role.SYSADMIN)
    assert boss.has_perm("booking.change_resource")
    assert boss.has_module_perms("booking")
    assert not boss.is_superuser
    for name in ("ada", "ben", "chris", "eve"):
        assert not cast[name].is_staff
        assert not cast[name].has_perm("accounts.change_user")
        # What a lab manager may do on the pages they may there, but nobody lets them in.
        assert cast[name].has_perm("booking.change_resource") is (name == "chris")
        assert cast[name].has_module_perms("booking") is (name == "chris")
