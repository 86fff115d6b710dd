"""The providers, as the library speaks with them, and what each says of a person."""

from collections.abc import Mapping
from typing import Any, Self

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from social_core.backends.open_id_connect import OpenIdConnectAuth
from social_core.backends.saml import SAMLAuth, SAMLIdentityProvider
from social_core.exceptions import AuthResponseError

from accounts.sso.identity import (
    Identity,
    group_name,
    groups_of,
    is_factor,
    text_of,
    texts_of,
    uid_of,
)
from accounts.sso.strategy import LabStrategy
from labitory.settings.components.providers import SAML

# Attributes of universities: their names, and what they are called on the wire.
_ATTRIBUTES = {
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.6": "eduPersonPrincipalName",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.13": "eduPersonUniqueId",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.7": "eduPersonEntitlement",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.9": "eduPersonScopedAffiliation",
    "urn:oid:1.3.6.1.4.1.5923.1.5.1.1": "isMemberOf",
    "urn:oid:1.3.6.1.4.1.25178.1.2.9": "schacHomeOrganization",
    "urn:oid:0.9.2342.19200300.100.1.3": "mail",
    "urn:oid:0.9.2342.19200300.100.1.1": "uid",
    "urn:oid:2.5.4.42": "givenName",
    "urn:oid:2.5.4.4": "sn",
    "urn:oid:2.5.4.10": "o",
    "urn:oid:2.5.4.11": "ou",
    "urn:oasis:names:tc:SAML:attribute:subject-id": "subject-id",
    "urn:oasis:names:tc:SAML:attribute:pairwise-id": "pairwise-id",
}
_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


class Oidc(OpenIdConnectAuth[HttpResponse]):
    """Any provider that speaks OpenID Connect."""

    name = "oidc"
    found: Identity | None = None

    def identity(self, response: Mapping[str, Any]) -> Identity:
        """Who the checked tokens say it is."""
        claims = {**response, **(self.id_token or {})}
        email, verified = self.mail_of(response)
        methods, classes = texts_of(claims.get("amr")), texts_of(claims.get("acr"))
        units = claims.get("ou") or claims.get("department")
        return Identity(
            provider=self.name,
            title=settings.SSO.providers[self.name].title,
            uid=uid_of((self.id_token or {}).get("sub")),
            email=email,
            is_email_verified=verified,
            username=text_of(claims.get("preferred_username")),
            first_name=text_of(claims.get("given_name"), 100),
            last_name=text_of(claims.get("family_name"), 100),
            organisation=text_of(claims.get("schac_home_organization"), 120),
            units=texts_of(units),
            groups=groups_of(claims, settings.SSO.groups_claim),
            has_shown_factor=is_factor(methods, classes),
        )

    def mail_of(self, response: Mapping[str, Any]) -> tuple[str, bool]:
        """The address, and whether the same token or answer calls it verified."""
        for claims in (self.id_token or {}, response):
            if email := text_of(claims.get("email")):
                return email, self.vouches(claims, email)
        return "", False

    def vouches(self, claims: Mapping[str, Any], email: str) -> bool:
        """Whether the address was verified there."""
        return claims.get("email_verified") in (True, "true")


class Google(Oidc):
    """Google, for people of any organisation."""

    name = "google"

    def vouches(self, claims: Mapping[str, Any], email: str) -> bool:
        """Google answers only for its own mail and that of the organisations it hosts."""
        hosted = bool(claims.get("hd")) or email.casefold().endswith("@gmail.com")
        return hosted and super().vouches(claims, email)


class Entra(Oidc):
    """Microsoft Entra ID, for the people of one tenant."""

    name = "entra"

    def vouches(self, claims: Mapping[str, Any], email: str) -> bool:
        """Anybody can write any address there; only this optional claim says it is theirs."""
        return claims.get("xms_edov") in (True, 1, "1", "true")


