"""The profile page."""

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from tests.conftest import LogIn
from tests.support.queries import count_queries

PROFILE = "/accounts/profile"
DATA = {
    "first_name": "Ada",
    "last_name": "Byron",
    "phone": "+49 30 1234",
    "affiliation": "Optics",
    "time_zone": "America/New_York",
    "date_format": "Y-m-d",
    "time_format": "g:i A",
    "theme": "dark",
    "language": "en",
}


@pytest.mark.parametrize("name", ["ada", "ben", "chris", "dora", "eve"])
def test_everybody_sees_and_changes_their_own(
    cast: dict[str, User], as_user: LogIn, name: str
) -> None:
    client = as_user(cast[name])
    page = client.get(PROFILE)
    assert page.status_code == 200
    assert f"{name}@example.org" in page.content.decode()
    response = client.post(PROFILE, DATA)
    assert (response.status_code, response["Location"]) == (302, PROFILE)
    person = User.objects.get(pk=cast[name].pk)
    assert (person.last_name, person.profile.phone) == ("Byron", "+49 30 1234")
    assert person.preferences.theme == "dark"
    assert person.preferences.show_name is False
    others = User.objects.exclude(pk=person.pk)
    assert not others.filter(last_name="Byron").exists()


def test_visitors_are_sent_to_log_in(db: None, client: Client) -> None:
    for response in (client.get(PROFILE), client.post(PROFILE, DATA)):
        assert response["Location"] == f"/accounts/login?next={PROFILE}"


def test_role_and_status_are_not_to_be_had(ada: User, eve: User, as_user: LogIn) -> None:
    wanted = {
        "role": "sysadmin",
        "is_superuser": "on",
        "is_staff": "on",
        "is_active": "",
        "username": "root",
        "email": "root@example.org",
        "password": "x",
        "pk": str(eve.pk),
        "user": str(eve.pk),
        "public_id": str(eve.public_id),
    }
    client = as_user(ada)
    before = User.objects.values().get(pk=ada.pk)
    assert client.post(PROFILE, {**DATA, **wanted}).status_code == 302
    after = User.objects.values().get(pk=ada.pk)
    changed = {name for name, _value in after.items() ^ before.items()}
    assert changed == {"last_name"}
    assert "role" not in AuditLog.objects.get().changes


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("theme", "pink"),
        ("language", "tlh"),
        ("date_format", "%Y"),
        ("phone", "<script>"),
        ("first_name", "x" * 101),
        ("affiliation", "x" * 121),
        ("last_name", "a\x00b"),
    ],
)
def test_wrong_values_are_named_and_nothing_is_written(
    ada: User, as_user: LogIn, field: str, value: str
) -> None:
    response = as_user(ada).post(PROFILE, {**DATA, field: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not AuditLog.objects.exists()
    assert User.objects.get(pk=ada.pk).last_name == ""


def test_script_in_a_name_is_only_text(ada: User, as_user: LogIn) -> None:
    client = as_user(ada)
    client.post(PROFILE, {**DATA, "first_name": "<script>alert(1)</script>"})
    page = client.get(PROFILE).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_pages_follow_the_chosen_formats(ada: User, as_user: LogIn) -> None:
    client = as_user(ada)
    client.post(PROFILE, DATA)
    joined = User.objects.get(pk=ada.pk).date_joined
    page = client.get(PROFILE).content.decode()
    assert f"{joined:%Y-}" in page.split("Here since")[1][:120]
    client.post(PROFILE, {**DATA, "language": "de"})
    assert client.get(PROFILE)["Content-Language"] == "de"


def test_page_is_small_and_asks_little(ada: User, as_user: LogIn) -> None:
    client = as_user(ada)
    client.get(PROFILE)
    # The user with preferences, the counts of the menu, the profile, whether mails arrive.
    with count_queries(4):
        page = client.get(PROFILE)
    assert len(page.content) < 60_000
