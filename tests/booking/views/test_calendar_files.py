"""The page on which calendar files are taken over, and the command."""

import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from booking.models import Booking, Closure, ImportedEvent, Resource
from booking.services.imports import calendar_files as reading
from booking.views import calendar_files
from tests.conftest import LogIn
from tests.factories.bookings import make_booking
from tests.factories.calendars import calendar_file, entry
from tests.factories.roles import give, make_role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
NINE = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)


def path(resource: Resource) -> str:
    return f"/resources/{resource.public_id}/import-calendar"


def send(client: Client, resource: Resource, *entries: str, **fields: Any) -> Any:
    upload = SimpleUploadedFile("lab.ics", fields.pop("content", calendar_file(*entries)))
    wish = {"upload": upload, "becomes": "bookings", "user": "ada", **fields}
    return client.post(path(resource), wish)


def kept(answer: Any) -> str:
    found = re.search(r'name="kept"\s+value="([^"]+)"', answer.content.decode())
    assert found
    return found[1]


def test_only_who_looks_after_it_takes_files_over(
    as_user: LogIn, cast: dict[str, User], client: Client, microscope: Resource
) -> None:
    assert "/accounts/login" in client.get(path(microscope))["Location"]
    for name, user in cast.items():
        expected = 200 if name in {"chris", "dora"} else 403
        logged_in = as_user(user)
        assert logged_in.get(path(microscope)).status_code == expected
        assert send(logged_in, microscope, entry()).status_code == expected
        if expected == 403:
            assert logged_in.post(f"{path(microscope)}/confirm").status_code == 403
        page = logged_in.get(f"/resources/{microscope.public_id}").content.decode()
        assert ("import-calendar" in page) == (expected == 200)
    assert not Booking.objects.exists()


def test_who_only_closes_is_offered_closures_alone(
    as_user: LogIn, eve: User, ada: User, microscope: Resource
) -> None:
    give(eve, make_role("closes", "calendar.manage"))
    client = as_user(eve)
    page = client.get(path(microscope)).content.decode()
    assert 'value="closures"' in page
    assert 'value="bookings"' not in page
    assert 'name="override"' not in page
    assert send(client, microscope, entry()).status_code == 422
    answer = send(client, microscope, entry(), becomes="closures")
    client.post(f"{path(microscope)}/confirm", {"kept": kept(answer)})
    assert Closure.objects.count() == 1


def test_what_was_shown_is_written_when_it_is_confirmed(
    as_user: LogIn, chris: User, ada: User, microscope: Resource
) -> None:
    client = as_user(chris)
    answer = send(client, microscope, entry(RRULE="FREQ=WEEKLY;COUNT=3", SUMMARY="<b>Cells</b>"))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "3 entries would be written" in page
    assert "&lt;b&gt;Cells&lt;/b&gt;" in page
    assert not Booking.objects.exists()
    answer = client.post(f"{path(microscope)}/confirm", {"kept": kept(answer)}, follow=True)
    assert "3 entries are taken over" in answer.content.decode()
    assert Booking.objects.filter(user=ada).count() == 3
    again = send(client, microscope, entry(RRULE="FREQ=WEEKLY;COUNT=3", SUMMARY="<b>Cells</b>"))
    assert "3 are as they stand here" in again.content.decode()
    assert 'name="kept"' not in again.content.decode()


def test_a_lab_that_changed_since_is_shown_anew(
    as_user: LogIn, chris: User, ada: User, ben: User, microscope: Resource
) -> None:
    client = as_user(chris)
    answer = send(client, microscope, entry(), entry("b", "20260310T090000"), takes_part="on")
    first = ImportedEvent.objects.count()
    from_file = kept(answer)
    taken = Booking.objects.count()
    make_booking(ben, microscope, NINE)
    answer = client.post(f"{path(microscope)}/confirm", {"kept": from_file})
    assert answer.status_code == 409
    assert "Taken already" in answer.content.decode()
    assert (ImportedEvent.objects.count(), Booking.objects.count()) == (first, taken + 1)
    client.post(f"{path(microscope)}/confirm", {"kept": kept(answer)})
    assert Booking.objects.filter(user=ada).count() == 1


