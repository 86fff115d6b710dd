"""SAML 2 against a provider that runs: the way in, and every way that is refused."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from social_django.models import Nonce, UserSocialAuth

from accounts.models import User
from audit.enums import Severity
from labitory.settings.components import sso
from tests.accounts.sso.conftest import Policy, Traveller
from tests.accounts.sso.test_oidc import refusals
from tests.factories.factors import give_app
from tests.support.identity import new_key
from tests.support.saml import Lies, SamlProvider, certificate_of, private_pem, saml_provider

pytestmark = pytest.mark.django_db
BACK = "/accounts/login/with/saml/complete"
METADATA = "/accounts/login/saml/metadata"


@dataclass
class Pilgrim(Traveller):
    """A browser that comes back with a form."""

    provider: SamlProvider

    def fetch(self, lies: Lies | None = None, goal: str = "/calendar") -> dict[str, str]:
        """Go there: gives the form that comes back."""
        back, form = self.provider.answer(self.leave("saml", goal), lies)
        assert back == f"http://testserver{BACK}"
        return form

    def come_home(self, form: dict[str, str]) -> Any:
        """The form as the page that we put in between sends it."""
        return self.client.post(BACK, {**form, "psa_saml_browser_return": "1"})


@pytest.fixture
def saml(settings: Any) -> Iterator[SamlProvider]:
    """A provider, configured; its word on addresses is trusted."""
    with saml_provider() as provider:
        own = sso.saml_provider(
            title="Campus",
            entity=provider.entity,
            url=provider.url,
            certificates=[provider.certificate],
        )
        settings.SSO = sso.SignOn(providers={"saml": own}, trusted_mail=frozenset({"saml"}))
        yield provider


@pytest.fixture
def pilgrim(client: Client, saml: SamlProvider) -> Pilgrim:
    """A fresh browser."""
    return Pilgrim(client, saml)


def test_there_and_back(pilgrim: Pilgrim, ada: User) -> None:
    form = pilgrim.fetch()
    # The provider's form comes from another site, without our cookies.
    stranger = Client()
    page = stranger.post(BACK, form)
    assert page.status_code == 200
    assert stranger.cookies.keys() == set()
    shown = page.content.decode()
    assert "data-submit-at-once" in shown
    assert form["SAMLResponse"] in shown
    assert "script-src 'self';" in page["Content-Security-Policy"]
    answer = pilgrim.come_home(form)
    assert (answer.status_code, answer["Location"]) == (302, "/calendar")
    assert pilgrim.client.session["_auth_user_id"] == str(ada.pk)
    link = UserSocialAuth.objects.get()
    assert (link.user, link.provider, link.uid) == (ada, "saml", "ada@campus.example.org")


def test_an_address_counts_only_where_the_provider_is_trusted(
    pilgrim: Pilgrim, policy: Policy, ada: User
) -> None:
    policy(trusted_mail=frozenset())
    assert pilgrim.come_home(pilgrim.fetch()).status_code == 403
    assert not pilgrim.is_in


def test_an_answer_is_taken_once(pilgrim: Pilgrim, ada: User) -> None:
    form = pilgrim.fetch()
    assert pilgrim.come_home(form).status_code == 302
    pilgrim.client.post("/accounts/logout")
    assert pilgrim.come_home(form).status_code == 403
    # Not even if this browser asks again, and the question is made to fit.
    pilgrim.leave("saml")
    session = pilgrim.client.session
    xml = base64.b64decode(form["SAMLResponse"]).decode()
    session["saml_saml_authn_request_id"] = re.search('InResponseTo="([^"]+)"', xml)[1]  # type: ignore[index]
    session.save()
    answer = pilgrim.come_home(form)
    assert answer.status_code == 403
    assert "was used before" in answer.content.decode()
    assert not pilgrim.is_in
    assert refusals()[-1] == ("sso.replayed", Severity.WARNING)
    assert Nonce.objects.filter(server_url="receipt:saml").count() == 1


def test_an_answer_nobody_asked_for_is_refused(pilgrim: Pilgrim, ada: User) -> None:
    form = Pilgrim(Client(), pilgrim.provider).fetch()
    assert pilgrim.come_home(form).status_code == 403
    pilgrim.leave("saml")
    assert pilgrim.come_home(form).status_code == 403
    assert not pilgrim.is_in


EVE = "eve@campus.example.org"
FORGED = "ada@campus.example.org"


def _renamed(xml: str) -> str:
    """The signed words changed."""
    return xml.replace(FORGED, EVE)


def _wrapped_before(xml: str) -> str:
    """A forged assertion stands before the signed one."""
    return _with_forgery(xml, lambda signed, forged: forged + signed)


def _wrapped_after(xml: str) -> str:
    """A forged assertion stands after the signed one."""
    return _with_forgery(xml, lambda signed, forged: signed + forged)


def _wrapped_around(xml: str) -> str:
    """The signed assertion lies within the forged one."""
    return _with_forgery(
        xml,
        lambda signed, forged: forged.replace("</saml:Assertion>", f"{signed}</saml:Assertion>"),
    )


def _wrapped_in_extensions(xml: str) -> str:
    """The signed assertion is put where nobody looks."""
    return _with_forgery(
        xml,
        lambda signed, forged: f"<samlp:Extensions>{signed}</samlp:Extensions>{forged}",
    )


def _same_id(xml: str) -> str:
    """The forged assertion has the id that the signature names, and the signature."""
    return _with_forgery(xml, lambda signed, forged: forged + signed, keep_id=True)


def _with_forgery(xml: str, join: Any, *, keep_id: bool = False) -> str:
    signed = re.search("<saml:Assertion.*</saml:Assertion>", xml, re.DOTALL)[0]  # type: ignore[index]
    forged = re.sub("<ds:Signature.*</ds:Signature>", "", signed, flags=re.DOTALL)
    forged = forged.replace(FORGED, EVE).replace("ada@example.org", "eve@example.org")
    if not keep_id:
        forged = re.sub('ID="_[0-9a-f]+"', 'ID="_forged"', forged, count=1)
    return xml.replace(signed, join(signed, forged))


def _entity(xml: str) -> str:
    """A document type that could read files."""
    return f'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/hostname">]>{xml}'


@pytest.mark.parametrize(
    "change",
    [
        _renamed,
        _wrapped_before,
        _wrapped_after,
        _wrapped_around,
        _wrapped_in_extensions,
        _same_id,
        _entity,
        lambda _xml: "this is no XML",
        lambda _xml: "<samlp:Response/>",
    ],
)
def test_what_was_tampered_with_is_refused(
    pilgrim: Pilgrim, ada: User, eve: User, change: Any
) -> None:
    answer = pilgrim.come_home(pilgrim.fetch(Lies(changed=change)))
    assert answer.status_code == 403
    assert "was not valid" in answer.content.decode()
    assert not pilgrim.is_in
    assert not UserSocialAuth.objects.exists()
    assert refusals()[-1] == ("malformed_response", Severity.WARNING)


def test_a_comment_changes_nothing(pilgrim: Pilgrim, ada: User) -> None:
    pilgrim.provider.person["urn:oid:0.9.2342.19200300.100.1.3"] = "ada@example.org.evil.example"

    def split(xml: str) -> str:
        return xml.replace("ada@example.org.evil", "ada@example.org<!---->.evil")

    assert pilgrim.come_home(pilgrim.fetch(Lies(changed=split))).status_code == 403
    assert not pilgrim.is_in


@pytest.mark.parametrize(
    "lies",
    [
        Lies(unsigned=True),
        Lies(key=new_key()),
        Lies(audience="https://somebody-else.example.org"),
        Lies(recipient="https://somebody-else.example.org/acs"),
        Lies(issuer="https://evil.example.org/metadata"),
        Lies(age=timedelta(hours=1)),
        Lies(age=timedelta(hours=-1)),
        Lies(asked="_another-question"),
    ],
    ids=["unsigned", "key", "audience", "recipient", "issuer", "expired", "early", "question"],
)
def test_what_is_not_for_us_now_is_refused(pilgrim: Pilgrim, ada: User, lies: Lies) -> None:
    answer = pilgrim.come_home(pilgrim.fetch(lies))
    assert answer.status_code == 403
    assert not pilgrim.is_in
    assert len(refusals()) == 1
    assert not UserSocialAuth.objects.exists()


@pytest.mark.parametrize("form", [{}, {"SAMLResponse": "%%%"}, {"SAMLResponse": "AAAA\x00"}])
def test_nonsense_is_refused(pilgrim: Pilgrim, form: dict[str, str]) -> None:
    pilgrim.leave("saml")
    assert pilgrim.come_home(form).status_code == 403
    assert pilgrim.client.get(BACK).status_code == 403


def test_a_name_that_changes_each_time_is_none(pilgrim: Pilgrim, settings: Any, ada: User) -> None:
    own = settings.SSO.providers["saml"]
    own.options["IDENTIFIER"] = "NameID"
    assert pilgrim.come_home(pilgrim.fetch()).status_code == 302
    assert UserSocialAuth.objects.get().uid == "opaque-ada"
    pilgrim.client.post("/accounts/logout")
    pilgrim.provider.name_format = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
    assert pilgrim.come_home(pilgrim.fetch()).status_code == 403


def test_their_second_factor_counts(pilgrim: Pilgrim, policy: Policy, ada: User) -> None:
    policy(trusts_factor=True)
    give_app(ada, ada.date_joined)
    assert pilgrim.come_home(pilgrim.fetch())["Location"].startswith("/accounts/login/factor")
    pilgrim.provider.login_class = "https://refeds.org/profile/mfa"
    assert pilgrim.come_home(pilgrim.fetch())["Location"] == "/calendar"


def test_our_metadata(saml: SamlProvider, client: Client, settings: Any) -> None:
    answer = client.get(METADATA)
    assert answer["Content-Type"] == "application/samlmetadata+xml"
    xml = answer.content.decode()
    assert f'entityID="{settings.SITE_URL}{METADATA}"' in xml
    assert f'Location="http://testserver{BACK}"' in xml
    assert 'WantAssertionsSigned="true"' in xml


def test_questions_are_signed_with_a_key(
    saml: SamlProvider, pilgrim: Pilgrim, settings: Any, ada: User
) -> None:
    key = new_key()
    options = settings.SSO.providers["saml"].options
    options.update(SP_PRIVATE_KEY=private_pem(key), SP_PUBLIC_CERT=certificate_of(key))
    assert "&Signature=" in pilgrim.leave("saml")
    assert "<ds:Signature" in pilgrim.client.get(METADATA).content.decode()
    assert pilgrim.come_home(pilgrim.fetch()).status_code == 302


def test_without_saml_there_is_no_metadata(client: Client) -> None:
    assert client.get(METADATA).status_code == 404
