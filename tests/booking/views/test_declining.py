"""The link in a mail by which its reader declines more of the kind."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from booking.enums import Timing
from booking.models import Message, NotificationPreference, OutboxEvent
from booking.notifications.channels.email import build_mail
from booking.notifications.declining import LASTS, decline_of
from labitory.lib.text import mask_path
from tests.conftest import LogIn
from tests.support.queries import count_queries
from tests.support.smtp import MailServer, text_part

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
SITE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def _at_now(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr("booking.views.declining.clock_now", lambda: now)


def told(user: User | None, now: datetime, kind: str = "offer.made") -> Message:
    """What somebody is told by mail."""
    facts = {
        "resource": "Confocal 1",
        "when": {"day": "2026-03-03"},
        "until": {"day": "2026-03-03"},
    }
    payload = {"facts": facts, "path": "/offers"}
    event = OutboxEvent.objects.create(kind=kind, payload=payload, created_at=now)
    return Message.objects.create(
        event=event, user=user, kind=kind, payload=payload, created_at=now,
        address="" if user else "new@example.org",
    )  # fmt: skip


def path_of(message: Message) -> str:
    decline = decline_of(message)
    assert decline
    return decline.link.removeprefix(SITE)


def mails_off(user: User) -> set[str]:
    """The nouns of which the person wants no mail."""
    off = NotificationPreference.objects.filter(user=user, channel="email", timing=Timing.OFF)
    return {each.kind.partition(".")[0] for each in off}


def test_every_mail_that_can_be_declined_carries_the_link(
    ada: User, now: datetime, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    message = told(ada, now)
    link = SITE + path_of(message)
    with MailServer() as server:
        settings.EMAIL_PORT = server.port
        build_mail(message).send()
        [mail] = server.received
    assert mail["List-Unsubscribe"].replace(" ", "") == f"<{link}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page = mail.get_body(("html",))
    assert page is not None
    for body in (text_part(mail), page.get_content()):
        assert f"{link}" in body and "No more mails of this topic (Waiting list)" in body


@pytest.mark.parametrize("kind", ["account.locked", "account.registration_known"])
def test_what_protects_an_account_cannot_be_declined(ada: User, now: datetime, kind: str) -> None:
    for message in (told(ada, now, kind), told(None, now, kind)):
        assert decline_of(message) is None


def test_opening_the_link_changes_nothing(client: Client, ada: User, now: datetime) -> None:
    path = path_of(told(ada, now))
    page = client.get(path)
    shown = page.content.decode()
    # Its address opens without a login: no log behind a link on it writes it down.
    assert page["Referrer-Policy"] == "strict-origin"
    assert "a…@e….org: Waiting list" in shown
    assert "No more of these mails" in shown
    assert ada.email not in shown and ada.full_name not in shown
    client.head(path)
    assert not NotificationPreference.objects.exists()


def test_one_click_stops_the_topic_and_says_how_to_take_it_back(ada: User, now: datetime) -> None:
    NotificationPreference.objects.create(
        user=ada, kind="offer.made", channel="email", timing=Timing.DAILY
    )
    # As a mail program posts it: no cookie, no token of a form, nothing followed.
    client = Client(enforce_csrf_checks=True)
    path = path_of(told(ada, now))
    for _time in range(2):
        answer = client.post(path, ONE_CLICK)
        assert answer.status_code == 200
    assert mails_off(ada) == {"offer", "waiting"}
    [log] = AuditLog.objects.filter(action="notification.mails_declined")
    assert (log.actor_id, log.changes["offer.made:email"]) == (ada.pk, ["daily", "off"])
    # Later, by the same link: what was chosen is not known, the lab's counts.
    shown = client.get(path).content.decode()
    assert "as the lab has set it" in shown and "Take it back" in shown
    assert "They come again" in client.post(path, {"undo": "1"}).content.decode()
    assert not NotificationPreference.objects.exists()
    assert AuditLog.objects.filter(action="notification.mails_taken").count() == 1


def test_taken_back_at_once_it_is_as_it_was(client: Client, ada: User, now: datetime) -> None:
    for kind, timing in (("offer.made", Timing.DAILY), ("offer.declined", Timing.OFF)):
        NotificationPreference.objects.create(user=ada, kind=kind, channel="email", timing=timing)
    before = sorted(NotificationPreference.objects.values_list("kind", "timing"))
    path = path_of(told(ada, now))
    context = client.post(path, ONE_CLICK).context
    client.post(path, {"undo": "1", "before": context["before"]})
    assert sorted(NotificationPreference.objects.values_list("kind", "timing")) == before


def test_what_was_before_counts_for_its_owner_only(
    client: Client, ada: User, ben: User, now: datetime
) -> None:
    context = client.post(path_of(told(ben, now)), ONE_CLICK).context
    path = path_of(told(ada, now))
    client.post(path, ONE_CLICK)
    for text in (context["before"], context["before"][:-1], "x"):
        client.post(path, {"undo": "1", "before": text})
        assert mails_off(ada) == set()
        client.post(path, ONE_CLICK)
    assert mails_off(ben) == {"offer", "waiting"}


def test_a_digest_is_declined_with_what_it_gathered(
    client: Client, ada: User, now: datetime
) -> None:
    digest = told(ada, now, "message.digest")
    for kind in ("offer.made", "quota.overdrawn"):
        Message.objects.filter(pk=told(ada, now, kind).pk).update(digest=digest)
    path = path_of(digest)
    assert "what came in the digest" in client.get(path).content.decode()
    client.post(path, ONE_CLICK)
    rows = NotificationPreference.objects.values_list("kind", flat=True)
    assert set(rows) == {"offer.made", "quota.overdrawn"}


@pytest.mark.parametrize("how", ["cut", "changed", "of another", "nothing"])
def test_a_link_that_was_tampered_with_is_refused_in_words(
    client: Client, ada: User, ben: User, now: datetime, how: str
) -> None:
    path, other = path_of(told(ada, now)), path_of(told(ben, now))
    value, _colon, signature = path.partition(":")
    path = {
        "cut": path[:-1],
        "changed": f"{value[:-2]}AA:{signature}",
        "of another": f"{value}:{other.partition(':')[2]}",
        "nothing": "/notices/decline/x",
    }[how]
    for answer in (client.get(path), client.post(path, ONE_CLICK)):
        assert answer.status_code == 404
        assert "This link is not whole" in answer.content.decode()
    assert not NotificationPreference.objects.exists()


def test_a_link_counts_for_ninety_days(client: Client, ada: User, now: datetime) -> None:
    assert client.get(path_of(told(ada, now - LASTS))).status_code == 200
    answer = client.post(path_of(told(ada, now - LASTS - timedelta(seconds=1))), ONE_CLICK)
    assert answer.status_code == 404
    assert "from an old mail" in answer.content.decode()
    assert not NotificationPreference.objects.exists()


def test_who_is_gone_has_nothing_to_stop(client: Client, ada: User, now: datetime) -> None:
    path = path_of(told(ada, now))
    User.objects.update(is_active=False)
    assert "nothing left" in client.get(path).content.decode()


def test_nonsense_is_refused(client: Client, ada: User, now: datetime) -> None:
    for sent in ({}, {"List-Unsubscribe": "Two-Clicks"}):
        assert client.post(path_of(told(ada, now)), sent).status_code == 422
    assert client.delete(path_of(told(ada, now))).status_code == 405
    assert not NotificationPreference.objects.exists()


def test_whoever_is_logged_in_it_is_the_links_person(
    as_user: LogIn, cast: dict[str, User], now: datetime
) -> None:
    path = path_of(told(cast["ada"], now))
    for user in cast.values():
        assert as_user(user).get(path).status_code == 200
    as_user(cast["ben"]).post(path, ONE_CLICK)
    assert mails_off(cast["ada"]) and not mails_off(cast["ben"])


def test_the_page_speaks_the_language_and_costs_little(
    client: Client, ada: User, now: datetime
) -> None:
    path = path_of(told(ada, now))
    client.get(path)
    with count_queries(2):
        client.get(path)


def test_the_link_is_not_written_down(ada: User, now: datetime) -> None:
    path = path_of(told(ada, now))
    assert mask_path(f"GET {path} 200") == "GET /notices/decline/[redacted] 200"
