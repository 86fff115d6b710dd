"""Lists that are taken out: exactly what the import reads, without formulas, with a trace."""

import csv
import io
import stat
from datetime import date, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.enums import Role, UnitKind
from accounts.models import (
    GroupMember,
    PriceClass,
    Project,
    ProjectMember,
    ResearchGroup,
    Unit,
    User,
    UserProfile,
)
from accounts.queries.people import PeopleFilters
from audit.models import AuditLog, DataAccess, SecurityEvent
from booking.errors import NotAllowed
from booking.services.exports import all_files, list_csv, people_csv
from booking.services.imports import Report, RowOutcome, import_people
from booking.services.imports.organisation_files import ORGANISATION_COLUMNS
from labitory.lib.cells import read_cell, read_names, write_cell, write_names
from tests.factories.roles import give, make_role

pytestmark = pytest.mark.django_db
NASTY = [
    '=HYPERLINK("x")',
    "+1",
    "-2",
    "@sum",
    "'=quoted",
    "''-two",
    'a "b", c',
    "Öz;ü\\;",
    "end\\",
    "'t Hooft",
]


@pytest.fixture
def lab(cast: dict[str, User], now: datetime) -> dict[str, User]:
    """An organisation in which every column is used, and names that try everything."""
    faculty = Unit.objects.create(code="sci", kind=UnitKind.FACULTY, name="=Science")
    college = Unit.objects.create(code="phy", kind=UnitKind.COLLEGE, name="Physics", parent=faculty)
    unit = Unit.objects.create(
        code="-opt", kind=UnitKind.DEPARTMENT, name="Optics, old", parent=college, is_active=False
    )
    price = PriceClass.objects.create(code="-internal", name="Internal")
    for number, (user, word) in enumerate(zip(cast.values(), NASTY, strict=False)):
        User.objects.filter(pk=user.pk).update(first_name=word, last_name=NASTY[-1 - number])
        UserProfile.objects.filter(user=user).update(affiliation=word, unit=unit)
    User.objects.filter(username="eve").update(is_active=False, username="-eve")
    for word in NASTY:
        group = ResearchGroup.objects.create(name=word, lead=cast["ben"], unit=unit)
        GroupMember.objects.create(group=group, user=cast["ada"], joined_at=now)
        GroupMember.objects.create(group=group, user=cast["eve"], is_manager=True, joined_at=now)
    group.price_class, group.is_active = price, False
    group.save()
    for word, ends in zip(NASTY, [None, date(2027, 1, 1)] * 5, strict=False):
        project = Project.objects.create(
            code=word, name=f"{word}!", group=group, starts_on=date(2026, 1, 1), ends_on=ends
        )
        ProjectMember.objects.create(project=project, user=cast["eve"], added_at=now)
    return cast


def take_in(texts: dict[str, str], now: datetime, *, dry_run: bool = True) -> Report:
    files = [(f"{kind}.csv", text.encode()) for kind, text in texts.items()]
    return import_people(files=files, now=now, dry_run=dry_run)


def test_what_is_taken_out_changes_nothing_when_taken_in(
    lab: dict[str, User], now: datetime
) -> None:
    texts = all_files(now=now)
    report = take_in(texts, now)
    wrong = [line for line in report.lines if line.outcome is not RowOutcome.UNCHANGED]
    assert wrong == []
    counts = {kind: sum(found.values()) for kind, found in report.counts().items()}
    assert counts == {"unit": 3, "person": 5, "group": 10, "project": 10, "membership": 2}


def test_an_empty_lab_takes_it_in_and_gives_it_out_alike(
    lab: dict[str, User], now: datetime
) -> None:
    # Nobody joins a closed group, or with a closed account, not even by a file.
    ResearchGroup.objects.update(is_active=True)
    User.objects.update(is_active=True)
    texts = all_files(now=now)
    for model in (ProjectMember, Project, GroupMember, ResearchGroup):
        model.objects.all().delete()
    report = take_in(texts, now, dry_run=False)
    assert report.bad == ()
    assert report.is_written
    assert all_files(now=now) == texts


def test_no_cell_is_a_formula(lab: dict[str, User], now: datetime) -> None:
    for kind, text in all_files(now=now).items():
        header, *rows = csv.reader(io.StringIO(text))
        _telling, (must, may) = ORGANISATION_COLUMNS[kind]
        assert tuple(header) == (*must, *may)
        assert rows
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("value", [*NASTY, "", "'", "\t=1", "plain"])
def test_a_defused_cell_reads_as_it_was(value: str) -> None:
    assert read_cell(write_cell(value)) == value
    names = [value.strip() or "none", "other"]
    assert read_names(write_names(names)) == tuple(names)


def test_each_list_leaves_a_trace(lab: dict[str, User], now: datetime) -> None:
    chris = User.objects.get(username="chris")
    people_csv(actor=chris, filters=PeopleFilters(), now=now)
    list_csv(actor=chris, kind="groups", now=now)
    told = SecurityEvent.objects.filter(kind="data.exported").order_by("pk")
    assert [(each.actor_id, each.facts) for each in told] == [
        (chris.pk, {"what": "people", "rows": 4}),
        (chris.pk, {"what": "groups", "rows": 10}),
    ]
    actions = AuditLog.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["people.exported", "list.exported"]
    # One's own row is nobody's business.
    assert DataAccess.objects.filter(what="person.file", viewer_id=chris.pk).count() == 3


def test_who_may_not_see_addresses_gets_them_masked(lab: dict[str, User], now: datetime) -> None:
    ada = User.objects.get(username="ada")
    give(ada, make_role("groups", "group.manage"))
    text = people_csv(actor=ada, filters=PeopleFilters(active=None), now=now)
    assert "ada@example.org" not in text
    assert "a…@e….org" in text
    assert not DataAccess.objects.exists()
    # A masked file can never be taken in: it would put the masks into the accounts.
    report = take_in({"people": text}, now, dry_run=False)
    assert not report.is_written
    assert {line.outcome for line in report.lines if line.kind == "person"} == {RowOutcome.BAD}


@pytest.mark.parametrize("name", ["ada", "ben"])
def test_others_take_nothing_out(cast: dict[str, User], now: datetime, name: str) -> None:
    with pytest.raises(NotAllowed):
        people_csv(actor=cast[name], filters=PeopleFilters(), now=now)
    for kind in ("units", "groups", "projects"):
        with pytest.raises(NotAllowed):
            list_csv(actor=cast[name], kind=kind, now=now)
    assert not SecurityEvent.objects.exists()
    assert not AuditLog.objects.exists()


def test_the_command_writes_files_for_its_user_alone(
    lab: dict[str, User], now: datetime, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    call_command("export_people", folder, verbosity=0)
    paths = sorted(folder.iterdir())
    assert [path.name for path in paths] == [
        "groups.csv",
        "people.csv",
        "projects.csv",
        "units.csv",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    call_command("import_people", *paths, dry_run=True, verbosity=0)
    assert SecurityEvent.objects.filter(kind="data.exported", actor_id=None).count() == 4
    with pytest.raises(CommandError, match=r"has units\.csv, people\.csv"):
        call_command("export_people", folder)
    with pytest.raises(CommandError, match=r"Not a directory|File exists"):
        call_command("export_people", paths[0])


def test_the_role_of_a_system_administrator_is_unchanged(dora: User, now: datetime) -> None:
    text = all_files(now=now)["people"]
    assert Role.SYSADMIN.value in text
    assert {line.outcome for line in take_in({"people": text}, now).lines} == {RowOutcome.UNCHANGED}
