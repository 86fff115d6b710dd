"""How one wants to be told, and in which words people are, by program."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from booking.enums import Timing, WatchMode
from booking.models import (
    NotificationPreference,
    NotificationSchedule,
    Resource,
    ResourceWatch,
    Wording,
)
from booking.services.reach import choose_timings
from tests.booking.api.conftest import Program
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
AsProgram = Callable[[User | None], Program]
PREFERENCES = "/me/notification-preferences"
SCHEDULE = "/me/notification-schedule"
WORDING = "/wordings/quota.overdrawn/en"
WORDS = {"subject": "Talk to us: %(quota)s", "text": "Only %(gives)s.", "version": 0}


def choice(program: Program, kind: str, channel: str = "email") -> Any:
    rows = program.get(PREFERENCES).json()["data"]
    [row] = (each for each in rows if each["kind"] == kind)
    [found] = (each for each in row["channels"] if each["channel"] == channel)
    return found["timing"], found["origin"]


def wish(kind: str, timing: str | None, channel: str = "email") -> dict[str, Any]:
    return {"preferences": [{"kind": kind, "channel": channel, "timing": timing}]}


@pytest.mark.parametrize("path", [PREFERENCES, SCHEDULE, "/me/watches"])
def test_everybody_reads_their_own_and_nobody_none(
    as_program: AsProgram, cast: dict[str, User], path: str
) -> None:
    assert as_program(None).get(path).status_code == 401
    assert as_program(None).patch(path, {}).status_code == 401
    for user in cast.values():
        assert as_program(user).get(path).status_code == 200


def test_timings_say_where_they_come_from(
    as_program: AsProgram, ada: User, ben: User, dora: User, now: datetime
) -> None:
    program = as_program(ada)
    assert choice(program, "offer.made") == ("now", "product")
    choices = {("offer.made", "email"): Timing.DAILY}
    choose_timings(actor=dora, user=None, choices=choices, now=now)
    assert choice(program, "offer.made") == ("daily", "lab")
    answer = program.patch(PREFERENCES, wish("offer.made", "off"))
    assert answer.status_code == 200
    assert choice(program, "offer.made") == ("off", "own")
    assert choice(as_program(ben), "offer.made") == ("daily", "lab")
    program.patch(PREFERENCES, wish("offer.made", None))
    assert choice(program, "offer.made") == ("daily", "lab")
    assert not NotificationPreference.objects.filter(user=ada).exists()
    rows = {each["kind"]: each for each in program.get(PREFERENCES).json()["data"]}
    assert rows["account.locked"]["is_required"]
    assert rows["offer.made"]["topic"] == "waiting"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "required"),
        ({"preferences": []}, 400, "min_length"),
        (wish("offer.made", "hourly"), 400, "invalid_choice"),
        (wish("offer.made", "daily", "in_app"), 422, "notification.unknown_choice"),
        (wish("no.kind", None), 422, "notification.unknown_choice"),
        (wish("offer.made", None, "pigeon"), 422, "notification.unknown_choice"),
        (wish("account.locked", "off"), 422, "notification.required"),
        ({**wish("offer.made", "off"), "user": 1}, 400, "unknown"),
    ],
)
def test_nonsense_is_refused_and_nothing_kept(
    as_program: AsProgram, ada: User, body: Any, status: int, code: str
) -> None:
    answer = as_program(ada).patch(PREFERENCES, body)
    assert answer.status_code == status
    assert code in str(answer.json()["errors"])
    assert not NotificationPreference.objects.exists()


def test_reading_all_choices_is_one_look(as_program: AsProgram, ada: User, now: datetime) -> None:
    program = as_program(ada)
    with count_queries() as without:
        program.get(PREFERENCES)
    choices = dict.fromkeys(
        [("offer.made", "email"), ("offer.expired", "email"), ("fault.reported", "email")],
        Timing.OFF,
    )
    choose_timings(actor=ada, user=ada, choices=choices, now=now)
    with count_queries(len(without)):
        program.get(PREFERENCES)


def test_a_schedule_changes_in_parts(as_program: AsProgram, ada: User) -> None:
    program = as_program(ada)
    assert program.get(SCHEDULE).json()["data"] == {
        "quiet_from": None, "quiet_until": None, "digest_at": "07:00", "digest_weekday": 0,
        "remind_minutes": None,
    }  # fmt: skip
    answer = program.patch(SCHEDULE, {"quiet_from": "22:00", "quiet_until": "06:30"})
    assert answer.status_code == 200
    program.patch(SCHEDULE, {"digest_weekday": 4})
    assert program.get(SCHEDULE).json()["data"] == {
        "quiet_from": "22:00", "quiet_until": "06:30", "digest_at": "07:00", "digest_weekday": 4,
        "remind_minutes": None,
    }  # fmt: skip
    refused = program.patch(SCHEDULE, {"quiet_until": None})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "notification.quiet_half"
    assert program.patch(SCHEDULE, {"digest_weekday": 7}).status_code == 400
    assert NotificationSchedule.objects.get().digest_weekday == 4


def test_one_chooses_when_to_be_reminded(as_program: AsProgram, ada: User) -> None:
    program = as_program(ada)
    assert program.patch(SCHEDULE, {"remind_minutes": 60}).status_code == 200
    program.patch(SCHEDULE, {"digest_weekday": 4})
    assert program.get(SCHEDULE).json()["data"]["remind_minutes"] == 60
    for wrong, status in ((61, 422), (10, 400), (2881, 400), ("an hour", 400)):
        assert program.patch(SCHEDULE, {"remind_minutes": wrong}).status_code == status
    [error] = program.patch(SCHEDULE, {"remind_minutes": 61}).json()["errors"]
    assert error["code"] == "notification.lead_unknown"
    assert "15, 30, 60, 120, 240, 720, 1440, 2880" in str(error)
    assert NotificationSchedule.objects.get().remind_minutes == 60
    program.patch(SCHEDULE, {"remind_minutes": None})
    assert NotificationSchedule.objects.get().remind_minutes is None


def test_resources_are_followed_muted_and_left(
    as_program: AsProgram, ada: User, ben: User, microscope: Resource
) -> None:
    program, path = as_program(ada), f"/me/watches/{microscope.public_id}"
    hidden = make_resource("Secret", is_hidden=True)
    answer = put(program, path, {"mode": "follow"})
    assert answer.json()["data"] == {
        "resource": str(microscope.public_id), "name": "Confocal 1", "mode": "follow",
    }  # fmt: skip
    put(program, path, {"mode": "mute"})
    assert [each["mode"] for each in program.get("/me/watches").json()["data"]] == ["mute"]
    assert as_program(ben).get("/me/watches").json()["data"] == []
    assert put(program, path, {"mode": "stare"}).status_code == 400
    assert put(program, f"/me/watches/{hidden.public_id}", {"mode": "mute"}).status_code == 404
    assert put(as_program(None), path, {"mode": "mute"}).status_code == 401
    assert ResourceWatch.objects.get().mode == WatchMode.MUTE
    assert delete(program, path).status_code == 204
    assert delete(program, path).status_code == 204
    assert not ResourceWatch.objects.exists()


def put(program: Program, path: str, body: Any) -> Any:
    return program.client.put(
        f"/api/v1{path}", body, content_type="application/json", headers=program.headers
    )


def delete(program: Program, path: str) -> Any:
    return program.client.delete(f"/api/v1{path}", headers=program.headers)


def test_administrators_write_words(as_program: AsProgram, dora: User) -> None:
    program = as_program(dora)
    first = program.get(WORDING).json()["data"]
    assert (first["version"], first["is_own"]) == (0, False)
    assert set(first["facts"]) == {"quota", "gives", "actor", "lab"}
    answer = put(program, WORDING, WORDS)
    assert answer.status_code == 200
    assert answer.json()["data"]["subject"] == WORDS["subject"]
    assert put(program, WORDING, {**WORDS, "text": "Other"}).status_code == 409
    refused = put(program, WORDING, {**WORDS, "text": "%(pet)s 5%", "version": 1})
    assert refused.status_code == 422
    assert {each["code"] for each in refused.json()["errors"]} == {
        "wording.percent",
        "wording.unknown_fact",
    }
    found = program.get("/wordings", {"changed": "true"}).json()["data"]
    assert [(each["kind"], each["language"]) for each in found] == [("quota.overdrawn", "en")]
    assert len(program.get("/wordings", {"language": "de"}).json()["data"]) == 50
    assert delete(program, WORDING).status_code == 400
    assert delete(program, f"{WORDING}?version=0").status_code == 409
    back = delete(program, f"{WORDING}?version=1").json()["data"]
    assert (back["version"], back["is_own"]) == (2, False)
    assert back["subject"] == first["subject"]
    for path in ("/wordings/no.kind/en", "/wordings/quota.overdrawn/xx"):
        assert program.get(path).status_code == 404
        assert put(program, path, WORDS).status_code == 404


def test_nobody_else_reads_or_writes_words(as_program: AsProgram, cast: dict[str, User]) -> None:
    for user in (*(cast[name] for name in ("ada", "ben", "chris", "eve")), None):
        program = as_program(user)
        for answer in (
            program.get("/wordings"),
            program.get(WORDING),
            put(program, WORDING, WORDS),
            delete(program, f"{WORDING}?version=0"),
        ):
            assert answer.status_code == (403 if user else 401)
    assert not Wording.objects.exists()
