"""The pages of policies as text."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from booking.enums import Limit
from booking.models import BookingPolicy, PolicySet, Resource
from tests.conftest import LogIn
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
HOME = "/manage/policy-sets"
TEXT = """title: Shorter
limits:
- {limit: max_length, value: 2 h}
examples:
- {role: student, resource: Confocal 1, start: "in 2 days, 10:00", end: "in 2 days, 12:00",
   expect: allowed}
"""


def test_anonymous_logs_in_first(client: Client, db: None) -> None:
    for path in (HOME, f"{HOME}/export", f"{HOME}/1"):
        assert "/accounts/login" in client.get(path)["Location"]
    for path in (f"{HOME}/preview", f"{HOME}/apply"):
        assert "/accounts/login" in client.post(path, {"text": TEXT})["Location"]


def test_who_sets_limits_everywhere_may(as_user: LogIn, cast: dict[str, User]) -> None:
    for path in (HOME, f"{HOME}/export"):
        allowed = {
            name for name, user in cast.items() if as_user(user).get(path).status_code == 200
        }
        assert allowed == {"chris", "dora"}
    client = as_user(cast["ada"])
    for path in (f"{HOME}/preview", f"{HOME}/apply"):
        assert client.post(path, {"text": TEXT}).status_code == 403


def test_a_file_is_looked_at_and_applied(as_user: LogIn, chris: User, microscope: Resource) -> None:
    client = as_user(chris)
    file = SimpleUploadedFile("policies.yaml", TEXT.encode())
    page = client.post(f"{HOME}/preview", {"file": file}).content.decode()
    assert "New: Longest booking for Everybody, everywhere: 2 hours." in page
    assert "Its 1 example holds." in page
    assert not BookingPolicy.objects.exists()
    found = re.search(r'name="seen" value="(\w+)"', page)
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found
    assert text
    form = {"text": html.unescape(text[1]), "seen": found[1]}
    assert client.post(f"{HOME}/apply", form)["Location"] == f"{HOME}/1"
    assert BookingPolicy.objects.get().value == 120
    page = client.get(f"{HOME}/1").content.decode()
    assert "1: Shorter" in page
    assert "Nothing: its limits are in force." in page
    assert client.post(f"{HOME}/apply", {"text": TEXT})["Location"] == HOME
    assert "max_length" in client.get(f"{HOME}/export").content.decode()


def test_versions_are_compared(as_user: LogIn, chris: User, microscope: Resource) -> None:
    client = as_user(chris)
    client.post(f"{HOME}/apply", {"text": TEXT})
    client.post(f"{HOME}/apply", {"text": TEXT.replace("2 h", "3 h")})
    said = "from 3 hours to 2 hours"
    assert said in client.get(f"{HOME}/2?with=1").content.decode()
    assert client.get(f"{HOME}/9").status_code == 404
    assert client.get(f"{HOME}/{'9' * 30}").status_code == 404
    assert client.get(f"{HOME}/2?with=x").status_code == 200


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"text": ""}, "Choose a file, or write"),
        ({"text": "title: ["}, "no YAML"),
        ({"text": "x" * 200_001}, "at most 200000"),
        ({"file": b"\xff\xfe"}, "no text in UTF-8"),
        ({"file": b"x" * 200_001}, "too large"),
    ],
)
def test_a_bad_text_comes_back(
    as_user: LogIn, chris: User, form: dict[str, str | bytes], said: str
) -> None:
    data = {
        name: SimpleUploadedFile("a.yaml", value) if isinstance(value, bytes) else value
        for name, value in form.items()
    }
    answer = as_user(chris).post(f"{HOME}/preview", data)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_failing_example_is_shown_and_not_applied(
    as_user: LogIn, chris: User, microscope: Resource
) -> None:
    client, text = as_user(chris), TEXT.replace("2 h}", "1 h}")
    answer = client.post(f"{HOME}/preview", {"text": text})
    assert answer.status_code == 422
    assert "but it is length.maximum" in answer.content.decode()
    assert "Apply it" not in answer.content.decode()
    assert client.post(f"{HOME}/apply", {"text": text}).status_code == 422
    assert not BookingPolicy.objects.exists()


def test_what_changed_meanwhile_is_looked_at_again(
    as_user: LogIn, chris: User, microscope: Resource
) -> None:
    answer = as_user(chris).post(f"{HOME}/apply", {"text": TEXT, "seen": "old"})
    assert answer.status_code == 409
    assert "look at the changes again" in answer.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_history_costs_the_same(
    as_user: LogIn, chris: User, microscope: Resource, number: int
) -> None:
    client = as_user(chris)
    for each in range(number):
        client.post(f"{HOME}/apply", {"text": TEXT.replace("2 h", f"{each + 2} h")})
    assert PolicySet.objects.count() == number
    BookingPolicy.objects.create(limit=Limit.GAP, value=1)
    client.get(HOME)
    with count_queries(4):
        client.get(HOME)
