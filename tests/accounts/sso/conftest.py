"""Providers that run, and a browser that goes there and back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import pytest
import requests
from django.test import Client

from labitory.settings.components.sso import SignOn
from labitory.settings.components.sso import oidc_provider as oidc_settings
from tests.support.identity import CLIENT_ID, CLIENT_SECRET, OidcProvider, oidc_provider


@dataclass
class Traveller:
    """A browser, as far as it matters here."""

    client: Client

    def leave(self, provider: str = "oidc", goal: str = "/calendar") -> str:
        """Press the button: gives where it leads."""
        answer = self.client.post(f"/accounts/login/with/{provider}", {"next": goal})
        assert answer.status_code == 302, answer.content.decode()
        return answer["Location"]

    def visit(self, address: str) -> str:
        """Go to the provider: gives where it leads back to."""
        answer = requests.get(address, allow_redirects=False, timeout=5)
        assert answer.status_code == 302
        back: str = answer.headers["Location"]
        assert back.startswith("http://testserver/")
        return back.removeprefix("http://testserver")

    def travel(self, provider: str = "oidc", goal: str = "/calendar") -> Any:
        """There and back: gives our answer."""
        return self.client.get(self.visit(self.leave(provider, goal)))

    @property
    def is_in(self) -> bool:
        """Whether anybody is logged in."""
        return "_auth_user_id" in self.client.session


@pytest.fixture
def oidc(settings: Any) -> Iterator[OidcProvider]:
    """A provider, configured; `settings.SSO` can be changed further with `policy`."""
    with oidc_provider() as provider:
        own = oidc_settings("oidc", "Campus", provider.issuer, CLIENT_ID, CLIENT_SECRET)
        settings.SSO = SignOn(providers={"oidc": own})
        yield provider


@pytest.fixture
def traveller(client: Client) -> Traveller:
    """A fresh browser."""
    return Traveller(client)


class Policy(Protocol):
    """Changes what single sign-on is allowed: `policy(accounts="create")`."""

    def __call__(self, **words: Any) -> None:
        """Change these."""


@pytest.fixture
def policy(settings: Any) -> Policy:
    """For this test."""

    def change(**words: Any) -> None:
        settings.SSO = replace(settings.SSO, **words)

    return change
