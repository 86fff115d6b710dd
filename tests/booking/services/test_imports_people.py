"""Taking over units, people, groups and projects from CSV files."""

from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.enums import Role
from accounts.models import (
    GroupMember,
    PriceClass,
    Project,
    ProjectMember,
    ResearchGroup,
    Unit,
    User,
)
from audit.models import AuditLog
from booking.services.imports import BadRow, Report, RowOutcome, import_people

pytestmark = pytest.mark.django_db

UNITS = """code,kind,name,within
opt,department,Optics,phy
sci,faculty,Science,
phy,college,Physics,sci
"""
PEOPLE = """username;email;first_name;last_name;role;unit;groups
ada;ada@example.org;Ada;Byron;student;opt;Light
ben;ben@example.org;Ben;;academic;opt;
"""
GROUPS = """name,lead,unit,price_class,members,managers
Light,ben,opt,internal,,ada
"""
PROJECTS = """code,name,group,starts_on,ends_on,members
DFG-1,Quantum light,Light,2026-01-01,2027-12-31,ada
"""
ALL = {"projects": PROJECTS, "groups": GROUPS, "people": PEOPLE, "units": UNITS}


def run(now: datetime, *, dry_run: bool = False, **texts: str) -> Report:
    files = [(f"{name}.csv", text.encode()) for name, text in (texts or ALL).items()]
    return import_people(files=files, now=now, dry_run=dry_run)


def outcomes(report: Report) -> set[RowOutcome]:
    return {line.outcome for line in report.lines}


def test_all_files_in_whatever_order(now: datetime) -> None:
    report = run(now)
    assert report.is_written, report.bad
    optics = Unit.objects.get(code="opt")
    assert str(optics.parent) == "Physics"
    ada = User.objects.get(username="ada")
    assert (ada.role, ada.profile.unit) == (Role.STUDENT, optics)
    assert not ada.has_usable_password()
    group = ResearchGroup.objects.get()
    assert (group.lead.username, group.unit) == ("ben", optics)
    assert group.price_class == PriceClass.objects.get(code="internal")
    member = GroupMember.objects.get()
    assert (member.user, member.is_manager) == (ada, True)
    project = Project.objects.get()
    assert (project.group, project.ends_on) == (group, date(2027, 12, 31))
    assert ProjectMember.objects.get().user == ada
    assert AuditLog.objects.filter(action="import.file_imported").count() == 1


def test_a_second_run_changes_nothing(now: datetime) -> None:
    run(now)
    before = AuditLog.objects.count()
    report = run(now)
    assert outcomes(report) == {RowOutcome.UNCHANGED}
    assert AuditLog.objects.count() == before + 1


def test_a_dry_run_tells_and_writes_nothing(now: datetime) -> None:
    report = run(now, dry_run=True)
    assert not report.is_written
    assert outcomes(report) == {RowOutcome.NEW, RowOutcome.UNCHANGED}
    for model in (Unit, User, ResearchGroup, Project, AuditLog):
        assert not model.objects.exists()


def test_what_changed_is_told_as_a_difference(now: datetime) -> None:
    run(now)
    report = run(
        now,
        units=UNITS.replace("Optics", "Photonics"),
        people=PEOPLE.replace("Byron", "Lovelace"),
        projects=PROJECTS.replace("2027-12-31", ""),
        groups=GROUPS.replace("internal", "partner").replace("ben", "ada"),
    )
    details = {line.kind: line.detail for line in report.lines if line.detail}
    assert details["unit"] == "name: Optics → Photonics"
    assert details["person"] == "last_name: Byron → Lovelace"
    assert details["project"] == "ends_on: 2027-12-31 → –"
    assert details["group"] == "lead: Ben → Ada Lovelace, price_class: internal → partner"
    assert Project.objects.get().ends_on is None


def test_people_are_added_and_never_removed(now: datetime) -> None:
    run(now)
    run(now, groups=GROUPS.replace(",,ada", ",,"), people=PEOPLE.replace(";Light", ";"))
    assert GroupMember.objects.get().user.username == "ada"


@pytest.mark.parametrize(
    ("noun", "row", "reason"),
    [
        ("units", "bio,department,Biology,sci", "A department lies in a college"),
        ("units", "bio,faculty,Biology,sci", "lies in no other unit"),
        ("units", "bio,college,Biology,gone", "There is no unit gone"),
        ("units", "bio,club,Biology,", "kind must be one of"),
        ("units", "opt,department,Again,phy", "The same as line 2"),
        ("units", ",college,Biology,sci", "code is missing"),
        ("people", "fay;;F;;;;", "email is missing"),
        ("people", "fay;ada@example.org;F;;;;", "belongs to ada"),
        ("people", "fay;fay@example.org;F;;king;;", "role must be one of"),
        ("people", "fay;fay@example.org;F;;;gone;", "There is no unit gone"),
        ("people", "fay;fay@example.org;F;;;;Gone", "There is no group Gone"),
        ("people", "fay young;fay@example.org;F;;;;", "username"),
        ("groups", "Dark,nobody,,,,", "There is no user nobody"),
        ("groups", "Dark,ada,,,nobody,", "There is no user nobody"),
        ("groups", "Dark,ada,,a b,,", "code"),
        ("projects", "X,Dark,Gone,2026-01-01,,", "There is no group Gone"),
        ("projects", "X,Dark,Light,,,", "starts_on is missing"),
        ("projects", "X,Dark,Light,2026-02-30,,", "starts_on is no day"),
        ("projects", "X,Dark,Light,2026-02-01,2026-01-01,", "It ends before it begins"),
        ("projects", "X,Quantum light,Light,2026-02-01,,", "project_name_unique"),
    ],
)
def test_a_bad_row_is_named_and_refuses_everything(
    now: datetime, noun: str, row: str, reason: str
) -> None:
    texts = {**ALL, noun: f"{ALL[noun]}{row}\n"}
    files = [(f"{name}.csv", text.encode()) for name, text in texts.items()]
    report = import_people(files=files, now=now)
    assert not report.is_written
    assert [reason in line.detail for line in report.bad] == [True], report.bad
    assert "line " in report.bad[0].name
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("colour,shape\nred,round\n", "none of units"),
        ("username\nada\n", "The header lacks: email"),
        ("username,email,shoes\nada,a@b.org,42\n", "unknown or double columns: shoes"),
        ("username,email\nad\xff", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read(now: datetime, text: str, reason: str) -> None:
    with pytest.raises(BadRow, match=reason):
        import_people(files=[("people.csv", text.encode("latin-1"))], now=now)


def test_the_command(tmp_path: Path) -> None:
    paths = []
    for name, text in ALL.items():
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text(text)
    out = StringIO()
    call_command("import_people", *paths, dry_run=True, stdout=out)
    assert "new       project: line 2: DFG-1" in out.getvalue()
    assert out.getvalue().endswith("units.csv: not written.\n")
    assert not User.objects.exists()
    call_command("import_people", *paths, stdout=out)
    assert User.objects.count() == 2
    paths[0].write_text(PROJECTS + "X,Dark,Gone,2026-01-01,,\n")
    with pytest.raises(CommandError, match="1 bad rows: nothing was written"):
        call_command("import_people", *paths, stdout=out)
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_people", tmp_path / "gone.csv", stdout=out)
