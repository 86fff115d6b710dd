"""Single sign-on is read at the start; what is wrong is named, all of it at once."""

from uuid import uuid4

import pytest

from labitory.settings.components.sso import SignOn, read
from labitory.settings.env import Environment
from tests.support.identity import new_key
from tests.support.saml import SamlProvider, certificate_of, private_pem

KEY = new_key()
CERTIFICATE = certificate_of(KEY)
SAML = {
    "SSO_SAML_IDP_ENTITY_ID": "https://idp.example.org/metadata",
    "SSO_SAML_IDP_URL": "https://idp.example.org/login",
    "SSO_SAML_IDP_CERTIFICATE": CERTIFICATE,
}
OIDC = {
    "SSO_OIDC_NAME": "Campus",
    "SSO_OIDC_ISSUER": "https://login.example.org/realms/campus",
    "SSO_OIDC_CLIENT_ID": "labitory",
    "SSO_OIDC_CLIENT_SECRET": "secret",
}
LDAP = {"SSO_LDAP_URL": "ldaps://ldap.example.org", "SSO_LDAP_USER_DN": "uid={user},dc=example"}


def good(**values: str) -> SignOn:
    """What is read from right values."""
    env = Environment(values)
    found = read(env)
    assert env.problems == []
    return found


def test_nothing_configured_is_nothing() -> None:
    found = good()
    assert not found.is_used
    assert found.origins == []


def test_all_kinds_at_once() -> None:
    tenant = str(uuid4())
    found = good(
        **SAML,
        **OIDC,
        **LDAP,
        SSO_GOOGLE_CLIENT_ID="google-id",
        SSO_GOOGLE_CLIENT_SECRET="google-secret",
        SSO_ENTRA_CLIENT_ID="entra-id",
        SSO_ENTRA_CLIENT_SECRET="entra-secret",
        SSO_ENTRA_TENANT=tenant.upper(),
        SSO_ORIGINS="https://wayf.example.org",
        SSO_ACCOUNTS="create",
        SSO_DOMAINS="Example.org, .example.com",
        SSO_TRUSTED_MAIL="saml,ldap",
        SSO_GROUP_ROLES="urn:group=x:staff=lab_manager, auditors=auditor",
        SSO_ONLY="yes",
        SSO_BREAK_GLASS="Dora",
    )
    assert list(found.providers) == ["google", "entra", "oidc", "saml"]
    assert found.providers["oidc"].title == "Campus"
    issuer = f"https://login.microsoftonline.com/{tenant}/v2.0"
    assert found.providers["entra"].options["ID_TOKEN_ISSUER"] == issuer
    assert all(found.providers[name].options["USE_PKCE"] for name in ("google", "entra", "oidc"))
    assert found.origins == [
        "https://accounts.google.com",
        "https://login.microsoftonline.com",
        "https://login.example.org",
        "https://idp.example.org",
        "https://wayf.example.org",
    ]
    assert found.domains == ("example.org", ".example.com")
    assert found.group_roles == (("urn:group=x:staff", "lab_manager"), ("auditors", "auditor"))
    assert found.break_glass == {"dora"}
    assert found.directory is not None


def test_saml_from_metadata() -> None:
    provider = SamlProvider(
        entity="https://idp.example.org/metadata", url="https://idp.example.org/login", key=KEY
    )
    found = good(
        SSO_SAML_IDP_ENTITY_ID=provider.entity,
        SSO_SAML_IDP_METADATA=provider.metadata(),
        SSO_SAML_KEY=private_pem(KEY),
        SSO_SAML_CERTIFICATE=CERTIFICATE,
    )
    idp = found.providers["saml"].options["ENABLED_IDPS"]["saml"]
    assert idp["url"] == provider.url
    assert len(idp["x509certMulti"]["signing"]) == 1


PARTNER = {
    "SSO_SAML_IDPS": "partner, EduGain",
    "SSO_SAML_PARTNER_NAME": "Partner institute",
    "SSO_SAML_PARTNER_IDP_ENTITY_ID": "https://idp.example.com/metadata",
    "SSO_SAML_PARTNER_IDP_URL": "https://idp.example.com/login",
    "SSO_SAML_PARTNER_IDP_CERTIFICATE": CERTIFICATE,
    "SSO_SAML_PARTNER_ID_ATTRIBUTE": "subject-id",
    "SSO_SAML_PARTNER_ATTRIBUTES": "http://example.com/claims?a=mail=mail, surname=sn",
    "SSO_SAML_PARTNER_MAIL_DOMAINS": "Example.com",
    "SSO_SAML_EDUGAIN_IDP_ENTITY_ID": "https://proxy.example.net/metadata",
    "SSO_SAML_EDUGAIN_IDP_URL": "https://proxy.example.net/login",
    "SSO_SAML_EDUGAIN_IDP_CERTIFICATE": CERTIFICATE,
}


