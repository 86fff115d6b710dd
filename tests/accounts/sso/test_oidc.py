"""OpenID Connect against a provider that runs: the way in, and every way that is refused."""

import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from django.test import Client
from social_django.models import UserSocialAuth

from accounts.enums import Role
from accounts.models import User
from audit.enums import Severity
from audit.models import AuditLog, SecurityEvent
from labitory.settings.components.sso import oidc_provider as oidc_settings
from tests.accounts.sso.conftest import Policy, Traveller
from tests.factories.factors import give_app
from tests.support.identity import CLIENT_ID, CLIENT_SECRET, OidcProvider

pytestmark = pytest.mark.django_db
ASK = "/accounts/login/factor"


def refusals() -> list[tuple[str, int]]:
    """What was kept of refused logins: code and severity."""
    events = SecurityEvent.objects.filter(kind="sso.refused").order_by("pk")
    return [(event.facts["code"], event.severity) for event in events]


def test_a_verified_address_opens_the_account(
    oidc: OidcProvider, traveller: Traveller, ada: User
) -> None:
    answer = traveller.travel()
    assert (answer.status_code, answer["Location"]) == (302, "/calendar")
    assert traveller.client.session["_auth_user_id"] == str(ada.pk)
    link = UserSocialAuth.objects.get()
    assert (link.user, link.provider, link.uid) == (ada, "oidc", "ada-at-the-provider")
    # Nothing of the provider's tokens is kept.
    assert set(link.extra_data) == {"name", "used_at"}
    asked = oidc.heard[0]
    assert asked["code_challenge_method"] == "S256"
    assert {"openid", "email"} <= set(asked["scope"].split())
    assert SecurityEvent.objects.filter(kind="sso.linked", user_id=ada.pk).count() == 1
    assert AuditLog.objects.filter(action="user.logged_in", actor_id=ada.pk).count() == 1


def test_the_second_time_the_link_counts_not_the_address(
    oidc: OidcProvider, traveller: Traveller, ada: User, ben: User
) -> None:
    traveller.travel()
    traveller.client.post("/accounts/logout")
    oidc.person["email"] = ben.email
    assert traveller.travel().status_code == 302
    assert traveller.client.session["_auth_user_id"] == str(ada.pk)
    assert UserSocialAuth.objects.count() == 1


@pytest.mark.parametrize("verified", [False, None, "false", 0])
def test_an_unverified_address_opens_nothing(
    oidc: OidcProvider, traveller: Traveller, ada: User, verified: Any
) -> None:
    oidc.person["email_verified"] = verified
    answer = traveller.travel()
    assert answer.status_code == 403
    assert "log in with it, then link this login" in answer.content.decode()
    assert not traveller.is_in
    assert not UserSocialAuth.objects.exists()
    assert refusals() == [("sso.unknown", Severity.NOTICE)]


def test_whether_there_is_an_account_is_not_told(
    oidc: OidcProvider, traveller: Traveller, ada: User
) -> None:
    oidc.person["email_verified"] = False
    known = traveller.travel().content.decode()
    oidc.person["email"] = "nobody@example.org"
    assert "link this login" in known
    assert "link this login" in traveller.travel().content.decode()


def test_no_provider_opens_an_administrators_account_unasked(
    oidc: OidcProvider, traveller: Traveller, dora: User
) -> None:
    oidc.person["email"] = dora.email
    assert traveller.travel().status_code == 403
    assert not traveller.is_in


