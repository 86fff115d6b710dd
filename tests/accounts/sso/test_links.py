"""One's logins elsewhere, on the page of the account and in the administration."""

from typing import Any

import pytest
from django.test import Client
from social_django.models import UserSocialAuth

from accounts.models import User
from audit.models import AuditLog
from tests.accounts.sso.conftest import Policy, Traveller
from tests.accounts.sso.test_oidc import refusals
from tests.factories.people import PASSWORD
from tests.support.identity import OidcProvider
from tests.support.queries import count_queries

pytestmark = pytest.mark.django_db
LINKS = "/accounts/logins"
BEGIN = "/accounts/logins/with/oidc"


@pytest.fixture
def eves(traveller: Traveller, oidc: OidcProvider, eve: User) -> Traveller:
    """Eve's browser, logged in by her password just now."""
    traveller.client.post("/accounts/login", {"username": "eve", "password": PASSWORD})
    return traveller


def link(traveller: Traveller) -> Any:
    """There and back, to link."""
    answer = traveller.client.post(BEGIN)
    assert answer.status_code == 302
    return traveller.client.get(traveller.visit(answer["Location"]))


def test_linking_needs_no_matching_address(eves: Traveller, eve: User, ada: User) -> None:
    answer = link(eves)
    assert (answer.status_code, answer["Location"]) == (302, LINKS)
    row = UserSocialAuth.objects.get()
    assert row.user == eve
    page = eves.client.get(LINKS).content.decode()
    assert "Campus" in page
    assert "ada@example.org" in page
    assert "Linked: from now on" in page
    # From now on the provider opens Eve's account, whatever the address says.
    eves.client.post("/accounts/logout")
    assert eves.travel().status_code == 302
    assert eves.client.session["_auth_user_id"] == str(eve.pk)


def test_the_page_lets_the_button_lead_there(eves: Traveller, oidc: OidcProvider) -> None:
    answer = eves.client.get(LINKS)
    origin = oidc.issuer.rpartition("/")[0]
    assert f"form-action 'self' {origin};" in answer["Content-Security-Policy"]
    assert "Logins elsewhere" in eves.client.get("/accounts/profile").content.decode()


def test_linking_asks_again_who_it_is(traveller: Traveller, oidc: OidcProvider, eve: User) -> None:
    traveller.client.force_login(eve)
    session = traveller.client.session
    session["proof"] = {"kind": "login", "at": "2026-01-01T00:00:00+00:00"}
    session.save()
    answer = traveller.client.post(BEGIN)
    assert answer.status_code == 422
    assert "Confirm that it is you" in answer.content.decode()
    # The page that asks is posted from as well.
    assert oidc.issuer.rpartition("/")[0] in answer["Content-Security-Policy"]
    answer = traveller.client.post(BEGIN, {"proof-password": PASSWORD})
    assert (answer.status_code, answer["Location"].startswith(oidc.issuer)) == (302, True)


def test_a_login_of_another_account_is_not_taken(eves: Traveller, ada: User) -> None:
    UserSocialAuth.objects.create(user=ada, provider="oidc", uid="ada-at-the-provider")
    answer = link(eves)
    assert answer.status_code == 403
    assert "linked to another account" in answer.content.decode()
    assert refusals()[0][0] == "sso.taken"


def test_what_was_begun_by_one_is_not_finished_by_another(
    eves: Traveller, ada: User, eve: User
) -> None:
    back = eves.visit(eves.client.post(BEGIN)["Location"])
    eves.client.post("/accounts/logout")
    eves.client.post("/accounts/login", {"username": "ada", "password": PASSWORD})
    assert eves.client.get(back).status_code == 403
    assert not UserSocialAuth.objects.exists()


def test_unlinking(eves: Traveller, eve: User, told: list[tuple[str, int]]) -> None:
    link(eves)
    row = UserSocialAuth.objects.get()
    assert eves.client.get(f"{LINKS}/{row.pk}/unlink").status_code == 405
    answer = eves.client.post(f"{LINKS}/{row.pk}/unlink")
    assert (answer.status_code, answer["Location"]) == (302, LINKS)
    assert not UserSocialAuth.objects.exists()
    assert told == [("account.sso_linked", eve.pk), ("account.sso_unlinked", eve.pk)]
    assert AuditLog.objects.filter(action="sso.unlinked").count() == 1
    again = eves.client.post(f"{LINKS}/{row.pk}/unlink", follow=True)
    assert "not linked any more" in again.content.decode()


def test_the_only_way_in_has_no_button(
    traveller: Traveller, oidc: OidcProvider, policy: Policy
) -> None:
    policy(accounts="create")
    traveller.travel()
    page = traveller.client.get(LINKS).content.decode()
    assert "Your only way in" in page
    assert "Unlink" not in page


@pytest.mark.parametrize("links", [1, 3])
def test_the_page_does_not_grow(eves: Traveller, eve: User, links: int) -> None:
    for n in range(links):
        UserSocialAuth.objects.create(user=eve, provider="oidc", uid=str(n))
    eves.client.get(LINKS)
    with count_queries(3):
        assert eves.client.get(LINKS).content.decode().count("Unlink") == links


@pytest.mark.parametrize("path", [LINKS, BEGIN, f"{LINKS}/1/unlink", f"{LINKS}/directory"])
def test_visitors_log_in_first(client: Client, oidc: OidcProvider, path: str) -> None:
    answer = client.get(path) if path == LINKS else client.post(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login?")


def test_administrators_look_and_do_not_write(
    client: Client, oidc: OidcProvider, dora: User, ada: User
) -> None:
    row = UserSocialAuth.objects.create(user=ada, provider="oidc", uid="ada-1")
    client.force_login(dora)
    pages = "/admin/social_django/usersocialauth/"
    assert "ada-1" in client.get(pages).content.decode()
    assert client.get(f"{pages}{row.pk}/change/").status_code == 200
    assert client.post(f"{pages}{row.pk}/change/", {"uid": "mine"}).status_code == 403
    assert client.get(f"{pages}add/").status_code == 403
    assert client.post(f"{pages}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/social_django/nonce/").status_code == 404
