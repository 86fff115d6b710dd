"""Several SAML providers at once, both running: none can speak for another."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from social_django.models import UserSocialAuth

from accounts.models import User
from audit.enums import Severity
from labitory.settings.components import sso
from tests.accounts.sso.conftest import Policy, Traveller
from tests.accounts.sso.test_oidc import refusals
from tests.support.saml import Lies, SamlProvider, saml_provider

pytestmark = pytest.mark.django_db
BACK = "/accounts/login/with/saml/complete"
METADATA = "/accounts/login/saml/metadata"


@dataclass
class Both:
    """The lab's own institution, and a partner that names its attributes in its own way."""

    campus: SamlProvider
    partner: SamlProvider


@dataclass
class Visitor(Traveller):
    """A browser that chooses between the two."""

    both: Both

    def fetch(self, name: str, by: SamlProvider | None = None, lies: Lies | None = None) -> Any:
        """Press one's button; `by` answers in the place of the one that was asked."""
        back, form = (by or getattr(self.both, name)).answer(self.leave(name), lies)
        assert back == f"http://testserver{BACK}"
        return form

    def come_home(self, form: dict[str, str]) -> Any:
        """The form as the page that we put in between sends it."""
        return self.client.post(BACK, {**form, "psa_saml_browser_return": "1"})


@pytest.fixture
def both(settings: Any) -> Iterator[Both]:
    """Two that run, both configured and trusted with addresses."""
    with saml_provider() as campus, saml_provider() as partner:
        partner.person = {
            "urn:oasis:names:tc:SAML:attribute:subject-id": "b17@partner.example.com",
            "https://partner.example.com/claims/emailaddress": "ben@example.org",
            "https://partner.example.com/claims/surname": "Academic",
            "urn:oid:2.5.4.42": "Ben",
            "groups": ["staff"],
        }
        own = {
            "campus": sso.saml_provider(
                name="campus",
                title="Campus",
                entity=campus.entity,
                url=campus.url,
                certificates=[campus.certificate],
            ),
            "partner": sso.saml_provider(
                name="partner",
                title="Partner institute",
                entity=partner.entity,
                url=partner.url,
                certificates=[partner.certificate],
                identifier="subject-id",
                attributes={
                    "https://partner.example.com/claims/emailaddress": "mail",
                    "https://partner.example.com/claims/surname": "sn",
                },
            ),
        }
        settings.SSO = sso.SignOn(providers=own, trusted_mail=frozenset(own))
        yield Both(campus, partner)


@pytest.fixture
def visitor(client: Client, both: Both) -> Visitor:
    """A fresh browser."""
    return Visitor(client, both)


def test_a_button_for_each(visitor: Visitor) -> None:
    page = visitor.client.get("/accounts/login")
    shown = page.content.decode()
    assert shown.index("Log in with Campus") < shown.index("Log in with Partner institute")
    for name in ("campus", "partner"):
        assert f'action="/accounts/login/with/{name}"' in shown
    policy = page["Content-Security-Policy"]
    for provider in (visitor.both.campus, visitor.both.partner):
        assert provider.url.removesuffix("/login") in policy


def test_each_is_a_way_in_with_its_own_attributes(visitor: Visitor, ada: User, ben: User) -> None:
    for name, person, uid in (
        ("campus", ada, "ada@campus.example.org"),
        ("partner", ben, "b17@partner.example.com"),
    ):
        answer = visitor.come_home(visitor.fetch(name))
        assert (answer.status_code, answer["Location"]) == (302, "/calendar")
        assert visitor.client.session["_auth_user_id"] == str(person.pk)
        link = UserSocialAuth.objects.get(provider=name)
        assert (link.user, link.uid) == (person, uid)
        visitor.client.post("/accounts/logout")


def test_who_comes_first_is_made_from_the_attributes_of_the_one_asked(
    visitor: Visitor, policy: Policy
) -> None:
    policy(accounts="create")
    assert visitor.come_home(visitor.fetch("partner")).status_code == 302
    made = User.objects.get()
    assert (made.email, made.full_name) == ("ben@example.org", "Ben Academic")


