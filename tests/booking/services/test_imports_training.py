"""Taking over past training records."""

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from audit.models import AuditLog
from booking.models import Course, OutboxEvent, Qualification
from booking.services.imports import BadRow, Report, RowOutcome, import_training
from tests.factories.training import make_course, make_qualification

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def course(ada: User, eve: User) -> Course:
    """A course that is valid for a year, and two people who may have passed it."""
    return make_course(valid_days=365)


def take(text: str, now: datetime, **switches: bool) -> Report:
    return import_training(content=text.encode(), source="past.csv", now=now, **switches)


def details(report: Report) -> list[str]:
    return [line.detail for line in report.lines if line.outcome is RowOutcome.BAD]


def test_records_become_certificates(ada: User, eve: User, now: datetime) -> None:
    text = (
        "username,course,passed_on,expires_on,used_on,score,certificate,note\n"
        "ada,laser SAFETY,2025-06-01,,2026-01-10,88,OLD-7,By Dora\n"
        "eve,Laser safety,2024-01-01,2024-06-30,,,,\n"
    )
    report = take(text, now)
    assert report.is_written
    first, second = Qualification.objects.order_by("-passed_on")
    assert (first.user, first.certificate, first.score, first.note) == (ada, "OLD-7", 88, "By Dora")
    assert first.expires_on == date(2026, 6, 1)
    assert first.used_at == datetime(2026, 1, 10, 12, tzinfo=UTC)
    # What has expired since is past all the same.
    assert (second.user, second.certificate) == (eve, "2024-00001")
    assert second.expires_on == date(2024, 6, 30)
    assert AuditLog.objects.filter(action="training.passed").count() == 2
    assert not OutboxEvent.objects.exists()
    again = take(text, now)
    assert {line.outcome for line in again.lines} == {RowOutcome.UNCHANGED}
    assert Qualification.objects.count() == 2


def test_a_dry_run_writes_nothing(now: datetime) -> None:
    report = take("username,course,passed_on\nada,Laser safety,2025-06-01\n", now, dry_run=True)
    assert not report.is_written
    assert [line.outcome for line in report.lines] == [RowOutcome.NEW]
    assert not Qualification.objects.exists()
    assert not AuditLog.objects.exists()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("nobody,Laser safety,2025-06-01,,,,,", "There is no user nobody"),
        ("ada,Laser,2025-06-01,,,,,", "There is no course Laser"),
        ("ada,Laser safety,,,,,,", "passed_on is missing"),
        ("ada,Laser safety,soon,,,,,", "Write it as 2026-03-31"),
        ("ada,Laser safety,0001-01-01,,,,,", "Write it as 2026-03-31"),
        ("ada,Laser safety,2026-03-03,,,,,", "in the future"),
        ("ada,Laser safety,2025-06-01,,2026-03-03,,,", "in the future"),
        ("ada,Laser safety,2025-06-01,2025-05-31,,,,", "expires before"),
        ("ada,Laser safety,2025-06-01,,,101,,", "between 0 and 100"),
        ("ada,Laser safety,2025-06-01,,,many,,", "must be a whole number"),
        ("ada,Laser safety,2025-06-01,,,,T-1,", "belongs to eve"),
        (f"ada,Laser safety,2025-06-01,,,,{'x' * 31},", "longer than 30"),
        ("ada,Laser safety,2025-06-01,,,,,,more", "more cells than the header"),
        ("eve,LASER safety,2024-06-01,,,,,", "The same as line 2"),
    ],
)
def test_a_bad_row_refuses_the_file(
    eve: User, course: Course, now: datetime, row: str, said: str
) -> None:
    make_qualification(eve, course, certificate="T-1")
    head = "username,course,passed_on,expires_on,used_on,score,certificate,note\n"
    text = f"{head}eve,Laser safety,2024-06-01,,,,,\n{row}\n"
    report = take(text, now)
    assert not report.is_written
    assert said in details(report)[0]
    assert Qualification.objects.count() == 1
    assert take(text, now, skip_bad=True).is_written
    assert Qualification.objects.count() == 2


@pytest.mark.parametrize("text", ["username,course\n", "a,b,c\n", "\xff"])
def test_what_is_no_such_file(now: datetime, text: str) -> None:
    with pytest.raises(BadRow):
        import_training(content=text.encode("latin-1"), source="x", now=now)


def test_the_command(tmp_path: Path) -> None:
    path = tmp_path / "past.csv"
    path.write_text("username,course,passed_on\nada,Laser safety,2025-06-01\n")
    out = StringIO()
    call_command("import_training", path, dry_run=True, stdout=out)
    assert "pass: 1 new\npast.csv: not written.\n" in out.getvalue()
    call_command("import_training", path, stdout=out)
    assert Qualification.objects.get().certificate == "2025-00001"
    path.write_text("username,course,passed_on\nada,Nothing,2025-06-01\n")
    with pytest.raises(CommandError, match="1 bad rows"):
        call_command("import_training", path, stdout=out)
