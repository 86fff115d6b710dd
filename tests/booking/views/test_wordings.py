"""The pages on which administrators write what people are told."""

from datetime import datetime

import pytest
from django.test import Client

from accounts.models import User
from booking.models import Wording
from tests.conftest import LogIn
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
LIST = "/manage/wordings"
PAGE = f"{LIST}/quota.overdrawn"
WORDS = {"seen": "0", "subject": "Talk to us: %(quota)s", "text": "Only %(gives)s & <i>.</i>"}


def make(version: int, subject: str, now: datetime, author: User | None = None) -> Wording:
    return Wording.objects.create(
        kind="quota.overdrawn", language="en", version=version, subject=subject,
        text=subject and "Text.", author=author, created_at=now,
    )  # fmt: skip


@pytest.mark.parametrize("path", [LIST, PAGE, f"{PAGE}/mail", f"{PAGE}/versions"])
def test_administrators_alone(
    as_user: LogIn, client: Client, cast: dict[str, User], path: str
) -> None:
    assert "/accounts/login" in client.get(path)["Location"]
    for name, user in cast.items():
        assert as_user(user).get(path).status_code == (200 if name == "dora" else 403)


def test_nobody_else_writes(as_user: LogIn, cast: dict[str, User], now: datetime) -> None:
    make(1, "Mine", now)
    for name in ("ada", "ben", "chris", "eve"):
        client = as_user(cast[name])
        assert client.post(PAGE, WORDS | {"seen": "1"}).status_code == 403
        assert client.post(f"{PAGE}/reset", {"seen": "1"}).status_code == 403
        again = {"seen": "1", "version": "1"}
        assert client.post(f"{PAGE}/restore", again).status_code == 403
    assert Wording.objects.count() == 1


def test_pages_lead_there(as_user: LogIn, dora: User, chris: User) -> None:
    for path in ("/manage", "/manage/notices"):
        assert f'href="{LIST}"' in as_user(dora).get(path).content.decode()
    assert f'href="{LIST}"' not in as_user(chris).get("/manage").content.decode()


@pytest.mark.parametrize("path", ["no.kind", "time.freed", "quota.overdrawn?language=xx"])
def test_what_is_not_there_has_no_page(as_user: LogIn, dora: User, path: str) -> None:
    assert as_user(dora).get(f"{LIST}/{path}").status_code == 404


def test_words_are_looked_at_kept_and_taken_back(as_user: LogIn, dora: User) -> None:
    client = as_user(dora)
    look = client.post(PAGE, WORDS | {"look": "1"})
    assert look.context["look"]["words"].subject == "Talk to us: Beam time"
    assert "Only 10 hours a month &amp; &lt;i&gt;.&lt;/i&gt;" in look.content.decode()
    mail = client.get(look.context["look"]["mail"])
    assert "Only 10 hours a month &amp; &lt;i&gt;.&lt;/i&gt;" in mail.content.decode()
    policy = mail["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert "script" not in policy
    assert mail["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-src 'self'" in look["Content-Security-Policy"]
    assert not Wording.objects.exists()
    kept = client.post(PAGE, WORDS, follow=True)
    assert "from now on" in kept.content.decode()
    # It is now what the mail alone says, whatever look is asked for.
    for query in ({}, {"look": "\x00é"}, {"look": "0" * 64}):
        assert "Talk to us: Beam time" in client.get(f"{PAGE}/mail", query).content.decode()
    shown = client.get(LIST).content.decode()
    assert "English: changed" in shown
    reset = client.post(f"{PAGE}/reset", {"seen": "1"}, follow=True)
    assert "first words are said again" in reset.content.decode()
    assert [each.subject for each in Wording.objects.order_by("version")] == [WORDS["subject"], ""]


def test_part_of_the_page_for_who_types(as_user: LogIn, dora: User) -> None:
    client = as_user(dora)
    wrong = client.post(
        PAGE, WORDS | {"look": "1", "subject": "%(pet)s"}, headers={"HX-Request": "true"}
    )
    assert wrong.status_code == 200
    assert "knows nothing of pet" in wrong.content.decode()
    assert "<html" not in wrong.content.decode()
    assert client.post(PAGE, WORDS | {"look": "1", "subject": "%(pet)s"}).status_code == 422


def test_who_was_overtaken_loses_nothing(as_user: LogIn, dora: User, now: datetime) -> None:
    make(1, "Theirs", now)
    client = as_user(dora)
    answer = client.post(PAGE, WORDS)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else has changed these words" in page
    assert "Talk to us: %(quota)s" in page
    assert "Theirs</del>" in page
    assert answer.context["form"]["seen"].value() == "1"
    client.post(PAGE, WORDS | {"seen": "1"})
    assert Wording.objects.latest("version").subject == WORDS["subject"]


def test_what_cannot_be_said_is_told_on_the_page(as_user: LogIn, dora: User, now: datetime) -> None:
    make(1, "%(gone)s", now)
    client = as_user(dora)
    assert "English: not used" in client.get(LIST).content.decode()
    page = client.get(PAGE).content.decode()
    assert "These words are not used" in page
    assert "knows nothing of gone" in page
    # What people get meanwhile is shown.
    assert "is smaller now" in page


def test_versions_are_shown_beside_the_ones_before_and_come_back(
    as_user: LogIn, dora: User, now: datetime
) -> None:
    make(1, "First words", now, dora)
    make(2, "", now, dora)
    make(3, "Third words", now)
    client = as_user(dora)
    page = client.get(f"{PAGE}/versions").content.decode()
    assert page.index("Version 3") < page.index("Version 2") < page.index("Version 1")
    assert "somebody who left" in page
    assert "Back to the words of Labitory" in page
    back = client.post(f"{PAGE}/restore", {"seen": "3", "version": "1"}, follow=True)
    assert "earlier words are said again" in back.content.decode()
    assert Wording.objects.latest("version").subject == "First words"
    stale = client.post(f"{PAGE}/restore", {"seen": "3", "version": "2"}, follow=True)
    assert "Somebody else has changed" in stale.content.decode()
    for data in ({"seen": "4", "version": "9"}, {"seen": "4"}, {"version": "1"}):
        assert client.post(f"{PAGE}/restore", data).status_code == 404


def test_pages_cost_the_same_however_much_is_worded(
    as_user: LogIn, dora: User, now: datetime
) -> None:
    client = as_user(dora)
    client.get(LIST)
    with count_queries() as before:
        client.get(LIST)
        client.get(f"{PAGE}/versions")
    for version in (1, 2, 3):
        make(version, f"No {version}", now, dora)
    with count_queries() as after:
        client.get(LIST)
        client.get(f"{PAGE}/versions")
    assert len(after) == len(before) + 1