def test_a_refused_entry_stops_the_file_and_says_why(
    as_user: LogIn, chris: User, ada: User, ben: User, microscope: Resource
) -> None:
    make_booking(ben, microscope, NINE)
    answer = send(as_user(chris), microscope, entry(), entry("x", RRULE="FREQ=SECONDLY"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'name="kept"' not in page
    assert "Taken already" in page
    assert "FREQ=SECONDLY" in page
    answer = send(as_user(chris), microscope, entry(), takes_part="on")
    assert "Nothing of this can be taken over" in answer.content.decode()
    assert 'name="kept"' not in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"content": b"hello"}, "no calendar file"),
        ({"content": b"\xff\xfe\x00"}, "no calendar file"),
        ({"content": b"BEGIN:VCALENDAR\r\n" + b"x" * 1_000_000}, "larger than 1 MB"),
        ({"user": "nobody"}, "Nobody is known"),
        ({"user": ""}, "whose bookings"),
        ({"becomes": "holes"}, "Select a valid choice"),
    ],
)
def test_files_and_wishes_that_are_none_are_refused(
    as_user: LogIn, chris: User, ada: User, microscope: Resource, fields: Any, why: str
) -> None:
    answer = send(as_user(chris), microscope, entry(), **fields)
    assert answer.status_code == 422
    assert why in answer.content.decode()


def test_a_long_file_is_gone_through_in_portions(
    as_user: LogIn,
    chris: User,
    ada: User,
    ben: User,
    microscope: Resource,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calendar_files, "AT_ONCE", 2)
    days = [entry(f"{n}", f"202603{9 + n:02}T090000") for n in range(5)]
    client = as_user(chris)
    # What cannot be read is told once, with the first portion.
    answer = send(client, microscope, *days, entry("x", RRULE="FREQ=SECONDLY"), takes_part="on")
    page = answer.content.decode()
    assert "2 entries would be written" in page
    assert "3 entries come after it" in page
    assert "FREQ=SECONDLY" in page
    answer = client.post(f"{path(microscope)}/confirm", {"kept": kept(answer)})
    page = answer.content.decode()
    assert "2 entries are taken over" in page
    assert "1 entry comes after it" in page
    assert "FREQ=SECONDLY" not in page
    answer = client.post(f"{path(microscope)}/confirm", {"kept": kept(answer)})
    assert "This is the last portion" in answer.content.decode()
    answer = client.post(f"{path(microscope)}/confirm", {"kept": kept(answer)})
    assert answer["Location"] == f"/resources/{microscope.public_id}"
    assert Booking.objects.filter(user=ada).count() == 5
    # The same file again: nothing is new, and one goes on from portion to portion.
    answer = send(client, microscope, *days)
    assert "On to the next portion" in answer.content.decode()
    answer = client.post(f"{path(microscope)}/confirm", {"kept": kept(answer)})
    assert "0 entries are taken over" not in answer.content.decode()
    assert "2 are as they stand here" in answer.content.decode()


def test_the_page_and_the_command_take_equally_much(
    as_user: LogIn,
    chris: User,
    ada: User,
    microscope: Resource,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "MOST_ENTRIES", 3)
    content = calendar_file(*(entry(f"{n}") for n in range(4)))
    told = "more than 3 entries within a year, series counted out. Save it in parts"
    answer = send(as_user(chris), microscope, content=content)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    file = tmp_path / "lab.ics"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=told):
        call_command("import_calendar", str(file), "--resource", microscope.code, "--as", "chris")


def test_nobody_confirms_what_another_looked_at_or_on_another_instrument(
    as_user: LogIn,
    chris: User,
    dora: User,
    ada: User,
    microscope: Resource,
    second_microscope: Resource,
) -> None:
    looked = {"kept": kept(send(as_user(chris), microscope, entry()))}
    assert as_user(chris).post(f"{path(second_microscope)}/confirm", looked).status_code == 404
    for forged in (looked, {"kept": "x"}, {}):
        answer = as_user(dora).post(f"{path(microscope)}/confirm", forged)
        assert answer["Location"] == path(microscope)
    assert not Booking.objects.exists()


def test_the_command_does_the_same(
    chris: User, ada: User, microscope: Resource, tmp_path: Path
) -> None:
    file = tmp_path / "lab.ics"
    file.write_bytes(calendar_file(entry(), entry("b", "20260309T093000")))
    out = StringIO()

    def run(*words: str) -> str:
        call_command(
            "import_calendar", str(file), "--resource", microscope.code, *words, stdout=out
        )
        return out.getvalue()

    with pytest.raises(CommandError, match="1 bad rows"):
        run("--as", "chris", "--for", "ada", "--dry-run")
    run("--as", "chris", "--for", "ada", "--skip-bad", "--dry-run")
    assert not Booking.objects.exists()
    run("--as", "chris", "--for", "ada", "--skip-bad")
    assert Booking.objects.filter(user=ada, created_by=chris).count() == 1
    for words in (["--as", "nobody"], ["--as", "ada"], ["--as", "chris", "--for", "nobody"]):
        with pytest.raises(CommandError):
            run(*words)
    with pytest.raises(CommandError, match="no resource"):
        call_command("import_calendar", str(file), "--resource", "x", "--as", "chris")
    assert not Closure.objects.exists()
