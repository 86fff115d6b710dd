"""The import commands: what they print, and how they end."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import User
from booking.models import Resource

pytestmark = pytest.mark.django_db


def printed(*args: object, **options: object) -> str:
    out = StringIO()
    call_command(*args, stdout=out, **options)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Two accounts."""
    path = tmp_path / "people.csv"
    path.write_text("username,email\nada,ada@example.org\nben,ben@example.org\n")
    return path


def test_prints_what_is_new_and_what_stands(people: Path) -> None:
    first = printed("import_csv", "users", people)
    assert "new       user: line 2: ada, ada@example.org (student)" in first
    assert "user: 2 new" in first
    assert first.endswith("people.csv: written.\n")
    again = printed("import_csv", "users", people)
    assert again == "user: 2 unchanged\npeople.csv: written.\n"
    assert "unchanged user: line 3: ben" in printed("import_csv", "users", people, verbosity=2)


def test_dry_run(people: Path) -> None:
    out = printed("import_csv", "users", people, dry_run=True)
    assert out.endswith("user: 2 new\npeople.csv: not written.\n")
    assert not User.objects.exists()


def test_bad_rows_end_with_an_error(people: Path) -> None:
    with people.open("a") as file:
        file.write("bad name,bad@example.org\n")
    out = StringIO()
    with pytest.raises(CommandError, match="1 bad rows: nothing was written"):
        call_command("import_csv", "users", people, stdout=out)
    assert "bad       user: line 4: bad name" in out.getvalue()
    assert not User.objects.exists()
    assert "user: 2 new, 1 bad" in printed("import_csv", "users", people, skip_bad=True)
    assert User.objects.count() == 2


def test_nemo(tmp_path: Path) -> None:
    path = tmp_path / "lab.json"
    tool = {"model": "NEMO.tool", "fields": {"name": "Furnace", "_category": "Furnaces"}}
    area = {"model": "NEMO.area", "pk": 1, "fields": {"name": "Clean room"}}
    path.write_text(json.dumps([tool, area]))
    out = printed("import_nemo", path)
    assert "new       resource: Furnace (Furnaces)" in out
    assert "Not taken over, no counterpart yet: 1 area." in out
    assert Resource.objects.get().name == "Furnace"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_nemo", tmp_path / "none.json")
    path = tmp_path / "broken.json"
    path.write_text("{")
    with pytest.raises(CommandError, match=r"broken\.json: The file is no JSON"):
        call_command("import_nemo", path)


def test_a_database_without_tables_is_a_sentence(people: Path) -> None:
    MigrationRecorder.Migration.objects.filter(app="booking").delete()
    with pytest.raises(CommandError, match="run the command `migrate` first"):
        call_command("import_csv", "users", people)
    assert not User.objects.exists()
