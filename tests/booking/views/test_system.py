"""What says whether workers run: the page, the warning, the health check, the command."""

from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from accounts.models import User
from booking.models import Incident
from booking.queries.watching import QUEUES
from booking.services.watching import note_heartbeat
from tests.conftest import LogIn
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
PAGE, CHECK = "/manage/health", "/health/workers"


@pytest.fixture
def well(db: None, now: datetime) -> None:
    """All queues were heard of."""
    for queue in QUEUES:
        note_heartbeat(queue=queue, now=now)


@pytest.fixture(autouse=True)
def _empty_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests left behind waits for no worker."""
    lengths = dict.fromkeys(QUEUES, 0)
    monkeypatch.setattr("booking.queries.watching.queue_lengths", lambda _names: lengths)


def test_who_may_see_it(as_user: LogIn, client: Client, cast: dict[str, User]) -> None:
    assert "/accounts/login" in client.get(PAGE)["Location"]
    seen = {name for name, user in cast.items() if as_user(user).get(PAGE).status_code == 200}
    assert seen == {"dora"}


def test_the_check_is_public_and_says_little(client: Client, well: None) -> None:
    answer = client.get(CHECK)
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {**dict.fromkeys(QUEUES, "ok"), "scheduler": "ok"},
    }
    assert "no-store" in answer["Cache-Control"]


def test_the_check_is_503_when_workers_are_silent(
    client: Client, db: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_heartbeat(queue="reports", now=now)
    note_heartbeat(queue="maintenance", now=now - timedelta(minutes=4))
    answer = client.get(CHECK)
    assert (answer.status_code, answer.json()["status"]) == (503, "late")
    assert answer.json()["checks"] == {
        "notifications": "late",
        "maintenance": "late",
        "reports": "ok",
        "scheduler": "ok",
    }

    def fail(**_given: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("booking.views.system.workers", fail)
    assert client.get(CHECK).status_code == 503


def test_the_page(as_user: LogIn, dora: User, well: None, now: datetime) -> None:
    call_command("sync_schedule", verbosity=0)
    client = as_user(dora)
    page = client.get(PAGE).content.decode()
    assert "Everything runs." in page
    assert "tidy-bookings" in page
    assert "every 5 minutes" in page
    midnight = CrontabSchedule.objects.create(minute="0", hour="0")
    PeriodicTask.objects.create(name="nightly", task="a.task", crontab=midnight)
    since = now - timedelta(hours=1)
    facts = {"title": "<b>tidy", "since": {"at": since.isoformat()}, "reason": "x"}
    Incident.objects.create(kind="system.task_failed", subject="tidy", facts=facts, began_at=since)
    Incident.objects.create(
        kind="system.queue_late", facts={**facts, "title": "reports"}, began_at=since, ended_at=now
    )
    with count_queries(11):
        page = client.get(PAGE).content.decode()
    assert "The task “&lt;b&gt;tidy” failed" in page
    assert "No worker serves the queue “reports”" in page
    assert "Everything runs." not in page


def test_only_who_watches_is_warned(as_user: LogIn, ada: User, dora: User, now: datetime) -> None:
    assert PAGE not in as_user(ada).get("/").content.decode()
    assert PAGE in as_user(dora).get("/").content.decode()


def test_nothing_is_said_while_all_is_well(as_user: LogIn, dora: User, well: None) -> None:
    assert "alert-danger" not in as_user(dora).get("/").content.decode()


def test_the_command_exits_with_1(well: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_workers")
    assert "notifications: ok, heard of 2026-03-02T07:00:00+00:00, 0 waiting" in (
        capsys.readouterr().out
    )


def test_the_command_names_what_is_late(
    db: None, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    Incident.objects.create(kind="system.task_late", subject="tidy-bookings", began_at=now)
    with pytest.raises(CommandError):
        call_command("check_workers")
    said = capsys.readouterr().out
    assert "reports: late, heard of never" in said
    assert "system.task_late tidy-bookings" in said
