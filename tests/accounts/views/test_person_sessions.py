"""The sessions of somebody else: seen and ended by those who may, and told to their owner."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.test import Client

from accounts.enums import Role, ScopeKind
from accounts.errors import AccountRefused
from accounts.models import RoleDefinition, RoleGrant, Session, User
from accounts.services.person_sessions import end_session_of, end_sessions_of
from audit.models import AuditLog, DataAccess, SecurityEvent
from booking.models import Message, OutboxEvent
from booking.notifications.channels.email import build_mail
from booking.services.notifications import tell_account
from labitory.lib.clock import now as moment
from tests.accounts.services.test_sessions import is_in, log_in
from tests.accounts.views.test_step_up import age
from tests.conftest import LogIn
from tests.factories.people import PASSWORD
from tests.support.queries import count_queries

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def page_of(user: User) -> str:
    return f"/manage/people/{user.public_id}/sessions"


def end(client: Client, user: User, session: str = "", reason: str = "Stolen notebook") -> int:
    """Post the form, with the password that is asked for."""
    form = {"session": session, "reason": reason, "proof-password": PASSWORD}
    return client.post(page_of(user), form).status_code


def test_a_manager_sees_device_place_and_last_use(as_user: LogIn, chris: User, ada: User) -> None:
    log_in(ada, User_Agent=FIREFOX)
    log_in(ada, User_Agent="curl/8.0")
    page = as_user(chris).get(page_of(ada)).content.decode()
    assert "Firefox" in page
    assert "127.0.0.1" in page
    assert page.count('name="session"') == 3
    # Neither the keys nor the manager's own session are there.
    assert not any(row.session_key in page for row in Session.objects.all())
    own = Session.objects.get(user=chris)
    assert str(own.public_id) not in page
    assert DataAccess.objects.get().what == "person.sessions"


def test_more_sessions_cost_no_more_queries(as_user: LogIn, chris: User, ada: User) -> None:
    client = as_user(chris)
    log_in(ada)
    client.get(page_of(ada))
    for more in (0, 3):
        for _session in range(more):
            log_in(ada)
        # The manager, the person, the look at them that is kept, the sessions, the navigation.
        with count_queries(5):
            client.get(page_of(ada))


def test_one_is_ended_and_its_owner_told(as_user: LogIn, chris: User, ada: User) -> None:
    thief, own = log_in(ada, User_Agent=FIREFOX), log_in(ada)
    row = Session.objects.get(session_key=thief.session.session_key)
    assert end(as_user(chris), ada, str(row.public_id)) == 302
    assert not is_in(thief)
    assert is_in(own)
    log = AuditLog.objects.get(action="user.session_ended_for")
    assert (log.actor_id, log.object_id, log.reason) == (chris.pk, str(ada.pk), "Stolen notebook")
    event = SecurityEvent.objects.filter(kind="session.ended").latest("at")
    assert (event.user_id, event.actor_id, event.facts["why"]) == (ada.pk, chris.pk, "manager")
    told = OutboxEvent.objects.get(kind="account.sessions_ended")
    tell_account(event=told, now=moment())
    mail = Message.objects.get(event=told)
    assert mail.user == ada
    text = str(build_mail(mail).body)
    assert chris.full_name in text
    assert "Stolen notebook" in text
    assert "/accounts/sessions" in text


def test_all_are_ended(as_user: LogIn, chris: User, ada: User, ben: User) -> None:
    ended, others = [log_in(ada), log_in(ada)], log_in(ben)
    client = as_user(chris)
    assert end(client, ada) == 302
    assert [is_in(each) for each in ended] == [False, False]
    assert is_in(others)
    assert client.get(page_of(ada)).status_code == 200
    assert AuditLog.objects.get(action="user.sessions_ended_for").facts["count"] == 2
    # Nothing is left to end: it says so, and nobody is told again.
    assert end(client, ada) == 422
    assert OutboxEvent.objects.filter(kind="account.sessions_ended").count() == 1


def test_ending_asks_again_who_it_is(as_user: LogIn, chris: User, ada: User) -> None:
    theirs = log_in(ada)
    client = as_user(chris)
    age(client)
    asked = client.post(page_of(ada), {"session": "", "reason": "Stolen"})
    assert "proof-password" in asked.content.decode()
    assert is_in(theirs)
    assert end(client, ada, reason="Stolen") == 302
    assert not is_in(theirs)


@pytest.mark.parametrize("form", [{"reason": ""}, {"reason": "x", "session": "no-uuid"}])
def test_what_is_not_complete_ends_nothing(
    as_user: LogIn, chris: User, ada: User, form: dict[str, str]
) -> None:
    theirs = log_in(ada)
    answer = as_user(chris).post(page_of(ada), {**form, "proof-password": PASSWORD})
    assert answer.status_code == 422
    assert is_in(theirs)


def test_the_session_of_somebody_else_is_not_ended_by_its_id(
    as_user: LogIn, chris: User, ada: User, dora: User
) -> None:
    sysadmin = log_in(dora)
    row = Session.objects.get(session_key=sysadmin.session.session_key)
    client = as_user(chris)
    for session in (str(row.public_id), str(uuid4())):
        assert end(client, ada, session) == 422
    assert is_in(sysadmin)


@pytest.mark.parametrize("name", ["ada", "ben", "eve"])
def test_who_may_not_sees_nothing(cast: dict[str, User], as_user: LogIn, name: str) -> None:
    other = cast["eve" if name == "ada" else "ada"]
    client = as_user(cast[name])
    assert client.get(page_of(other)).status_code == 403
    assert end(client, other) == 403
    assert not OutboxEvent.objects.exists()


def test_nobody_of_more_rights_and_not_oneself(
    as_user: LogIn, chris: User, dora: User, ada: User
) -> None:
    theirs = log_in(dora)
    client = as_user(chris)
    for user in (dora, chris):
        assert client.get(page_of(user)).status_code == 403
        assert end(client, user) == 403
    assert is_in(theirs)
    detail = client.get(f"/manage/people/{dora.public_id}").content.decode()
    assert page_of(dora) not in detail
    assert page_of(ada) in client.get(f"/manage/people/{ada.public_id}").content.decode()


def test_the_page_of_a_person_leads_to_what_may_be_done_for_their_account(
    as_user: LogIn, chris: User, dora: User, ada: User
) -> None:
    detail = f"/manage/people/{ada.public_id}"
    shown = as_user(chris).get(detail).content.decode()
    assert "/manage/roles?user=ada" in shown
    assert "/accounts/security/resets" not in shown
    client = as_user(dora)
    shown = client.get(detail).content.decode()
    for address in ("/accounts/locks", "/accounts/security/resets?person=ada"):
        assert f'href="{address}"' in shown
        assert client.get(address).status_code == 200
    page = client.get("/accounts/security/resets?person=ada").content.decode()
    assert 'value="ada"' in page


def test_rights_given_by_a_role_count_as_well(chris: User, ada: User, now: datetime) -> None:
    log_in(ada)
    role = RoleDefinition.objects.create(
        code="watch", name="Watch", permissions=["security.manage"]
    )
    RoleGrant.objects.create(
        user=ada, role=role, scope_kind=ScopeKind.EVERYWHERE, granted_at=moment()
    )
    row = Session.objects.get()
    with pytest.raises(AccountRefused):
        end_session_of(actor=chris, user=ada, public_id=row.public_id, reason="x", now=now)
    with pytest.raises(AccountRefused):
        end_sessions_of(actor=chris, user=ada, reason="x", now=now)
    assert Session.objects.filter(pk=row.pk).exists()
    assert not AuditLog.objects.filter(action__startswith="user.session").exists()
    assert not OutboxEvent.objects.exists()


def test_visitors_log_in_first(client: Client, ada: User) -> None:
    answer = client.get(page_of(ada))
    assert (answer.status_code, "/accounts/login" in answer["Location"]) == (302, True)
    assert Role(ada.role) == Role.STUDENT
