"""Making accounts, giving roles, closing accounts, changing profiles."""

from dataclasses import fields
from datetime import datetime

import pytest

from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.models import User
from accounts.services.users import (
    NewUser,
    ProfileChange,
    change_profile,
    create_user,
    deactivate_user,
    reactivate_user,
    set_role,
)
from audit.models import AuditLog

NEW = NewUser(username="fay", email="Fay@Example.org", first_name="Fay", affiliation="Optics")
CHANGE = ProfileChange(
    first_name="Ada",
    last_name="Byron",
    phone="123",
    affiliation="Optics",
    time_zone="Europe/Athens",
    date_format="Y-m-d",
    time_format="g:i A",
    theme="dark",
    language="de",
    show_name=False,
)


def actions() -> list[str]:
    return list(AuditLog.objects.order_by("pk").values_list("action", flat=True))


def test_account_comes_with_profile_and_preferences(chris: User, now: datetime) -> None:
    made = create_user(actor=chris, new=NEW, now=now)
    made = User.objects.get(pk=made.pk)
    assert (made.role, made.date_joined, made.profile.affiliation) == ("student", now, "Optics")
    assert made.preferences.theme == "auto"
    assert not made.has_usable_password()
    log = AuditLog.objects.get()
    assert (log.action, log.actor_name, log.object_name) == ("user.created", "Chris", "Fay")


@pytest.mark.parametrize(
    ("who", "role", "allowed"),
    [
        ("ada", Role.STUDENT, False),
        ("ben", Role.STUDENT, False),
        ("eve", Role.STUDENT, False),
        ("chris", Role.ACADEMIC, True),
        ("chris", Role.LAB_MANAGER, False),
        ("chris", Role.SYSADMIN, False),
        ("dora", Role.LAB_MANAGER, True),
        ("dora", Role.SYSADMIN, True),
    ],
)
def test_who_makes_accounts(
    cast: dict[str, User], now: datetime, who: str, role: Role, allowed: bool
) -> None:
    new = NewUser(username="fay", email="fay@example.org", role=role)
    if allowed:
        assert create_user(actor=cast[who], new=new, now=now).role == role
        return
    with pytest.raises(AccountRefused) as refused:
        create_user(actor=cast[who], new=new, now=now)
    assert refused.value.field == "role"
    assert not User.objects.filter(username="fay").exists()
    assert actions() == []


@pytest.mark.parametrize(
    ("new", "code", "field"),
    [
        (NewUser(username="x", email="ADA@EXAMPLE.ORG"), "user.email_taken", "email"),
        (NewUser(username="ADA", email="x@example.org"), "user.username_taken", "username"),
        (NewUser(username="a@b", email="x@example.org"), "user.username_at", "username"),
        (NewUser(username="a b", email="x@example.org"), "user.invalid", "username"),
        (NewUser(username="x", email="no address"), "user.invalid", "email"),
        (
            NewUser(username="x", email="x@example.org", affiliation="x" * 200),
            "user.invalid",
            "affiliation",
        ),
    ],
)
def test_what_is_taken_or_wrong_is_named(
    ada: User, now: datetime, new: NewUser, code: str, field: str
) -> None:
    with pytest.raises(AccountRefused) as refused:
        create_user(actor=None, new=new, now=now)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert User.objects.count() == 1
    assert actions() == []


@pytest.mark.parametrize("who", ["ada", "ben", "chris", "eve"])
def test_only_system_administrators_give_roles(
    cast: dict[str, User], now: datetime, who: str
) -> None:
    for person in cast.values():
        with pytest.raises(AccountRefused):
            set_role(actor=cast[who], user=person, role=Role.SYSADMIN, now=now)
    assert User.objects.filter(role=Role.SYSADMIN).count() == 1


def test_role_is_given_and_kept(dora: User, ada: User, now: datetime) -> None:
    set_role(actor=dora, user=ada, role=Role.SYSADMIN, now=now)
    set_role(actor=dora, user=ada, role=Role.SYSADMIN, now=now)
    ada.refresh_from_db()
    assert ada.is_sysadmin
    assert AuditLog.objects.get().changes == {"role": ["student", "sysadmin"]}


def test_nobody_changes_their_own_role(dora: User, now: datetime) -> None:
    with pytest.raises(AccountRefused):
        set_role(actor=dora, user=dora, role=Role.STUDENT, now=now)


def test_superuser_loses_that_with_the_role(dora: User, ada: User, now: datetime) -> None:
    set_role(actor=dora, user=ada, role=Role.SYSADMIN, now=now)
    ada.refresh_from_db()
    set_role(actor=ada, user=dora, role=Role.STUDENT, now=now)
    dora.refresh_from_db()
    assert (dora.role, dora.is_superuser) == ("student", False)


def test_account_is_closed_and_reopened(dora: User, ada: User, now: datetime) -> None:
    deactivate_user(actor=dora, user=ada, now=now, reason="Left")
    assert not User.objects.get(pk=ada.pk).is_active
    ada.refresh_from_db()
    reactivate_user(actor=dora, user=ada, now=now)
    assert User.objects.get(pk=ada.pk).is_active
    assert actions() == ["user.deactivated", "user.reactivated"]


@pytest.mark.parametrize("who", ["ada", "ben", "chris", "eve", "dora"])
def test_who_may_not_close_accounts(cast: dict[str, User], now: datetime, who: str) -> None:
    target = cast["dora" if who == "dora" else "ben"]
    with pytest.raises(AccountRefused):
        deactivate_user(actor=cast[who], user=target, now=now)
    target.refresh_from_db()
    assert target.is_active


def test_profile_is_written_and_kept(ada: User, now: datetime) -> None:
    change_profile(actor=ada, user=ada, change=CHANGE, now=now)
    ada = User.objects.get(pk=ada.pk)
    parts = (ada, ada.profile, ada.preferences)
    for field in fields(CHANGE):
        written = [getattr(part, field.name) for part in parts if hasattr(part, field.name)]
        assert written == [getattr(CHANGE, field.name)]
    log = AuditLog.objects.get()
    assert log.action == "user.changed"
    assert log.changes["last_name"] == ["", "Byron"]
    assert "first_name" not in log.changes
    change_profile(actor=ada, user=ada, change=CHANGE, now=now)
    assert AuditLog.objects.count() == 1


def test_profile_of_another_is_not_theirs_to_change(cast: dict[str, User], now: datetime) -> None:
    for who in ("ben", "chris", "eve"):
        with pytest.raises(AccountRefused):
            change_profile(actor=cast[who], user=cast["ada"], change=CHANGE, now=now)
    assert not AuditLog.objects.exists()
    change_profile(actor=cast["dora"], user=cast["ada"], change=CHANGE, now=now)
    assert AuditLog.objects.get().actor_name == "Dora"
