"""Single sign-on: only what is configured exists. Everything is read and checked at the start."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from labitory.settings.env import Environment

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# What a group of the provider may never bring.
_TOO_HIGH = {"sysadmin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One way to log in elsewhere. `options` is what its library asks for by name."""

    name: str
    title: str
    origins: tuple[str, ...]
    options: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The LDAP server that is asked for names and passwords."""

    title: str
    url: str
    start_tls: bool
    authority: str
    user_dn: str
    search_base: str
    search_filter: str
    bind_dn: str
    bind_password: str
    id_attribute: str
    mail_attribute: str
    first_name_attribute: str
    last_name_attribute: str
    group_attribute: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn:
    """All of single sign-on: who is asked, and what their word is worth here."""

    providers: dict[str, Provider] = field(default_factory=dict)
    # Where a provider leads on to by itself: browsers stop a form that ends there otherwise.
    more_origins: tuple[str, ...] = ()
    directory: Directory | None = None
    accounts: str = "link"
    domains: tuple[str, ...] = ()
    trusted_mail: frozenset[str] = frozenset()
    trusts_factor: bool = False
    groups_claim: str = "groups"
    group_roles: tuple[tuple[str, str], ...] = ()
    only: bool = False
    break_glass: frozenset[str] = frozenset()

    @property
    def is_used(self) -> bool:
        """Whether there is any other way in than accounts of our own."""
        return bool(self.providers) or self.directory is not None

    @property
    def origins(self) -> list[str]:
        """Where the buttons of the providers may lead."""
        own = (origin for each in self.providers.values() for origin in each.origins)
        return list(dict.fromkeys([*own, *self.more_origins]))


def read(env: Environment) -> SignOn:
    """What the environment says; all that is wrong is noted there."""
    found = [_google(env), _entra(env), _oidc(env), _saml(env)]
    providers = {each.name: each for each in found if each is not None}
    directory = _directory(env)
    names = {*providers, *(["ldap"] if directory else [])}
    accounts = env.text("SSO_ACCOUNTS", "link")
    env.require(
        accounts in {"link", "create", "off"},
        "SSO_ACCOUNTS is wrong: it must be link, create or off",
    )
    trusted = env.words("SSO_TRUSTED_MAIL", "")
    for name in trusted:
        env.require(
            name in names, f"SSO_TRUSTED_MAIL is wrong at {name!r}: no such provider is configured"
        )
    only = env.boolean("SSO_ONLY", default=False)
    env.require(
        not only or bool(names), "SSO_ONLY is wrong: no provider is configured, nobody could log in"
    )
    break_glass = env.words("SSO_BREAK_GLASS", "")
    env.require(
        not only or bool(break_glass),
        "SSO_BREAK_GLASS is missing: with SSO_ONLY name a superuser whose password still works",
    )
    return SignOn(
        providers=providers,
        more_origins=tuple(_origin(env, each) for each in env.words("SSO_ORIGINS", "")),
        directory=directory,
        accounts=accounts,
        domains=tuple(word.casefold() for word in env.words("SSO_DOMAINS", "")),
        trusted_mail=frozenset(trusted),
        trusts_factor=env.boolean("SSO_TRUSTS_FACTOR", default=False),
        groups_claim=env.text("SSO_GROUPS_CLAIM", "groups"),
        group_roles=_group_roles(env),
        only=only,
        break_glass=frozenset(name.casefold() for name in break_glass),
    )


def _google(env: Environment) -> Provider | None:
    key, secret = env.text("SSO_GOOGLE_CLIENT_ID", ""), env.text("SSO_GOOGLE_CLIENT_SECRET", "")
    if not _both(env, "SSO_GOOGLE_CLIENT_ID", key, "SSO_GOOGLE_CLIENT_SECRET", secret):
        return None
    return oidc_provider("google", "Google", "https://accounts.google.com", key, secret)


def _entra(env: Environment) -> Provider | None:
    key, secret = env.text("SSO_ENTRA_CLIENT_ID", ""), env.text("SSO_ENTRA_CLIENT_SECRET", "")
    tenant = env.text("SSO_ENTRA_TENANT", "")
    if not _both(env, "SSO_ENTRA_CLIENT_ID", key, "SSO_ENTRA_CLIENT_SECRET", secret):
        return None
    # The tokens of a tenant name it by its id: "common" or a domain would admit any or none.
    env.require(_is_uuid(tenant), "SSO_ENTRA_TENANT is wrong: it must be the tenant's id (a UUID)")
    issuer = f"https://login.microsoftonline.com/{tenant.lower()}/v2.0"
    return oidc_provider("entra", "Microsoft", issuer, key, secret)


def _oidc(env: Environment) -> Provider | None:
    key, secret = env.text("SSO_OIDC_CLIENT_ID", ""), env.text("SSO_OIDC_CLIENT_SECRET", "")
    issuer, title = env.text("SSO_OIDC_ISSUER", ""), env.text("SSO_OIDC_NAME", "OpenID Connect")
    if not _both(env, "SSO_OIDC_CLIENT_ID", key, "SSO_OIDC_CLIENT_SECRET", secret):
        return None
    env.require(
        _is_safe(issuer), "SSO_OIDC_ISSUER is wrong: it must be the issuer's https:// address"
    )
    return oidc_provider("oidc", title, issuer, key, secret)


def oidc_provider(name: str, title: str, issuer: str, key: str, secret: str) -> Provider:
    """A provider that speaks OpenID Connect, found by the address of its issuer."""
    return Provider(
        name=name,
        title=title,
        origins=(origin_of(issuer),),
        options={
            "OIDC_ENDPOINT": issuer.rstrip("/"),
            "ID_TOKEN_ISSUER": issuer,
            "KEY": key,
            "SECRET": secret,
            "USE_PKCE": True,
        },
    )


def _saml(env: Environment) -> Provider | None:
    entity, url = env.text("SSO_SAML_IDP_ENTITY_ID", ""), env.text("SSO_SAML_IDP_URL", "")
    certificate = env.text("SSO_SAML_IDP_CERTIFICATE", "")
    metadata = env.text("SSO_SAML_IDP_METADATA", "")
    key, own = env.text("SSO_SAML_KEY", ""), env.text("SSO_SAML_CERTIFICATE", "")
    title = env.text("SSO_SAML_NAME", "SAML")
    own_entity = env.text("SSO_SAML_ENTITY_ID", "")
    identifier = env.text("SSO_SAML_ID_ATTRIBUTE", "eduPersonPrincipalName")
    if not any((entity, url, certificate, metadata)):
        return None
    certificates = [certificate]
    if metadata:
        url, certificates = _from_metadata(env, metadata, entity)
    env.require(bool(entity), "SSO_SAML_IDP_ENTITY_ID is missing: it names the identity provider")
    env.require(_is_safe(url), "SSO_SAML_IDP_URL is wrong: it must be an https:// address")
    for each in certificates:
        _require_certificate(env, "SSO_SAML_IDP_CERTIFICATE", each)
    if _both(env, "SSO_SAML_KEY", key, "SSO_SAML_CERTIFICATE", own):
        _require_certificate(env, "SSO_SAML_CERTIFICATE", own)
        _require_key(env, key)
    return saml_provider(
        title=title,
        entity=entity,
        url=url,
        certificates=certificates,
        own_entity=own_entity,
        key=key,
        certificate=own,
        identifier=identifier,
    )


def saml_provider(
    *,
    title: str,
    entity: str,
    url: str,
    certificates: list[str],
    own_entity: str = "",
    key: str = "",
    certificate: str = "",
    identifier: str = "eduPersonPrincipalName",
) -> Provider:
    """A SAML identity provider; with a key of our own requests are signed and answers decrypted."""
    idp = {
        "entity_id": entity,
        "url": url,
        "x509certMulti": {"signing": certificates, "encryption": certificates[:1]},
    }
    return Provider(
        name="saml",
        title=title,
        origins=(origin_of(url),),
        options={
            "ENABLED_IDPS": {"saml": idp},
            "SP_ENTITY_ID": own_entity,
            "SP_PUBLIC_CERT": certificate,
            "SP_PRIVATE_KEY": key,
            "IDENTIFIER": identifier,
        },
    )


def _from_metadata(env: Environment, text: str, entity: str) -> tuple[str, list[str]]:
    """Where the provider of that name answers in the metadata, and what it signs with."""
    # Its libraries are large; most installations need none of them.
    from onelogin.saml2.errors import OneLogin_Saml2_Error
    from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

    try:
        found = OneLogin_Saml2_IdPMetadataParser.parse(text, entity_id=entity or None)["idp"]
    except (OneLogin_Saml2_Error, ValueError, KeyError):
        env.require(False, "SSO_SAML_IDP_METADATA is wrong: it has no such identity provider")
        return "", []
    several = found.get("x509certMulti", {}).get("signing", [])
    one = [found["x509cert"]] if found.get("x509cert") else []
    env.require(bool(several or one), "SSO_SAML_IDP_METADATA is wrong: it has no certificate")
    return found.get("singleSignOnService", {}).get("url", ""), several or one


def _directory(env: Environment) -> Directory | None:
    url = env.text("SSO_LDAP_URL", "")
    found = Directory(
        title=env.text("SSO_LDAP_NAME", "LDAP"),
        url=url,
        start_tls=env.boolean("SSO_LDAP_START_TLS", default=True),
        authority=env.text("SSO_LDAP_CA", ""),
        user_dn=env.text("SSO_LDAP_USER_DN", ""),
        search_base=env.text("SSO_LDAP_SEARCH_BASE", ""),
        search_filter=env.text("SSO_LDAP_SEARCH_FILTER", "(uid={user})"),
        bind_dn=env.text("SSO_LDAP_BIND_DN", ""),
        bind_password=env.text("SSO_LDAP_BIND_PASSWORD", ""),
        id_attribute=env.text("SSO_LDAP_ID_ATTRIBUTE", "entryUUID"),
        mail_attribute=env.text("SSO_LDAP_MAIL_ATTRIBUTE", "mail"),
        first_name_attribute=env.text("SSO_LDAP_FIRST_NAME_ATTRIBUTE", "givenName"),
        last_name_attribute=env.text("SSO_LDAP_LAST_NAME_ATTRIBUTE", "sn"),
        group_attribute=env.text("SSO_LDAP_GROUP_ATTRIBUTE", "memberOf"),
    )
    if not url:
        return None
    parts = urlsplit(url)
    env.require(
        parts.scheme in {"ldap", "ldaps"} and bool(parts.hostname),
        "SSO_LDAP_URL is wrong: it must read ldaps://host or ldap://host",
    )
    env.require(
        parts.scheme == "ldaps" or found.start_tls or parts.hostname in _LOOPBACK,
        "SSO_LDAP_START_TLS is wrong: without it passwords would cross the network in the clear",
    )
    env.require(
        "{user}" in found.user_dn or bool(found.search_base),
        "SSO_LDAP_USER_DN is missing: give it, with {user} for the name, or SSO_LDAP_SEARCH_BASE",
    )
    env.require(
        "{user}" in found.search_filter, "SSO_LDAP_SEARCH_FILTER is wrong: it must contain {user}"
    )
    return found


def _group_roles(env: Environment) -> tuple[tuple[str, str], ...]:
    """Pairs of a provider's group and a role here; the group itself may contain `=`."""
    found = []
    for word in env.words("SSO_GROUP_ROLES", ""):
        group, _equals, role = (part.strip() for part in word.rpartition("="))
        env.require(
            bool(group and role) and role not in _TOO_HIGH,
            f"SSO_GROUP_ROLES is wrong at {word!r}: it must read group=role, and never "
            "make a system administrator",
        )
        found.append((group, role))
    return tuple(found)


def origin_of(url: str) -> str:
    """The part of an address that the content security policy compares."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _origin(env: Environment, value: str) -> str:
    env.require(
        _is_safe(value) and origin_of(value) == value.rstrip("/"),
        f"SSO_ORIGINS is wrong at {value!r}: it must read https://host",
    )
    return value.rstrip("/")


def _both(env: Environment, first: str, one: str, second: str, other: str) -> bool:
    """Whether both values are given; one alone is a mistake."""
    env.require(bool(one) == bool(other), f"{first} and {second} belong together: set both or none")
    return bool(one and other)


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    loopback = parts.scheme == "http" and parts.hostname in _LOOPBACK
    return bool(parts.hostname) and (parts.scheme == "https" or loopback)


def _is_uuid(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False


def _require_certificate(env: Environment, name: str, text: str) -> None:
    pem = (
        text
        if "BEGIN" in text
        else f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"
    )
    try:
        x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        env.require(False, f"{name} is wrong: it must be a certificate in PEM")


def _require_key(env: Environment, text: str) -> None:
    try:
        load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError):
        env.require(False, "SSO_SAML_KEY is wrong: it must be a private key in PEM, not encrypted")
