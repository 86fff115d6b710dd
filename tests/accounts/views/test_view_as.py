"""Looking as another person: visible, to read only, for a time, never upwards, always audited."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.enums import Role
from accounts.models import RoleDefinition, User
from accounts.permissions import can_view_as
from accounts.view_as.state import KEY, LASTS
from audit.context import real_person
from audit.models import AuditLog, SecurityEvent
from booking.models import Booking, FavouriteResource, Resource
from booking.queries.home import HomePage, home_page
from labitory.lib.clock import now as clock_now
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.people import make_user
from tests.factories.roles import give, make_role
from tests.support.queries import count_queries

START = reverse("accounts:view_as_start")
END = reverse("accounts:view_as_end")
BANNER = "you look at the pages as"


def look_as(client: Client, user: User) -> None:
    answer = client.post(START, {"user": user.username, "reason": "They asked me to"})
    assert answer.status_code == 302, answer.content.decode()


@pytest.mark.parametrize("who", ["ada", "ben", "eve", None])
def test_others_look_as_nobody(
    client: Client, as_user: LogIn, cast: dict[str, User], who: str | None
) -> None:
    if who:
        as_user(cast[who])
    target = "eve" if who != "eve" else "ada"
    for answer in (client.get(START), client.post(START, {"user": target, "reason": "x"})):
        assert answer.status_code == (403 if who else 302)
    assert KEY not in client.session
    assert not AuditLog.objects.filter(action="view_as.started").exists()


def test_the_pages_are_the_others_with_a_banner_and_a_way_out(
    as_user: LogIn, chris: User, ada: User, microscope: Resource
) -> None:
    make_booking(ada, microscope, clock_now() + timedelta(days=2), purpose="Neurons")
    client = as_user(chris)
    look_as(client, ada)
    page = client.get(reverse("booking:booking_list"))
    text = page.content.decode()
    assert page.context["request"].user == ada
    assert "Confocal 1" in text
    assert BANNER in text
    assert f'action="{END}"' in text
    assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    answer = client.post(END)
    assert answer.status_code == 302
    page = client.get(reverse("booking:booking_list"))
    assert page.context["request"].user == chris
    assert BANNER not in page.content.decode()


def test_beginning_and_end_stand_in_the_log_with_both_names(
    as_user: LogIn, chris: User, ada: User
) -> None:
    client = as_user(chris)
    look_as(client, ada)
    client.get(reverse("booking:home"))
    client.post(END)
    logs = AuditLog.objects.filter(action__startswith="view_as.").order_by("pk")
    found = [(log.action, log.actor_name, log.object_name, log.reason) for log in logs]
    assert found == [
        ("view_as.started", "Chris", "Ada", "They asked me to"),
        ("view_as.ended", "Chris", "Ada", ""),
    ]
    events = SecurityEvent.objects.filter(kind__startswith="view_as.").order_by("pk")
    assert [(each.actor_name, each.user_name) for each in events] == [("Chris", "Ada")] * 2


def test_without_a_reason_it_does_not_begin(as_user: LogIn, chris: User, ada: User) -> None:
    client = as_user(chris)
    for reason in ("", "   "):
        answer = client.post(START, {"user": "ada", "reason": reason})
        assert answer.status_code == 422
        assert answer.context["form"].errors["reason"]
    assert KEY not in client.session


def pages(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, str]]:
    """Every address without arguments, and its name."""
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from pages(each, route)
        elif isinstance(each, URLPattern) and "<" not in route and "(" not in route:
            yield f"/{route.replace('^', '').replace('$', '')}", each.name or ""


# These are the real person's.
OWN = ("view_as_end", "logout", "session_left", "session_stay")
ALL_PAGES = sorted(set(pages(get_resolver())))


def test_every_post_is_refused_and_does_nothing(
    as_user: LogIn, chris: User, ada: User, microscope: Resource
) -> None:
    start = clock_now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    booking = make_booking(ada, microscope, start)
    client = as_user(chris)
    look_as(client, ada)
    addresses = [page for page, name in ALL_PAGES if name not in OWN]
    addresses += [
        reverse("booking:booking_cancel", args=[booking.public_id]),
        reverse("booking:resource_favourite", args=[microscope.public_id]),
    ]
    logs = AuditLog.objects.count()
    for address in addresses:
        answer = client.post(address, {}, content_type="application/json")
        assert answer.status_code == 403, address
    # One refusal for all that is not only asked: the method makes no difference to where.
    for address in addresses[:: len(addresses) // 20]:
        for method in (client.put, client.patch, client.delete):
            assert method(address, {}, content_type="application/json").status_code == 403, address
    assert "What you sent was not done" in client.post(addresses[-1]).content.decode()
    assert AuditLog.objects.count() == logs
    assert Booking.objects.get().status == booking.status


def test_the_account_and_the_administration_stay_closed(
    as_user: LogIn, chris: User, ada: User
) -> None:
    client = as_user(chris)
    look_as(client, ada)
    opened = {"may", "permissions", "group_mine"}
    closed = [
        (page, name)
        for page, name in ALL_PAGES
        if page.startswith(("/accounts/", "/admin/", "/api/v1/auth/")) and name not in opened
    ]
    assert len(closed) > 15
    for page, name in closed:
        if name in OWN:
            continue
        assert client.get(page).status_code == 403, page
    assert client.get(reverse("accounts:may")).status_code == 200


def test_secrets_of_the_other_never_show(as_user: LogIn, chris: User, ada: User) -> None:
    ada.profile.phone = "+49 30 998877"
    ada.profile.save()
    client = as_user(chris)
    look_as(client, ada)
    for page, _name in ALL_PAGES:
        assert "998877" not in client.get(page).content.decode(errors="replace"), page


@pytest.mark.parametrize(
    ("who", "whom", "allowed"),
    [
        ("chris", "ada", True),
        ("chris", "ben", True),
        ("chris", "dora", False),
        ("chris", "chris", False),
        ("dora", "chris", True),
        ("dora", "dora", False),
        ("ben", "ada", False),
        ("ada", "eve", False),
    ],
)
def test_never_upwards(cast: dict[str, User], who: str, whom: str, allowed: bool) -> None:
    assert can_view_as(cast[who], cast[whom]) is allowed


def test_nobody_looks_as_a_sysadmin_superuser_or_closed_account(dora: User, ada: User) -> None:
    other = make_user("other", role=Role.SYSADMIN)
    assert not can_view_as(dora, other)
    assert not can_view_as(other, dora)
    ada.is_active = False
    assert not can_view_as(dora, ada)


def test_nobody_looks_as_who_was_granted_more(chris: User, dora: User, ada: User) -> None:
    """A student with the auditor's role shows the audit log: not to a lab manager."""
    give(ada, RoleDefinition.objects.get(code="auditor"))
    assert not can_view_as(chris, ada)
    assert can_view_as(dora, ada)