@pytest.mark.parametrize(
    ("lies", "code"),
    [
        ({"nonce": "another"}, "nonce_mismatch"),
        ({"nonce": None}, "nonce_mismatch"),
        ({"aud": "somebody-else"}, "invalid_claim"),
        ({"aud": ["labitory", "somebody-else"]}, "invalid_claim"),
        ({"iss": "https://evil.example.org"}, "invalid_claim"),
        ({"exp": int(time.time()) - 60}, "response_expired"),
        ({"exp": None}, "missing_claim"),
        ({"iat": int(time.time()) - 3600}, "response_expired"),
        ({"sub": None}, "missing_claim"),
        ({"sub": "somebody-else"}, "invalid_claim"),
    ],
)
def test_a_token_that_lies_is_refused(
    oidc: OidcProvider, traveller: Traveller, ada: User, lies: dict[str, Any], code: str
) -> None:
    oidc.lies = lies
    answer = traveller.travel()
    assert answer.status_code == 403
    assert "was not valid" in answer.content.decode()
    assert not traveller.is_in
    assert [found for found, _severity in refusals()] == [code]
    assert not UserSocialAuth.objects.exists()


@pytest.mark.parametrize("algorithm", ["none", "forged"])
def test_a_token_without_a_good_signature_is_refused(
    oidc: OidcProvider, traveller: Traveller, ada: User, algorithm: str
) -> None:
    oidc.algorithm = algorithm
    assert traveller.travel().status_code == 403
    assert not traveller.is_in
    assert refusals() == [("invalid_signature", Severity.WARNING)]


def test_a_state_of_somebody_else_is_refused(
    oidc: OidcProvider, traveller: Traveller, ada: User
) -> None:
    theirs = Traveller(Client())
    planted = theirs.visit(theirs.leave())
    traveller.leave()
    assert traveller.client.get(planted).status_code == 403
    assert not traveller.is_in
    # Nor does it help a browser that asked for nothing.
    assert Client().get(planted).status_code == 403


def test_a_changed_state_is_refused(oidc: OidcProvider, traveller: Traveller, ada: User) -> None:
    path, _mark, query = traveller.visit(traveller.leave()).partition("?")
    words = {name: values[0] for name, values in parse_qs(query).items()}
    changed = f"{path}?{urlencode({**words, 'state': 'x' * 40})}"
    assert traveller.client.get(changed).status_code == 403
    assert not traveller.is_in


def test_an_answer_works_once(oidc: OidcProvider, traveller: Traveller, ada: User) -> None:
    back = traveller.visit(traveller.leave())
    assert traveller.client.get(back).status_code == 302
    traveller.client.post("/accounts/logout")
    assert traveller.client.get(back).status_code == 403
    assert not traveller.is_in


def test_a_code_that_was_used_elsewhere_is_refused(
    oidc: OidcProvider, traveller: Traveller, ada: User
) -> None:
    back = traveller.visit(traveller.leave())
    oidc.codes.clear()
    assert traveller.client.get(back).status_code == 403
    assert not traveller.is_in
    assert len(refusals()) == 1


