"""Keys of others, fields nobody offered, and text that wants to be code, at every address."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django import forms
from django.test import Client
from django.urls import get_resolver

import accounts.forms as account_forms
import booking.forms as booking_forms
from accounts.models import (
    Invitation,
    JoinRequest,
    ResearchGroup,
    RoleDefinition,
    RoleGrant,
    TrustedDevice,
    User,
)
from booking.models import Booking, Resource
from labitory.lib import clock
from tests.factories.bookings import make_booking
from tests.factories.factors import give_app
from tests.factories.groups import make_group, make_project
from tests.factories.people import PASSWORD
from tests.labitory.test_hardening import pages, patterns
from tests.support.modules import classes_in

LogIn = Callable[[User], Client]
# What everybody may do with the key of something that is not theirs.
OPEN = {
    "accounts:group_detail": "groups are shown by name; members only to members",
    "accounts:group_join": "asking to join is for everybody",
    "accounts:group_leave": "who is no member leaves nothing",
}
PRIVILEGES = {
    "is_superuser": "on",
    "is_staff": "on",
    "is_active": "on",
    "role": "sysadmin",
    "status": "approved",
    "permissions": "system.manage",
    "granted_by": "1",
}


@pytest.fixture
def foreign(ada: User, ben: User, dora: User, chris: User, microscope: Resource) -> dict[str, Any]:
    """Things of others, by what they are: Ben's group and project, Ada's keys, a request."""
    now = clock.now()
    Client().force_login(ada)
    app, _codes = give_app(ada, now)
    group = make_group("Optics", ben, ada)
    role = RoleDefinition.objects.filter(is_builtin=True).first()
    assert role is not None
    booking = make_booking(ada, microscope, now + timedelta(days=1))
    return {
        "group": group.public_id,
        "project": make_project("Light", group, ada).public_id,
        "request": JoinRequest.objects.create(group=group, user=chris, asked_at=now).public_id,
        "invitation": Invitation.objects.create(
            email="fay@example.org",
            invited_by=chris,
            invited_at=now,
            expires_at=now + timedelta(days=1),
        ).public_id,
        "app": app.public_id,
        "device": TrustedDevice.objects.create(
            user=ada, name="Laptop", token_hash="k", added_at=now, used_at=now, expires_at=now
        ).public_id,
        "role": role.public_id,
        "user": ada.public_id,
        "booking": booking.public_id,
    }


def keyed() -> list[tuple[str, str, str]]:
    """Every address that takes a key: its name, what stands before the key, and after it."""
    mark = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    found = []
    for name, path in pages():
        if path.startswith("/accounts/") and (key := mark.search(path)):
            found.append((name, path[: key.start()], path[key.end() :]))
    return found


def standing() -> dict[str, Any]:
    """What nobody may have changed."""
    return {
        "people": list(
            User.objects.order_by("pk").values_list(
                "username", "role", "is_superuser", "is_active", "password", "email"
            )
        ),
        "grants": RoleGrant.objects.count(),
        "groups": list(ResearchGroup.objects.values_list("name", "lead_id", "is_active")),
        "requests": list(JoinRequest.objects.values_list("status")),
        "devices": TrustedDevice.objects.count(),
        "invitations": list(Invitation.objects.values_list("withdrawn_at", "accepted_at")),
        "bookings": list(Booking.objects.values_list("status", "user_id")),
    }


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("Location", "")


def test_the_key_of_another_opens_nothing(
    eve: User, as_user: LogIn, foreign: dict[str, UUID]
) -> None:
    client = as_user(eve)
    before = standing()
    assert len(keyed()) > 20
    sent = {"user": "ada", "name": "x", "note": "x"}
    opened = set()
    for name, head, tail in keyed():
        for ask in (client.get, client.post):
            invented = ask(f"{head}{uuid4()}{tail}", sent)
            for key in foreign.values():
                answer = ask(f"{head}{key}{tail}", sent)
                # Forbidden, or the same as for a key that nobody has.
                if answer.status_code != 403 and told(answer) != told(invented):
                    opened.add(name)
    assert opened == OPEN.keys()
    after = standing()
    after["requests"] = after["requests"][: len(before["requests"])]
    assert after == before


def test_fields_that_no_form_offers_change_nobody(eve: User, ada: User, as_user: LogIn) -> None:
    """As a student, at every page: whatever is sent along, nobody has more rights afterwards."""
    client = as_user(eve)
    before = [person[:4] for person in standing()["people"]]
    for name, path in pages():
        if name in ("accounts:logout", "admin:logout"):
            continue
        client.post(path, {**PRIVILEGES, "user": ada.pk, "first_name": "Eve"})
    assert [person[:4] for person in standing()["people"]] == before
    assert not RoleGrant.objects.exists()


def test_a_program_sends_no_field_that_is_not_asked_for(
    eve: User, ada: User, microscope: Resource, as_user: LogIn
) -> None:
    client = as_user(eve)
    for name, path, _pattern in patterns(get_resolver()):
        if not path.startswith("api/"):
            continue
        answer = client.post(
            f"/{path}",
            {**PRIVILEGES, "user": str(ada.public_id)},
            content_type="application/json",
        )
        assert 400 <= answer.status_code < 500, (name, answer.status_code)
    assert not Booking.objects.exists()


def test_no_form_is_made_of_all_fields_of_a_model() -> None:
    """A form from a model names its fields; none offers what gives rights."""
    for form in classes_in(forms.ModelForm, account_forms, booking_forms):
        options: Any = getattr(form, "_meta")  # noqa: B009 - Django's own name
        assert options.fields not in (None, "__all__"), form
        if options.model is User:
            assert not {"is_superuser", "is_active", "role", "password"} & set(options.fields)


HOSTILE = "'\"><script>alert(1)</script>%s{{7*7}}\r\nX-Evil: 1"
WORDS = (
    *("q", "next", "before", "since", "until", "user", "person", "address", "kind", "severity"),
    *("day", "week", "month", "page", "role", "group", "unit", "action", "actor", "text", "type"),
    *("resource", "start", "end", "status", "sort", "object_type", "name", "back", "building"),
)


@pytest.mark.parametrize("value", [HOSTILE, "\x00" + "9" * 400], ids=["code", "long"])
def test_no_page_breaks_or_repeats_code(dora: User, as_user: LogIn, value: str) -> None:
    client = as_user(dora)
    # Django's own administration takes a query as first values of a form, and only from its staff.
    own = [(name, path) for name, path in pages() if not path.startswith("/admin/")]
    for name, path in own:
        answer = client.get(path, dict.fromkeys(WORDS, value))
        # Here no worker lives, which that address says by its status.
        assert answer.status_code < 500 or name == "health_workers", name
        assert "X-Evil" not in answer.headers
        if not answer.streaming:
            content = answer.content.decode(errors="replace")
            assert "<script>alert(1)" not in content, name


def test_a_hostile_name_is_only_text_wherever_it_stands(
    ada: User, dora: User, as_user: LogIn
) -> None:
    User.objects.filter(pk=ada.pk).update(first_name="<script>alert(1)</script>", last_name="{{x}}")
    client = as_user(dora)
    for name, path in pages():
        answer = client.get(path)
        if answer.status_code == 200 and not answer.streaming:
            assert "<script>alert(1)" not in answer.content.decode(errors="replace"), name


@pytest.mark.parametrize(
    ("path", "field"),
    [("/accounts/password/reset", "email"), ("/accounts/unlock", "email")],
)
def test_answers_do_not_tell_which_accounts_exist(
    ada: User, client: Client, path: str, field: str
) -> None:
    seen = set()
    for value in ("ada@example.org", "nobody@example.org"):
        answer = client.post(path, {field: value, "username": value}, follow=True)
        body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
        seen.add((answer.status_code, tuple(answer.redirect_chain), body.replace(value, "?")))
    assert len(seen) == 1


def test_a_planted_session_key_is_not_the_key_of_the_login(ada: User, client: Client) -> None:
    client.get("/accounts/login")
    client.session.save()
    planted = client.session.session_key
    client.post("/accounts/login", {"username": "ada", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(ada.pk)
    assert client.session.session_key != planted