def test_several_saml_providers_by_name() -> None:
    found = good(
        **SAML,
        **PARTNER,
        SSO_SAML_KEY=private_pem(KEY),
        SSO_SAML_CERTIFICATE=CERTIFICATE,
        SSO_TRUSTED_MAIL="partner",
        SSO_GROUP_ROLES="staff=researcher",
        SSO_GROUPS_FROM="saml",
    )
    assert list(found.providers) == ["saml", "partner", "edugain"]
    assert [each.title for each in found.saml] == ["SAML", "Partner institute", "edugain"]
    partner = found.providers["partner"]
    assert partner.options["IDENTIFIER"] == "subject-id"
    assert partner.options["ATTRIBUTES"] == {
        "http://example.com/claims?a=mail": "mail",
        "surname": "sn",
    }
    assert partner.mail_domains == ("example.com",)
    # Our own side is one for all.
    assert {each.options["SP_PRIVATE_KEY"] for each in found.saml} == {private_pem(KEY).strip()}
    assert found.origins == [
        "https://idp.example.org",
        "https://idp.example.com",
        "https://proxy.example.net",
    ]
    assert found.counts_groups_of("saml")
    assert not found.counts_groups_of("partner")


def test_named_providers_need_no_unnamed_one() -> None:
    assert list(good(**PARTNER).providers) == ["partner", "edugain"]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"SSO_GOOGLE_CLIENT_ID": "x"}, "SSO_GOOGLE_CLIENT_SECRET"),
        ({**OIDC, "SSO_OIDC_ISSUER": "http://login.example.org"}, "SSO_OIDC_ISSUER"),
        ({**OIDC, "SSO_OIDC_ISSUER": ""}, "SSO_OIDC_ISSUER"),
        (
            {
                "SSO_ENTRA_CLIENT_ID": "x",
                "SSO_ENTRA_CLIENT_SECRET": "y",
                "SSO_ENTRA_TENANT": "common",
            },
            "SSO_ENTRA_TENANT",
        ),
        ({**SAML, "SSO_SAML_IDP_ENTITY_ID": ""}, "SSO_SAML_IDP_ENTITY_ID"),
        ({**SAML, "SSO_SAML_IDP_URL": "http://idp.example.org"}, "SSO_SAML_IDP_URL"),
        ({**SAML, "SSO_SAML_IDP_CERTIFICATE": "none"}, "SSO_SAML_IDP_CERTIFICATE"),
        ({**SAML, "SSO_SAML_IDP_METADATA": "<x/>"}, "SSO_SAML_IDP_METADATA"),
        ({**SAML, "SSO_SAML_KEY": "x"}, "SSO_SAML_CERTIFICATE"),
        ({**SAML, "SSO_SAML_KEY": "x", "SSO_SAML_CERTIFICATE": CERTIFICATE}, "SSO_SAML_KEY"),
        ({**LDAP, "SSO_LDAP_URL": "https://ldap.example.org"}, "SSO_LDAP_URL"),
        (
            {
                **LDAP,
                "SSO_LDAP_URL": "ldap://ldap.example.org",
                "SSO_LDAP_START_TLS": "false",
            },
            "SSO_LDAP_START_TLS",
        ),
        ({**LDAP, "SSO_LDAP_USER_DN": "uid=ada"}, "SSO_LDAP_USER_DN"),
        ({**LDAP, "SSO_LDAP_SEARCH_FILTER": "(uid=ada)"}, "SSO_LDAP_SEARCH_FILTER"),
        ({**PARTNER, "SSO_SAML_PARTNER_IDP_URL": "http://x.org"}, "SSO_SAML_PARTNER_IDP_URL"),
        ({**PARTNER, "SSO_SAML_PARTNER_IDP_METADATA": "<x/>"}, "SSO_SAML_PARTNER_IDP_METADATA"),
        ({**PARTNER, "SSO_SAML_PARTNER_ATTRIBUTES": "a=b"}, "SSO_SAML_PARTNER_ATTRIBUTES"),
        ({**PARTNER, "SSO_GROUP_ROLES": "staff=researcher"}, "SSO_GROUPS_FROM"),
        ({**PARTNER, "SSO_GROUPS_FROM": "campus"}, "SSO_GROUPS_FROM"),
        ({"SSO_SAML_IDPS": "partner"}, "SSO_SAML_PARTNER_IDP_ENTITY_ID"),
        ({"SSO_SAML_IDPS": "ldap"}, "SSO_SAML_IDPS"),
        ({"SSO_SAML_IDPS": "our-partner"}, "SSO_SAML_IDPS"),
        (
            {**SAML, **PARTNER, "SSO_SAML_PARTNER_IDP_ENTITY_ID": SAML["SSO_SAML_IDP_ENTITY_ID"]},
            "two providers",
        ),
        ({"SSO_ACCOUNTS": "all"}, "SSO_ACCOUNTS"),
        ({"SSO_TRUSTED_MAIL": "saml"}, "SSO_TRUSTED_MAIL"),
        ({"SSO_GROUP_ROLES": "staff"}, "SSO_GROUP_ROLES"),
        ({"SSO_GROUP_ROLES": "staff=sysadmin"}, "SSO_GROUP_ROLES"),
        ({"SSO_ORIGINS": "https://wayf.example.org/path"}, "SSO_ORIGINS"),
        ({"SSO_ONLY": "true"}, "SSO_ONLY"),
        ({**OIDC, "SSO_ONLY": "true"}, "SSO_BREAK_GLASS"),
    ],
)
def test_what_is_wrong_is_named(values: dict[str, str], named: str) -> None:
    env = Environment(values)
    read(env)
    assert any(named in problem for problem in env.problems), env.problems
