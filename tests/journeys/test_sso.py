"""A first login by the campus's own login page, to the lab's home."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from labitory.settings.components import sso
from tests.journeys.browsing import axe_violations
from tests.journeys.conftest import OpenWindow
from tests.support.identity import CLIENT_ID, CLIENT_SECRET, OidcProvider, oidc_provider
from tests.support.saml import SamlProvider, saml_provider

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEWCOMER = {"email": "fay@example.org", "preferred_username": "fay", "given_name": "Fay"}


@pytest.fixture
def campus(settings: Any) -> Iterator[OidcProvider]:
    """OpenID Connect; who comes first gets an account."""
    with oidc_provider() as provider:
        provider.asks = True
        provider.person.update(NEWCOMER)
        own = sso.oidc_provider("oidc", "Campus", provider.issuer, CLIENT_ID, CLIENT_SECRET)
        settings.SSO = sso.SignOn(providers={"oidc": own}, accounts="create")
        yield provider


@pytest.fixture
def federation(settings: Any) -> Iterator[SamlProvider]:
    """SAML; who comes first gets an account."""
    with saml_provider() as provider:
        own = sso.saml_provider(
            title="Federation",
            entity=provider.entity,
            url=provider.url,
            certificates=[provider.certificate],
        )
        settings.SSO = sso.SignOn(
            providers={"saml": own}, accounts="create", trusted_mail=frozenset({"saml"})
        )
        yield provider


@pytest.mark.parametrize("javascript", [True, False])
def test_first_login_by_openid_connect(
    live_server: LiveServer, windows: OpenWindow, campus: OidcProvider, javascript: bool
) -> None:
    window = windows(live_server.url, javascript=javascript)
    page = window.goto("/accounts/login?next=/bookings")
    if javascript:
        assert axe_violations(page) == []
    page.get_by_role("button", name="Log in with Campus").click()
    page.wait_for_url(f"{campus.issuer}/**")
    page.get_by_role("link", name="Yes, it is me").click()
    page.wait_for_url(f"{live_server.url}/bookings")
    assert page.get_by_text("Fay").first.is_visible()
    user = User.objects.get(username="fay")
    page = window.goto("/accounts/logins")
    assert page.get_by_text("Your only way in").is_visible()
    assert page.get_by_text(user.email).first.is_visible()
    if javascript:
        assert axe_violations(page) == []


@pytest.mark.parametrize("javascript", [True, False])
def test_first_login_by_saml(
    live_server: LiveServer, windows: OpenWindow, federation: SamlProvider, javascript: bool
) -> None:
    window = windows(live_server.url, javascript=javascript)
    page = window.goto("/accounts/login")
    page.get_by_role("button", name="Log in with Federation").click()
    page.wait_for_url(f"{federation.url}?**")
    # A form of another site: our cookies do not come along, and the page in between sends it on.
    page.get_by_role("button", name="Yes, it is me").click()
    if not javascript:
        page.get_by_role("button", name="Go on").click()
    page.wait_for_url(f"{live_server.url}/")
    assert User.objects.get().full_name == "Ada Student"
    assert page.get_by_text("Ada").first.is_visible()
