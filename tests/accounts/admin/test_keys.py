"""Sessions, guards and passwords in the administration: no secret is shown, services act."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import PasswordRecord, Session, User
from accounts.services.passwords import change_password
from audit.models import AuditLog
from labitory.lib.clock import now as moment
from tests.accounts.services.test_sessions import is_in, log_in
from tests.factories.people import PASSWORD

NEW = "another-horse-battery"


def page(user: User) -> str:
    return f"/admin/accounts/user/{user.pk}/password/"


@pytest.fixture
def admin(dora: User) -> Client:
    return log_in(dora)


def test_a_session_is_shown_without_its_key(admin: Client, ada: User) -> None:
    log_in(ada)
    row = Session.objects.get(user=ada)
    where = f"/admin/accounts/session/{row.public_id}/change/"
    assert where in admin.get("/admin/accounts/session/").content.decode()
    for path in ("/admin/accounts/session/", where):
        text = admin.get(path).content.decode()
        assert "Ada" in text
        assert row.session_data not in text
        assert row.session_key not in text


def test_a_key_leads_to_no_session(admin: Client, ada: User) -> None:
    log_in(ada)
    row = Session.objects.get(user=ada)
    answer = admin.get(f"/admin/accounts/session/{row.pk}/change/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert admin.get(f"/admin/accounts/session/{row.public_id}/history/").status_code == 404


def test_an_earlier_password_is_not_shown(admin: Client, ada: User) -> None:
    change_password(user=ada, password=NEW, now=moment())
    row = PasswordRecord.objects.get()
    text = admin.get(f"/admin/accounts/passwordrecord/{row.pk}/change/").content.decode()
    assert row.password not in text


def test_a_sysadmin_sets_a_password_by_the_service(admin: Client, ada: User) -> None:
    client = log_in(ada)
    assert admin.get(page(ada)).status_code == 200
    weak = {"password1": "ada", "password2": "ada"}
    assert "too short" in admin.post(page(ada), weak).content.decode()
    assert is_in(client)
    answer = admin.post(page(ada), {"password1": NEW, "password2": NEW})
    assert answer.status_code == 302
    assert User.objects.get(pk=ada.pk).check_password(NEW)
    assert not is_in(client)
    assert AuditLog.objects.filter(action="user.password_set").count() == 1


def test_ones_own_password_is_changed_elsewhere(admin: Client, dora: User) -> None:
    answer = admin.post(page(dora), {"password1": NEW, "password2": NEW})
    assert "may not set" in answer.content.decode()
    assert User.objects.get(pk=dora.pk).check_password(PASSWORD)


def test_the_action_lets_people_in(admin: Client, ada: User) -> None:
    for _time in range(5):
        Client().post("/accounts/login", {"username": "ada", "password": "x"})
    data: dict[str, Any] = {"action": "unlock", "_selected_action": [ada.pk]}
    assert admin.post("/admin/accounts/user/", data).status_code == 302
    assert is_in(log_in(ada))
