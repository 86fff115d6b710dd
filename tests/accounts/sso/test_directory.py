"""Names and passwords of a directory, against an LDAP server that runs."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as lab
from django.test import Client
from social_django.models import UserSocialAuth

from accounts.models import User
from accounts.sso.directory import look_up
from audit.models import SecurityEvent
from labitory.settings.components import sso
from labitory.settings.components.sso import Directory, SignOn
from labitory.settings.env import Environment
from tests.accounts.sso.conftest import Policy
from tests.accounts.sso.test_oidc import refusals
from tests.factories.people import PASSWORD
from tests.support.directory import TestDirectory, directory_server
from tests.support.identity import new_key
from tests.support.saml import certificate_of, private_pem

pytestmark = pytest.mark.django_db
SECRET = "what-only-the-directory-knows"
PEOPLE = "ou=people,dc=example,dc=org"


def configure(directory: TestDirectory, **words: str) -> Directory:
    """The settings of this directory, read as at the start."""
    values = {
        "SSO_LDAP_URL": directory.url,
        "SSO_LDAP_START_TLS": "false",
        "SSO_LDAP_USER_DN": f"uid={{user}},{PEOPLE}",
        **words,
    }
    env = Environment(values)
    found = sso.read(env).directory
    assert env.problems == []
    assert found is not None
    return found


@pytest.fixture
def directory(settings: Any) -> Iterator[TestDirectory]:
    """A directory that knows Ada; its word on addresses is trusted."""
    with directory_server() as server:
        server.people["ada"] = (
            SECRET,
            {
                "entryUUID": ["a3f1"],
                "mail": ["ada@example.org"],
                "givenName": ["Ada"],
                "sn": ["Student"],
                "memberOf": [f"cn=microscopy,{PEOPLE}", "cn=a\\,b,dc=example,dc=org"],
            },
        )
        settings.SSO = SignOn(directory=configure(server), trusted_mail=frozenset({"ldap"}))
        settings.AUTHENTICATION_BACKENDS = [
            "accounts.backends.UserBackend",
            "accounts.backends.DirectoryBackend",
        ]
        yield server


def log_in(client: Client, name: str = "ada", password: str = SECRET) -> Any:
    """As people do, on the login page."""
    return client.post("/accounts/login", {"username": name, "password": password})


def test_the_password_of_the_directory_opens_the_account(
    client: Client, directory: TestDirectory, ada: User
) -> None:
    answer = log_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(ada.pk)
    assert client.get("/bookings").status_code == 200
    link = UserSocialAuth.objects.get()
    assert (link.provider, link.uid, link.user) == ("ldap", "a3f1", ada)
    client.post("/accounts/logout")
    # The account's own password stays.
    assert log_in(client, password=PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ada", "wrong"),
        ("nobody", SECRET),
        ("ada", ""),
        ("*", SECRET),
        ("ada,ou=people", SECRET),
        ("ada\x00", SECRET),
        ("a" * 300, SECRET),
    ],
)
def test_what_does_not_fit_opens_nothing(
    directory: TestDirectory, ada: User, name: str, password: str
) -> None:
    assert look_up(name, password) is None


def test_an_empty_password_is_not_even_asked(directory: TestDirectory) -> None:
    assert look_up("ada", "") is None
    assert directory.binds == []


def test_failures_count_as_any_others(client: Client, directory: TestDirectory, ada: User) -> None:
    answer = log_in(client, password="wrong")
    assert answer.status_code == 422
    assert SecurityEvent.objects.filter(kind="login.failed", user_id=ada.pk).count() == 1
    assert "_auth_user_id" not in client.session


def test_who_has_no_account_is_told_so(client: Client, directory: TestDirectory) -> None:
    answer = log_in(client)
    assert answer.status_code == 422
    assert "no account for you here yet" in answer.content.decode()
    assert refusals()[0][0] == "sso.no_account"


def test_an_account_is_made_where_that_is_allowed(
    client: Client, directory: TestDirectory, policy: Policy
) -> None:
    policy(accounts="create")
    assert log_in(client).status_code == 302
    user = User.objects.get(username="ada")
    assert (user.full_name, user.has_usable_password()) == ("Ada Student", False)


def test_people_can_be_searched_for(
    client: Client, directory: TestDirectory, policy: Policy, ada: User
) -> None:
    directory.people["reader"] = ("reading", {"entryUUID": ["r"]})
    policy(
        directory=configure(
            directory,
            SSO_LDAP_USER_DN="",
            SSO_LDAP_SEARCH_BASE=PEOPLE,
            SSO_LDAP_BIND_DN=f"uid=reader,{PEOPLE}",
            SSO_LDAP_BIND_PASSWORD="reading",
        )
    )
    identity = look_up("ada", SECRET)
    assert identity is not None
    assert identity.uid == "a3f1"
    assert identity.groups == frozenset({"microscopy", "a,b"})
    assert [dn.partition(",")[0] for dn, _safe in directory.binds] == ["uid=reader", "uid=ada"]
    # What a filter would read as more than a name is a name.
    assert look_up("*", SECRET) is None
    assert look_up("ada)(uid=*", SECRET) is None


# The library leaves the socket that did not open to be collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_directory_that_is_away_is_told(
    client: Client, directory: TestDirectory, policy: Policy, ada: User
) -> None:
    policy(directory=configure(directory, SSO_LDAP_URL="ldap://127.0.0.1:1"))
    answer = log_in(client)
    assert answer.status_code == 422
    assert "cannot be asked right now" in answer.content.decode()
    # Whoever has a password here still gets in.
    assert log_in(client, password=PASSWORD).status_code == 302
    # Here, or another test would be told of it.
    gc.collect()


def test_passwords_cross_the_network_encrypted(settings: Any, tmp_path: Path, ada: User) -> None:
    key = new_key()
    certificate = certificate_of(key)
    file = tmp_path / "server.pem"
    file.write_text(private_pem(key) + certificate, encoding="utf-8")
    with directory_server(file) as server:
        server.people["ada"] = (SECRET, {"entryUUID": ["a3f1"]})
        words = {"SSO_LDAP_START_TLS": "true"}
        settings.SSO = SignOn(directory=configure(server, **words, SSO_LDAP_CA=certificate))
        identity = look_up("ada", SECRET)
        assert identity is not None
        assert identity.uid == "a3f1"
        assert [safe for _dn, safe in server.binds] == [True]
        # A server that anybody could be is not told the password.
        other = certificate_of(new_key())
        settings.SSO = SignOn(directory=configure(server, **words, SSO_LDAP_CA=other))
        with pytest.raises(Exception, match="cannot be asked"):
            look_up("ada", SECRET)
        assert len(server.binds) == 1


def test_it_is_linked_on_the_account_page(
    client: Client, directory: TestDirectory, policy: Policy, ada: User, eve: User
) -> None:
    policy(trusted_mail=frozenset())
    client.post("/accounts/login", {"username": "eve", "password": PASSWORD})
    assert client.get("/accounts/logins").status_code == 200
    wrong = client.post("/accounts/logins/directory", {"name": "ada", "secret": "wrong"})
    assert wrong.status_code == 422
    assert "do not match there" in wrong.content.decode()
    answer = client.post("/accounts/logins/directory", {"name": "ada", "secret": SECRET})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/logins")
    assert UserSocialAuth.objects.get().user == eve
    assert "LDAP" in client.get("/accounts/logins").content.decode()


def test_without_a_directory_nothing_is_asked(client: Client, ada: User) -> None:
    assert lab.SSO.directory is None
    assert look_up("ada", SECRET) is None
    client.post("/accounts/login", {"username": "ada", "password": PASSWORD})
    answer = client.post("/accounts/logins/directory", {"name": "ada", "secret": SECRET})
    assert answer.status_code == 404


@pytest.mark.parametrize(("value", "uid"), [("a3f1", "a3f1"), ("\x01\x02", "0102"), ("é", "c3a9")])
def test_binary_identifiers_are_kept_by_their_digits(
    directory: TestDirectory, value: str, uid: str
) -> None:
    directory.people["ada"][1]["entryUUID"] = [value]
    identity = look_up("ada", SECRET)
    assert identity is not None
    assert identity.uid == uid


def test_who_has_no_identifier_is_nobody(directory: TestDirectory) -> None:
    del directory.people["ada"][1]["entryUUID"]
    assert look_up("ada", SECRET) is None