class Saml(SAMLAuth[HttpResponse]):
    """A SAML 2 identity provider. All answer at one door: what they know of us is the same."""

    name = SAML
    found: Identity | None = None
    checked: Any = None

    def known_as(self, name: str) -> Self:
        """The same, for the identity provider of that name."""
        self.name = name
        return self

    def generate_saml_config(self, idp: SAMLIdentityProvider | None = None) -> dict[str, Any]:
        """Strict: assertions are signed, with nothing that is broken today."""
        options = settings.SSO.providers[self.name].options
        signs = bool(options["SP_PRIVATE_KEY"])
        return {
            "strict": True,
            "debug": False,
            "idp": idp.saml_config_dict if idp else {},
            "sp": {
                "entityId": options["SP_ENTITY_ID"] or own_entity(),
                "assertionConsumerService": {
                    "url": self.redirect_uri,
                    "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
                },
                "x509cert": options["SP_PUBLIC_CERT"],
                "privateKey": options["SP_PRIVATE_KEY"],
            },
            "security": {
                "authnRequestsSigned": signs,
                "signMetadata": signs,
                "wantAssertionsSigned": True,
                "wantNameId": False,
                # Whichever way they log in there is right: many ask for a second factor.
                "requestedAuthnContext": False,
                "rejectDeprecatedAlgorithm": True,
                "allowRepeatAttributeName": True,
                # Names without a dot, inside a network, are names too.
                "allowSingleLabelDomains": True,
                "metadataCacheDuration": "P1D",
            },
        }

    def auth_url(self) -> str:
        """Where to ask; the answer must name this question, which the session remembers."""
        idp = self.get_idp(self.name)
        asked = self._get_saml_auth(idp, stage="begin")
        url: str = asked.login(return_to=self.name)
        key = self._authn_request_id_session_key(idp.name)
        self.strategy.session_set(key, asked.get_last_request_id())
        return url

    def _validate_auth_response(self, auth: Any, *args: Any, **kwargs: Any) -> bool:  # noqa: ANN401
        """Keep what was checked: it says more than the attributes."""
        done: bool = super()._validate_auth_response(auth, *args, **kwargs)
        self.checked = auth
        return done

    def identity(self, response: Mapping[str, Any]) -> Identity:
        """Who the checked assertion says it is."""
        called = {**_ATTRIBUTES, **settings.SSO.providers[self.name].options["ATTRIBUTES"]}
        told = {called.get(key, key): value for key, value in response["attributes"].items()}
        claim = settings.SSO.groups_claim
        groups = texts_of(told.get(claim)) or texts_of(told.get("isMemberOf"))
        principal = text_of(told.get("eduPersonPrincipalName"))
        return Identity(
            provider=self.name,
            title=settings.SSO.providers[self.name].title,
            uid=self._uid(told),
            email=text_of(told.get("mail")),
            username=text_of(told.get("uid")) or principal,
            first_name=text_of(told.get("givenName"), 100),
            last_name=text_of(told.get("sn"), 100),
            organisation=text_of(told.get("schacHomeOrganization") or told.get("o"), 120),
            units=texts_of(told.get("ou")),
            groups=frozenset(group_name(each) for each in groups),
            has_shown_factor=is_factor((), self.checked.get_last_authn_contexts()),
            receipt=self._receipt(),
        )

    def _uid(self, told: Mapping[str, Any]) -> str:
        """What the person is known by; a name that changes with each login is none."""
        name = settings.SSO.providers[self.name].options["IDENTIFIER"]
        if name != "NameID":
            return uid_of(text_of(told.get(name), 300))
        if self.checked.get_nameid_format() == _TRANSIENT:
            return ""
        return uid_of(self.checked.get_nameid())

    def _receipt(self) -> tuple[str, int]:
        until = self.checked.get_last_assertion_not_on_or_after()
        identifier = self.checked.get_last_assertion_id()
        if not until or not identifier:
            # Such an assertion could be shown again for ever.
            raise AuthResponseError(
                self, "no id or no end", code="response_expired", stage="callback"
            )
        return identifier, int(until)


def own_entity() -> str:
    """What we are called by SAML providers, unless the operator says otherwise."""
    return f"{settings.SITE_URL.rstrip('/')}{reverse('accounts:sso_metadata')}"


def provider_for(request: HttpRequest, name: str) -> Any:  # noqa: ANN401 - the library has no types
    """The configured provider of that name. Raises KeyError."""
    provider = settings.SSO.providers[name]
    is_saml = provider.protocol == SAML
    door = reverse("accounts:sso_complete", kwargs={"provider": SAML if is_saml else name})
    strategy, address = LabStrategy(request), request.build_absolute_uri(door)
    if is_saml:
        return Saml(strategy, redirect_uri=address).known_as(name)
    kinds = {kind.name: kind for kind in (Google, Entra, Oidc)}
    return kinds[name](strategy, redirect_uri=address)