def test_one_does_not_answer_for_the_other(visitor: Visitor, ada: User, ben: User) -> None:
    # Asked was the partner; Campus answers truly signed, and says it is the partner or itself.
    campus = visitor.both.campus
    for lies in (Lies(), Lies(issuer=visitor.both.partner.entity)):
        campus.person["urn:oid:0.9.2342.19200300.100.1.3"] = "ben@example.org"
        answer = visitor.come_home(visitor.fetch("partner", by=campus, lies=lies))
        assert answer.status_code == 403
        assert "was not valid" in answer.content.decode()
        assert refusals()[-1] == ("malformed_response", Severity.WARNING)
    assert not visitor.is_in
    assert not UserSocialAuth.objects.exists()


def test_an_answer_is_not_passed_on_as_that_of_the_other(visitor: Visitor, ada: User) -> None:
    # Both were asked from this browser, the partner last; what Campus said to its question comes.
    form = visitor.fetch("campus")
    visitor.leave("partner")
    for relay in ("campus", "partner", "nobody", ""):
        session = visitor.client.session
        session["sso_away"] = {"provider": "partner", "link_to": None, "goal": "/calendar"}
        question = re.search('InResponseTo="([^"]+)"', _xml(form))
        assert question
        session["partner_partner_authn_request_id"] = question[1]
        session.save()
        assert visitor.come_home({**form, "RelayState": relay}).status_code == 403
    assert not visitor.is_in
    assert len(refusals()) == 4


@pytest.mark.parametrize("name", ["campus", "partner"])
def test_each_must_sign(visitor: Visitor, ada: User, ben: User, name: str) -> None:
    other = visitor.both.partner if name == "campus" else visitor.both.campus
    for lies in (Lies(unsigned=True), Lies(key=other.key)):
        assert visitor.come_home(visitor.fetch(name, lies=lies)).status_code == 403
    assert not visitor.is_in


@pytest.mark.parametrize("name", ["campus", "partner"])
def test_an_answer_of_each_is_taken_once(visitor: Visitor, ada: User, ben: User, name: str) -> None:
    form = visitor.fetch(name)
    assert visitor.come_home(form).status_code == 302
    visitor.client.post("/accounts/logout")
    visitor.leave(name)
    question = re.search('InResponseTo="([^"]+)"', _xml(form))
    assert question
    session = visitor.client.session
    session[f"{name}_{name}_authn_request_id"] = question[1]
    session.save()
    answer = visitor.come_home(form)
    assert answer.status_code == 403
    assert "was used before" in answer.content.decode()
    assert refusals()[-1] == ("sso.replayed", Severity.WARNING)


def test_the_word_of_a_partner_counts_for_its_own_addresses(
    visitor: Visitor, settings: Any, ben: User
) -> None:
    partner = settings.SSO.providers["partner"]
    for domains, status in ((("partner.example.com",), 403), (("example.org",), 302)):
        limited = sso.saml_provider(
            name="partner",
            title="Partner institute",
            entity=visitor.both.partner.entity,
            url=visitor.both.partner.url,
            certificates=[visitor.both.partner.certificate],
            identifier="subject-id",
            attributes=partner.options["ATTRIBUTES"],
            mail_domains=domains,
        )
        settings.SSO.providers["partner"] = limited
        assert visitor.come_home(visitor.fetch("partner")).status_code == status


def test_groups_of_a_partner_bring_nothing_unless_they_count(
    visitor: Visitor, policy: Policy, ben: User
) -> None:
    ben.role = "student"
    ben.save()
    policy(group_roles=(("staff", "lab_manager"),), groups_from=frozenset({"campus"}))
    assert visitor.come_home(visitor.fetch("partner")).status_code == 302
    ben.refresh_from_db()
    assert ben.role == "student"
    policy(groups_from=frozenset({"campus", "partner"}))
    visitor.client.post("/accounts/logout")
    assert visitor.come_home(visitor.fetch("partner")).status_code == 302
    ben.refresh_from_db()
    assert ben.role == "lab_manager"


def test_there_is_one_metadata_and_one_door(visitor: Visitor, settings: Any) -> None:
    xml = visitor.client.get(METADATA).content.decode()
    assert f'entityID="{settings.SITE_URL}{METADATA}"' in xml
    assert xml.count("AssertionConsumerService") == 1
    assert f'Location="http://testserver{BACK}"' in xml
    assert visitor.client.post("/accounts/login/with/campus/complete").status_code == 404


def _xml(form: dict[str, str]) -> str:
    return base64.b64decode(form["SAMLResponse"]).decode()
