"""OpenID Connect against a provider that runs: the way in, and every way that is refused."""

from typing import Any

import pytest
from social_django.models import UserSocialAuth

from accounts.models import User
from audit.enums import Severity
from audit.models import AuditLog, SecurityEvent
from tests.accounts.sso.conftest import Traveller
from tests.support.identity import OidcProvider


@pytest.mark.django_db
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