def test_a_provider_that_is_away_is_told(
    oidc: OidcProvider, traveller: Traveller, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = traveller.visit(traveller.leave())

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise requests.ConnectionError

    monkeypatch.setattr(requests, "request", fail)
    answer = traveller.client.get(back)
    assert answer.status_code == 502
    assert "cannot be reached" in answer.content.decode()


def test_saying_no_there_leads_back(oidc: OidcProvider, traveller: Traveller) -> None:
    oidc.declines = True
    answer = traveller.travel()
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login")
    assert "You did not log in there" in traveller.client.get("/accounts/login").content.decode()


@pytest.mark.parametrize("query", ["", "code=%00&state=%00", f"code=x&state={'y' * 4000}"])
def test_nonsense_is_refused(oidc: OidcProvider, traveller: Traveller, query: str) -> None:
    traveller.leave()
    answer = traveller.client.get(f"/accounts/login/with/oidc/complete?{query}")
    assert answer.status_code == 403


def test_the_way_there_is_a_post_of_our_own(
    oidc: OidcProvider, traveller: Traveller, ada: User
) -> None:
    assert traveller.client.get("/accounts/login/with/oidc").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/accounts/login/with/oidc").status_code == 403
    assert traveller.client.post("/accounts/login/with/google").status_code == 404
    assert traveller.client.get("/accounts/login/with/google/complete").status_code == 404


@pytest.mark.parametrize(
    "goal", ["https://evil.example.org/", "//evil.example.org", "javascript:x"]
)
def test_it_leads_nowhere_else(
    oidc: OidcProvider, traveller: Traveller, ada: User, goal: str
) -> None:
    assert traveller.travel(goal=goal)["Location"] == "/"


def test_the_policy_lets_the_button_lead_there(oidc: OidcProvider, client: Client) -> None:
    answer = client.get("/accounts/login?next=/calendar")
    parts = urlsplit(oidc.issuer)
    assert (
        f"form-action 'self' {parts.scheme}://{parts.netloc};" in answer["Content-Security-Policy"]
    )
    assert "Log in with Campus" in answer.content.decode()
    assert "form-action 'self';" in client.get("/about")["Content-Security-Policy"]


def test_without_providers_nothing_shows(client: Client, ada: User) -> None:
    answer = client.get("/accounts/login")
    assert "Log in with" not in answer.content.decode().replace("Log in with a passkey", "")
    assert "form-action 'self';" in answer["Content-Security-Policy"]
    client.force_login(ada)
    assert "Logins elsewhere" not in client.get("/accounts/profile").content.decode()


def test_a_closed_account_stays_closed(oidc: OidcProvider, traveller: Traveller, ada: User) -> None:
    ada.is_active = False
    ada.save()
    answer = traveller.travel()
    assert answer.status_code == 403
    assert "is closed" in answer.content.decode()
    assert not traveller.is_in


def test_our_second_factor_is_asked_for(
    oidc: OidcProvider, traveller: Traveller, ada: User
) -> None:
    give_app(ada, ada.date_joined)
    assert traveller.travel()["Location"] == f"{ASK}?next=%2Fcalendar"
    assert not traveller.is_in


@pytest.mark.parametrize(
    ("claims", "trusted", "asked"),
    [
        ({"amr": ["pwd", "mfa"]}, True, False),
        ({"acr": "https://refeds.org/profile/mfa"}, True, False),
        ({"amr": ["pwd", "mfa"]}, False, True),
        ({"amr": ["pwd"]}, True, True),
        ({}, True, True),
    ],
)
def test_their_second_factor_counts_where_it_is_trusted(
    oidc: OidcProvider,
    traveller: Traveller,
    policy: Policy,
    ada: User,
    claims: dict[str, Any],
    trusted: bool,
    asked: bool,
) -> None:
    policy(trusts_factor=trusted)
    give_app(ada, ada.date_joined)
    oidc.lies = claims
    assert traveller.travel()["Location"].startswith(ASK) == asked
    assert traveller.is_in != asked


@pytest.mark.parametrize(
    ("name", "claims", "opens"),
    [
        ("google", {"hd": "example.org"}, True),
        # Such an address was somebody's once, and may be another's today.
        ("google", {}, False),
        ("google", {"hd": "example.org", "email_verified": False}, False),
        ("entra", {"xms_edov": True}, True),
        ("entra", {"xms_edov": False}, False),
        ("entra", {}, False),
    ],
)
def test_whose_word_on_an_address_counts(
    oidc: OidcProvider,
    traveller: Traveller,
    policy: Policy,
    ada: User,
    name: str,
    claims: dict[str, Any],
    opens: bool,
) -> None:
    own = oidc_settings(name, name.title(), oidc.issuer, CLIENT_ID, CLIENT_SECRET)
    policy(providers={name: own})
    oidc.person.update(claims)
    assert (traveller.travel(name).status_code == 302) == opens
    assert traveller.is_in == opens


def test_too_many_groups_to_name_are_not_none(
    oidc: OidcProvider, traveller: Traveller, policy: Policy, ada: User
) -> None:
    policy(group_roles=(("staff", "researcher"),))
    oidc.lies = {"groups": ["staff"]}
    traveller.travel()
    oidc.lies = {"_claim_names": {"groups": "src1"}}
    traveller.travel()
    ada.refresh_from_db()
    assert ada.role == Role.RESEARCHER
    oidc.lies = {}
    traveller.travel()
    ada.refresh_from_db()
    assert ada.role == Role.STUDENT
