"""Whose account a login opens, which roles its groups bring, and what SSO_ONLY switches off."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.test import Client
from social_django.models import Association, Nonce, UserSocialAuth
from webauthn import base64url_to_bytes

from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.models import RoleGrant, Unit, User
from accounts.permissions import may
from accounts.services.passwords import request_password_reset
from accounts.services.sso import (
    link_identity,
    remove_stale_logins,
    sign_on,
    unlink_identity,
)
from accounts.sso.identity import Identity
from audit.models import AuditLog, SecurityEvent
from labitory.lib.clock import now as clock_now
from labitory.settings.components.sso import SignOn, oidc_provider
from tests.accounts.sso.conftest import Policy
from tests.factories.factors import give_passkey
from tests.factories.people import PASSWORD
from tests.factories.roles import give, make_role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _provider(settings: Any) -> None:
    """One provider; accounts are made for those it vouches for."""
    own = oidc_provider("oidc", "Campus", "https://campus.example.org", "id", "secret")
    settings.SSO = SignOn(providers={"oidc": own}, accounts="create")


def somebody(**words: Any) -> Identity:
    """Fay, whom the lab does not know yet."""
    plain: dict[str, Any] = {
        "provider": "oidc",
        "title": "Campus",
        "uid": "fay-1",
        "email": "fay@example.org",
        "is_email_verified": True,
        "username": "fay@campus",
        "first_name": "Fay",
        "last_name": "Newcomer",
    }
    return Identity(**{**plain, **words})


def code_of(identity: Identity, now: datetime) -> str:
    """Why a login was refused."""
    with pytest.raises(AccountRefused) as caught:
        sign_on(identity=identity, now=now)
    return caught.value.code


def test_a_newcomer_gets_an_account(now: datetime, told: list[tuple[str, int]]) -> None:
    faculty = Unit.objects.create(kind="faculty", name="Biology", code="bio")
    identity = somebody(organisation="campus.example.org", units=("Unknown", "Bio"))
    user = sign_on(identity=identity, now=now)
    assert (user.username, user.email, user.full_name) == ("fay", "fay@example.org", "Fay Newcomer")
    assert (user.role, user.has_usable_password()) == (Role.STUDENT, False)
    assert (user.profile.affiliation, user.profile.unit) == ("campus.example.org", faculty)
    assert told == [("account.sso_linked", user.pk)]
    actions = set(AuditLog.objects.values_list("action", flat=True))
    assert {"user.created", "sso.linked", "user.changed"} <= actions
    assert sign_on(identity=identity, now=now) == user
    assert User.objects.count() == 1


def test_a_newcomers_name_is_free(now: datetime, ada: User) -> None:
    first = sign_on(identity=somebody(username="Ada"), now=now)
    second = sign_on(identity=somebody(uid="2", email="f2@example.org", username="ada"), now=now)
    third = sign_on(identity=somebody(uid="3", email="f3@example.org", username="@@ <>"), now=now)
    assert [first.username, second.username, third.username] == ["Ada2", "ada3", "person"]


@pytest.mark.parametrize(
    ("words", "policy_words", "code"),
    [
        ({}, {"accounts": "link"}, "sso.no_account"),
        ({}, {"accounts": "off"}, "sso.unknown"),
        ({"is_email_verified": False}, {}, "sso.unknown"),
        ({"email": ""}, {}, "sso.unknown"),
        ({}, {"domains": ("campus.example.org",)}, "sso.domain"),
        ({"email": "fay@evilexample.org"}, {"domains": (".example.org",)}, "sso.domain"),
    ],
)
def test_nobody_else_gets_one(
    now: datetime,
    policy: Policy,
    words: dict[str, Any],
    policy_words: dict[str, Any],
    code: str,
) -> None:
    policy(**policy_words)
    assert code_of(somebody(**words), now) == code
    assert not User.objects.exists()
    assert not UserSocialAuth.objects.exists()


@pytest.mark.parametrize("email", ["fay@example.org", "fay@bio.example.org"])
def test_domains_that_are_allowed(now: datetime, policy: Policy, email: str) -> None:
    policy(domains=("example.org", ".example.org"))
    assert sign_on(identity=somebody(email=email), now=now).email == email


def test_what_people_said_themselves_stays(now: datetime, ada: User) -> None:
    ada.profile.affiliation = "My own words"
    ada.profile.save()
    sign_on(identity=somebody(email=ada.email, organisation="campus.example.org"), now=now)
    ada.refresh_from_db()
    assert (ada.profile.affiliation, ada.first_name) == ("My own words", "Ada")


def test_groups_bring_roles_and_take_them_back(now: datetime, policy: Policy, ada: User) -> None:
    make_role("auditing", "audit.view")
    policy(group_roles=(("staff", "lab_manager"), ("auditors", "auditing")))
    identity = somebody(email=ada.email, groups=frozenset({"staff", "auditors", "other"}))
    user = sign_on(identity=identity, now=now)
    assert user.role == Role.LAB_MANAGER
    assert may(user, "audit.view")
    assert RoleGrant.objects.get().granted_by is None
    again = somebody(email=ada.email, groups=None)
    assert sign_on(identity=again, now=now).role == Role.LAB_MANAGER
    gone = sign_on(identity=somebody(email=ada.email, groups=frozenset()), now=now)
    assert gone.role == Role.STUDENT
    assert not may(gone, "audit.view")
    kinds = list(SecurityEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [
        "sso.linked",
        "user.role_changed",
        "role.granted",
        "user.role_changed",
        "role.revoked",
    ]


def test_what_others_granted_stays(now: datetime, policy: Policy, ben: User) -> None:
    role = make_role("auditing", "audit.view")
    give(ben, role)
    policy(group_roles=(("auditors", "auditing"), ("students", "student")))
    everything = somebody(email=ben.email, groups=frozenset({"auditors", "students"}))
    assert sign_on(identity=everything, now=now).role == Role.ACADEMIC
    assert sign_on(identity=somebody(groups=frozenset()), now=now).role == Role.ACADEMIC
    assert RoleGrant.objects.filter(user=ben, role=role).exists()


def test_a_role_that_was_decided_here_since_stays(now: datetime, policy: Policy, ada: User) -> None:
    policy(group_roles=(("staff", "researcher"),))
    staff = somebody(email=ada.email, groups=frozenset({"staff"}))
    sign_on(identity=staff, now=now)
    User.objects.filter(pk=ada.pk).update(role=Role.ACADEMIC)
    assert sign_on(identity=somebody(groups=frozenset()), now=now).role == Role.ACADEMIC


def test_unlinking_takes_the_roles_along(now: datetime, policy: Policy, ada: User) -> None:
    policy(group_roles=(("staff", "lab_manager"),))
    sign_on(identity=somebody(email=ada.email, groups=frozenset({"staff"})), now=now)
    unlink_identity(user=ada, link_id=UserSocialAuth.objects.get().pk, now=now)
    ada.refresh_from_db()
    assert ada.role == Role.STUDENT
    assert not UserSocialAuth.objects.exists()


def test_the_last_way_in_stays(now: datetime, policy: Policy) -> None:
    user = sign_on(identity=somebody(), now=now)
    link = UserSocialAuth.objects.get()
    with pytest.raises(AccountRefused, match="only way in"):
        unlink_identity(user=user, link_id=link.pk, now=now)
    link_identity(user=user, identity=somebody(uid="fay-2"), now=now)
    unlink_identity(user=user, link_id=link.pk, now=now)
    assert UserSocialAuth.objects.get().uid == "fay-2"
    user.set_password(PASSWORD)
    user.save()
    policy(only=True)
    with pytest.raises(AccountRefused, match="only way in"):
        unlink_identity(user=user, link_id=UserSocialAuth.objects.get().pk, now=now)


def test_a_login_opens_one_account(now: datetime, ada: User, ben: User) -> None:
    link_identity(user=ada, identity=somebody(), now=now)
    link_identity(user=ada, identity=somebody(), now=now)
    assert UserSocialAuth.objects.count() == 1
    with pytest.raises(AccountRefused) as caught:
        link_identity(user=ben, identity=somebody(), now=now)
    assert caught.value.code == "sso.taken"


def test_nobody_unlinks_for_others(now: datetime, ada: User, ben: User) -> None:
    link_identity(user=ada, identity=somebody(), now=now)
    with pytest.raises(AccountRefused) as caught:
        unlink_identity(user=ben, link_id=UserSocialAuth.objects.get().pk, now=now)
    assert caught.value.code == "sso.gone"


def test_a_receipt_is_taken_once(now: datetime) -> None:
    identity = somebody(receipt=("_assertion", 1_800_000_000))
    sign_on(identity=identity, now=now)
    assert code_of(identity, now) == "sso.replayed"


def test_what_is_stale_goes(now: datetime) -> None:
    at = int(now.timestamp())
    for moment in (at - 90_000, at - 1000):
        Nonce.objects.create(server_url="x", timestamp=moment, salt="s")
        Association.objects.create(
            server_url="x", handle=str(moment), issued=moment, lifetime=600, secret=""
        )
    assert remove_stale_logins(now=now) == 2
    assert Nonce.objects.filter(timestamp=at - 1000).count() == 1


def test_only_elsewhere(client: Client, policy: Policy, ada: User, dora: User) -> None:
    policy(only=True, break_glass=frozenset({"dora"}))
    page = client.get("/accounts/login").content.decode()
    assert "Log in with Campus" in page
    assert "Emergency login" in page
    assert "Get an account" not in page
    assert authenticate(None, username="ada", password=PASSWORD) is None
    assert authenticate(None, username="dora", password=PASSWORD) == dora
    assert (
        client.post("/accounts/login", {"username": "ada", "password": PASSWORD}).status_code == 422
    )
    token = {"username": "ada", "password": PASSWORD}
    answer = client.post("/api/v1/auth/token", token, content_type="application/json")
    assert answer.status_code == 401
    assert (
        client.post("/accounts/login", {"username": "dora", "password": PASSWORD}).status_code
        == 302
    )


def test_a_name_alone_breaks_no_glass(policy: Policy, ada: User) -> None:
    policy(only=True, break_glass=frozenset({"ada"}))
    assert authenticate(None, username="ada", password=PASSWORD) is None


def test_no_link_brings_a_password_back(
    now: datetime, policy: Policy, ada: User, dora: User, reset_requests: list[Any]
) -> None:
    policy(only=True, break_glass=frozenset({"dora"}))
    request_password_reset(email=ada.email, now=now)
    request_password_reset(email=dora.email, now=now)
    assert [pk for pk, _at in reset_requests] == [dora.pk]


def test_no_passkey_opens_what_is_switched_off(client: Client, policy: Policy, ada: User) -> None:
    key = give_passkey(ada, clock_now())
    policy(only=True, break_glass=frozenset({"dora"}))
    options = client.post("/accounts/login/passkey/options")
    challenge = base64url_to_bytes(json.loads(options.content)["challenge"])
    answer = client.post("/accounts/login/passkey", {"passkey": key.show(challenge)})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login")
    assert "_auth_user_id" not in client.session