def test_rights_that_the_other_gains_meanwhile_end_it(
    as_user: LogIn, chris: User, ada: User
) -> None:
    client = as_user(chris)
    look_as(client, ada)
    give(ada, RoleDefinition.objects.get(code="auditor"))
    answer = client.get(reverse("audit:log_list"))
    assert answer.status_code == 403
    assert KEY not in client.session
    assert AuditLog.objects.filter(action="view_as.ended").count() == 1


def test_rights_that_one_loses_meanwhile_end_it(as_user: LogIn, chris: User, ada: User) -> None:
    client = as_user(chris)
    look_as(client, ada)
    User.objects.filter(pk=chris.pk).update(role=Role.ACADEMIC)
    answer = client.get(reverse("booking:home"))
    assert answer.context["request"].user == chris
    assert KEY not in client.session


def test_after_half_an_hour_one_is_oneself_again(
    as_user: LogIn, chris: User, ada: User, microscope: Resource
) -> None:
    client = as_user(chris)
    look_as(client, ada)
    session = client.session
    session[KEY] = {**session[KEY], "until": clock_now().isoformat()}
    session.save()
    # What was sent as Ada is not done as Chris.
    favourite = reverse("booking:resource_favourite", args=[microscope.public_id])
    assert client.post(favourite).status_code == 403
    assert not FavouriteResource.objects.exists()
    page = client.get(reverse("booking:home"))
    assert page.context["request"].user == chris
    log = AuditLog.objects.get(action="view_as.ended")
    assert (log.actor_name, log.object_name, log.reason) == ("Chris", "Ada", "time")
    assert timedelta(minutes=30) == LASTS


def test_logging_out_ends_the_real_session(as_user: LogIn, chris: User, ada: User) -> None:
    client = as_user(chris)
    look_as(client, ada)
    assert client.post(reverse("accounts:logout")).status_code == 302
    assert AuditLog.objects.get(action="user.logged_out").actor_name == "Chris"
    assert client.get(reverse("booking:home")).status_code == 302


def test_what_is_recorded_meanwhile_is_the_real_persons(
    as_user: LogIn, chris: User, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def look(**kwargs: Any) -> HomePage:
        seen.append(real_person(kwargs["viewer"]))
        return home_page(**kwargs)

    monkeypatch.setattr("booking.views.home.home_page", look)
    client = as_user(chris)
    look_as(client, ada)
    client.get(reverse("booking:home"))
    assert seen == [chris]
    assert real_person(ada) == ada


def test_nobody_looking_costs_no_query(as_user: LogIn, ada: User) -> None:
    client = as_user(ada)
    client.get(reverse("accounts:permissions"))
    # The reader, and what waits for them.
    with count_queries(2):
        client.get(reverse("accounts:permissions"))


def test_looking_costs_one_query_more(as_user: LogIn, chris: User, ada: User) -> None:
    client = as_user(chris)
    look_as(client, ada)
    client.get(reverse("accounts:permissions"))
    with count_queries(3):
        client.get(reverse("accounts:permissions"))


def test_the_banner_stands_on_error_pages(as_user: LogIn, chris: User, ada: User) -> None:
    client = as_user(chris)
    look_as(client, ada)
    for address, status in (("/nothing-here", 404), (reverse("audit:log_list"), 403)):
        answer = client.get(address)
        assert answer.status_code == status
        assert BANNER in answer.content.decode()


def test_a_forged_session_key_of_nobody_is_dropped(client: Client, db: None) -> None:
    session = client.session
    session[KEY] = {"user": 1, "until": clock_now().isoformat()}
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    answer = client.get(reverse("accounts:login"))
    assert isinstance(answer.wsgi_request.user, AnonymousUser)
    assert KEY not in client.session


def test_a_composed_role_lets_look_too(as_user: LogIn, ada: User, eve: User) -> None:
    give(ada, make_role("support", "user.view_as"))
    client = as_user(ada)
    look_as(client, eve)
    assert client.get(reverse("booking:home")).context["request"].user == eve
