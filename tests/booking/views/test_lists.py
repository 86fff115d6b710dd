"""Taking files of the organisation in and out, as managers do."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import ResearchGroup, Session, Unit, User
from audit.models import AuditLog, SecurityEvent
from booking.errors import NotAllowed
from booking.models import Resource
from booking.services.exports import all_files
from booking.services.imports import RowOutcome, import_people
from tests.accounts.services.test_sessions import log_in
from tests.accounts.views.test_step_up import age
from tests.conftest import LogIn
from tests.factories.groups import make_group
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db
IMPORT = "/manage/organisation/import"
CONFIRM = f"{IMPORT}/confirm"
FILES = "/manage/organisation/files"
PEOPLE = "username,email,first_name,role\nfay,fay@example.org,Fay,student\n"
UNITS = "code,kind,name\nsci,faculty,Science\n"


def upload(client: Client, *texts: str | bytes, names: str = "people.csv") -> Any:
    files = [
        SimpleUploadedFile(names, text.encode() if isinstance(text, str) else text)
        for text in texts
    ]
    return client.post(IMPORT, {"uploads": files})


def confirm(client: Client, page: Any, **more: str) -> Any:
    return client.post(CONFIRM, {"kept": page.context["kept"], **more})


def test_a_file_is_looked_at_then_written(as_user: LogIn, dora: User, ada: User) -> None:
    client = as_user(dora)
    page = upload(client, UNITS, PEOPLE + "ada,ada@example.org,Augusta,student\n")
    shown = page.content.decode()
    assert page.status_code == 200
    assert "line 2: fay" in shown
    assert "first_name: Ada → Augusta" in shown
    # Nothing is written by looking.
    assert User.objects.count() == 2
    assert not Unit.objects.exists()
    assert not AuditLog.objects.filter(action__in=["user.created", "import.file_imported"]).exists()
    assert confirm(client, page).status_code == 302
    made = User.objects.get(username="fay")
    assert not made.has_usable_password()
    ada.refresh_from_db()
    assert ada.first_name == "Augusta"
    for action in ("user.created", "user.changed", "unit.created", "import.file_imported"):
        assert AuditLog.objects.get(action=action).actor_id == dora.pk


def test_what_was_looked_at_here_counts_here_alone(
    as_user: LogIn, dora: User, microscope: Resource
) -> None:
    client = as_user(dora)
    kept = upload(client, UNITS, PEOPLE).context["kept"]
    path = f"/resources/{microscope.public_id}/import-calendar"
    answer = client.post(f"{path}/confirm", {"kept": kept}, follow=True)
    assert "choose the file again" in answer.content.decode()


def test_what_was_taken_out_shows_nothing_to_write(
    as_user: LogIn, dora: User, ada: User, ben: User
) -> None:
    make_group("=Optics", ben, ada)
    client = as_user(dora)
    texts = [
        client.post(f"{FILES}/{kind}").content.decode()
        for kind in ("units", "people", "groups", "projects")
    ]
    page = upload(client, *texts)
    assert page.status_code == 200
    assert page.context["changes"] == 0
    assert CONFIRM not in page.content.decode()


def test_bad_rows_are_told_by_line_and_reason(as_user: LogIn, dora: User) -> None:
    client = as_user(dora)
    page = upload(client, PEOPLE + "gil,,Gil,student\nhal,hal@example.org,Hal,king\n")
    shown = page.content.decode()
    assert page.status_code == 422
    assert "line 3: gil" in shown
    assert "email is missing." in shown
    assert "role must be one of" in shown
    assert page.context["kept"] == ""
    assert CONFIRM not in shown
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00PNG", "is not UTF-8"),
        (b"username,email\nfay\x00,fay@example.org\n", "is no text"),
        (b"colour\nred\n", "none of units"),
        (b"username\nada\n", "The header lacks: email"),
        (b"", "empty"),
        (b"username,email\n" + b"x" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_what_is_no_such_file_is_refused(
    as_user: LogIn, dora: User, content: bytes, said: str
) -> None:
    page = upload(as_user(dora), content)
    assert page.status_code == 422
    assert said in page.content.decode()


def test_there_are_no_more_than_four(as_user: LogIn, dora: User) -> None:
    assert upload(as_user(dora), *[UNITS] * 5).status_code == 422
    assert as_user(dora).post(IMPORT, {}).status_code == 422


def test_what_changed_meanwhile_is_shown_again(as_user: LogIn, dora: User) -> None:
    client = as_user(dora)
    page = upload(client, UNITS)
    Unit.objects.create(code="sci", kind="faculty", name="Sciences")
    again = confirm(client, page)
    assert again.status_code == 409
    assert "name: Sciences → Science" in again.content.decode()
    assert Unit.objects.get().name == "Sciences"
    assert confirm(client, again).status_code == 302
    assert Unit.objects.get().name == "Science"


def test_what_waits_is_for_one_person_and_cannot_be_changed(
    as_user: LogIn, dora: User, chris: User
) -> None:
    page = upload(as_user(chris), PEOPLE)
    kept = page.context["kept"]
    client = as_user(dora)
    for word in (kept, kept[:-2] + "xx", "", "x"):
        assert client.post(CONFIRM, {"kept": word})["Location"] == IMPORT
    assert not User.objects.filter(username="fay").exists()


def test_writing_and_taking_out_ask_again_who_it_is(
    as_user: LogIn, chris: User, now: datetime
) -> None:
    client = as_user(chris)
    page = upload(client, PEOPLE)
    age(client)
    for address in (CONFIRM, f"{FILES}/people", "/manage/people/export"):
        asked = client.post(address, {"kept": page.context["kept"]})
        assert "proof-password" in asked.content.decode()
    assert not User.objects.filter(username="fay").exists()
    assert not SecurityEvent.objects.filter(kind="data.exported").exists()
    assert confirm(client, page, **{"proof-password": PASSWORD}).status_code == 302
    assert User.objects.filter(username="fay").exists()


def rows(actor: User, text: str, now: datetime) -> list[tuple[RowOutcome, str]]:
    report = import_people(files=[("a.csv", text.encode())], now=now, actor=actor)
    return [(line.outcome, line.detail) for line in report.lines]


def test_a_file_does_no_more_than_its_hands(
    chris: User, dora: User, ada: User, ben: User, now: datetime
) -> None:
    head = "username,email,first_name,role,active\n"
    refused = [
        (
            f"{head}fay,fay@example.org,Fay,sysadmin,yes\n",
            "You may not make accounts of this role.",
        ),
        (f"{head}fay,fay@example.org,Fay,lab_manager,yes\n", "make accounts of this role"),
        (f"{head}dora,chris2@example.org,Dora,,yes\n", "You may not change this account."),
        (f"{head}ada,ada@example.org,Ada,lab_manager,yes\n", "You may not change"),
        (f"{head}ada,ada@example.org,Ada,student,no\n", "You may not change"),
        (UNITS, "You may not edit the organisation."),
        ("name,lead,price_class\nDark,ben,gold\n", "You may not edit the organisation."),
    ]
    before = list(User.objects.order_by("pk").values())
    for text, reason in refused:
        ((outcome, detail),) = rows(chris, text, now)
        assert (outcome, reason in detail) == (RowOutcome.BAD, True), detail
    assert list(User.objects.order_by("pk").values()) == before
    assert not AuditLog.objects.exists()
    # What a lab manager may by hand goes by file.
    assert rows(chris, f"{head}fay,fay@example.org,Fay,student,yes\n", now)[0][0] is RowOutcome.NEW
    assert rows(chris, "name,lead,members\nDark,ben,ada\n", now)[0][0] is RowOutcome.NEW
    assert ResearchGroup.objects.get().members.get().user == ada


def test_another_role_ends_the_sessions_that_began_before(
    dora: User, ada: User, now: datetime
) -> None:
    log_in(ada)
    rows(dora, "username,email,role\nada,ada@example.org,researcher\n", now)
    assert not Session.objects.filter(user=ada).exists()
    event = SecurityEvent.objects.get(kind="user.role_changed")
    assert (event.user_id, event.actor_id) == (ada.pk, dora.pk)


@pytest.mark.parametrize("name", ["ada", "ben", "eve"])
def test_others_take_nothing_in_or_out(
    cast: dict[str, User], as_user: LogIn, now: datetime, name: str
) -> None:
    client = as_user(cast[name])
    assert client.get(IMPORT).status_code == 403
    assert upload(client, PEOPLE).status_code == 403
    assert client.post(CONFIRM, {"kept": "x"}).status_code == 403
    for kind in ("units", "people", "groups", "projects"):
        assert client.post(f"{FILES}/{kind}").status_code == 403
    with pytest.raises(NotAllowed):
        import_people(files=[("a.csv", PEOPLE.encode())], now=now, actor=cast[name])
    assert not SecurityEvent.objects.filter(kind="data.exported").exists()


def test_the_page_of_the_organisation_has_the_buttons(as_user: LogIn, chris: User) -> None:
    client = as_user(chris)
    page = client.get("/manage/organisation").content.decode()
    for kind in ("units", "people", "groups", "projects"):
        assert f'action="{FILES}/{kind}"' in page
    assert f'href="{IMPORT}"' in page
    assert client.get(IMPORT).status_code == 200
    answer = client.post(f"{FILES}/groups")
    assert answer["Content-Disposition"] == 'attachment; filename="groups.csv"'
    assert client.post(f"{FILES}/secrets").status_code == 404


def test_all_of_it_or_nothing(dora: User, now: datetime) -> None:
    texts = all_files(now=now)
    bad = texts["people"] + "gil,gil@example.org,,,king,,,,yes\n"
    report = import_people(
        files=[("units.csv", UNITS.encode()), ("people.csv", bad.encode())],
        now=now + timedelta(days=1),
        actor=dora,
    )
    assert not report.is_written
    assert not Unit.objects.exists()
