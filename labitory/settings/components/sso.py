"""Single sign-on: only what is configured exists. Everything is read and checked at the start."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

from labitory.settings.components.providers import (
    LOOPBACK,
    SAML,
    Provider,
    both,
    is_safe,
    origin_of,
)
from labitory.settings.components.saml import read_saml, saml_provider
from labitory.settings.env import Environment

__all__ = ["Directory", "Provider", "SignOn", "oidc_provider", "read", "saml_provider"]

# What a group of the provider may never bring.
_TOO_HIGH = {"sysadmin"}


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
    # Whose groups bring roles; empty where there is only one who could say.
    groups_from: frozenset[str] = frozenset()
    only: bool = False
    break_glass: frozenset[str] = frozenset()

    @property
    def is_used(self) -> bool:
        """Whether there is any other way in than accounts of our own."""
        return bool(self.providers) or self.directory is not None

    @property
    def saml(self) -> list[Provider]:
        """The SAML identity providers, in the order of the settings."""
        return [each for each in self.providers.values() if each.protocol == SAML]

    def counts_groups_of(self, provider: str) -> bool:
        """Whether the groups of this provider bring roles."""
        return not self.groups_from or provider in self.groups_from

    @property
    def origins(self) -> list[str]:
        """Where the buttons of the providers may lead."""
        own = (origin for each in self.providers.values() for origin in each.origins)
        return list(dict.fromkeys([*own, *self.more_origins]))


def read(env: Environment) -> SignOn:
    """What the environment says; all that is wrong is noted there."""
    found = [_google(env), _entra(env), _oidc(env), *read_saml(env)]
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
    group_roles, groups_from = _group_roles(env), env.words("SSO_GROUPS_FROM", "")
    _require_groups_from(env, providers, names, group_roles, groups_from)
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
        group_roles=group_roles,
        groups_from=frozenset(groups_from),
        only=only,
        break_glass=frozenset(name.casefold() for name in break_glass),
    )


def _google(env: Environment) -> Provider | None:
    key, secret = env.text("SSO_GOOGLE_CLIENT_ID", ""), env.text("SSO_GOOGLE_CLIENT_SECRET", "")
    if not both(env, "SSO_GOOGLE_CLIENT_ID", key, "SSO_GOOGLE_CLIENT_SECRET", secret):
        return None
    return oidc_provider("google", "Google", "https://accounts.google.com", key, secret)


def _entra(env: Environment) -> Provider | None:
    key, secret = env.text("SSO_ENTRA_CLIENT_ID", ""), env.text("SSO_ENTRA_CLIENT_SECRET", "")
    tenant = env.text("SSO_ENTRA_TENANT", "")
    if not both(env, "SSO_ENTRA_CLIENT_ID", key, "SSO_ENTRA_CLIENT_SECRET", secret):
        return None
    # The tokens of a tenant name it by its id: "common" or a domain would admit any or none.
    env.require(_is_uuid(tenant), "SSO_ENTRA_TENANT is wrong: it must be the tenant's id (a UUID)")
    issuer = f"https://login.microsoftonline.com/{tenant.lower()}/v2.0"
    return oidc_provider("entra", "Microsoft", issuer, key, secret)


def _oidc(env: Environment) -> Provider | None:
    key, secret = env.text("SSO_OIDC_CLIENT_ID", ""), env.text("SSO_OIDC_CLIENT_SECRET", "")
    issuer, title = env.text("SSO_OIDC_ISSUER", ""), env.text("SSO_OIDC_NAME", "OpenID Connect")
    if not both(env, "SSO_OIDC_CLIENT_ID", key, "SSO_OIDC_CLIENT_SECRET", secret):
        return None
    env.require(
        is_safe(issuer), "SSO_OIDC_ISSUER is wrong: it must be the issuer's https:// address"
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
        parts.scheme == "ldaps" or found.start_tls or parts.hostname in LOOPBACK,
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


def _require_groups_from(
    env: Environment,
    providers: dict[str, Provider],
    names: set[str],
    group_roles: tuple[tuple[str, str], ...],
    groups_from: list[str],
) -> None:
    """A partner's group may be called as one of ours: with several, say whose groups count."""
    for name in groups_from:
        env.require(
            name in names, f"SSO_GROUPS_FROM is wrong at {name!r}: no such provider is configured"
        )
    several = sum(each.protocol == SAML for each in providers.values()) > 1
    env.require(
        not (group_roles and several) or bool(groups_from),
        "SSO_GROUPS_FROM is missing: with several SAML providers and SSO_GROUP_ROLES name those "
        "whose groups count",
    )


def _origin(env: Environment, value: str) -> str:
    env.require(
        is_safe(value) and origin_of(value) == value.rstrip("/"),
        f"SSO_ORIGINS is wrong at {value!r}: it must read https://host",
    )
    return value.rstrip("/")


def _is_uuid(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False
