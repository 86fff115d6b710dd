"""SAML 2 identity providers, each known by a name of its own; our side of it is one for all."""

import re
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from labitory.settings.components.providers import SAML, Provider, both, is_safe, origin_of
from labitory.settings.env import Environment

_NAME = re.compile(r"[a-z][a-z0-9]{0,19}")
# The ways in that are called otherwise.
_TAKEN = {"google", "entra", "oidc", "ldap", "saml"}
# What a provider's attributes can be read as.
KNOWN_ATTRIBUTES = (
    "eduPersonPrincipalName",
    "eduPersonUniqueId",
    "eduPersonEntitlement",
    "eduPersonScopedAffiliation",
    "isMemberOf",
    "schacHomeOrganization",
    "mail",
    "uid",
    "givenName",
    "sn",
    "o",
    "ou",
    "subject-id",
    "pairwise-id",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What we are to every identity provider."""

    entity: str
    key: str
    certificate: str


def read_saml(env: Environment) -> list[Provider]:
    """The identity provider without a name of its own, and those that SSO_SAML_IDPS names."""
    own = _own(env)
    found = [_identity_provider(env, SAML, "", own)]
    for name in dict.fromkeys(each.lower() for each in env.words("SSO_SAML_IDPS", "")):
        is_good = bool(_NAME.fullmatch(name)) and name not in _TAKEN
        env.require(
            is_good,
            f"SSO_SAML_IDPS is wrong at {name!r}: a name is a word of letters and digits, and none "
            f"of {', '.join(sorted(_TAKEN))}",
        )
        if not is_good:
            continue
        provider = _identity_provider(env, name, f"{name.upper()}_", own)
        wanted = f"SSO_SAML_{name.upper()}_IDP_ENTITY_ID"
        env.require(provider is not None, f"{wanted} is missing: SSO_SAML_IDPS names {name}")
        found.append(provider)
    providers = [each for each in found if each is not None]
    entities = [_entity_of(each) for each in providers]
    for each in {entity for entity in entities if entity and entities.count(entity) > 1}:
        env.require(False, f"SSO_SAML_IDPS is wrong: two providers have the entity id {each}")
    return providers


def _own(env: Environment) -> Own:
    key, certificate = env.text("SSO_SAML_KEY", ""), env.text("SSO_SAML_CERTIFICATE", "")
    if both(env, "SSO_SAML_KEY", key, "SSO_SAML_CERTIFICATE", certificate):
        _require_certificate(env, "SSO_SAML_CERTIFICATE", certificate)
        _require_key(env, key)
    return Own(entity=env.text("SSO_SAML_ENTITY_ID", ""), key=key, certificate=certificate)


def _identity_provider(env: Environment, name: str, word: str, own: Own) -> Provider | None:
    """The one whose settings carry this word; None where there are none."""
    title = env.text(f"SSO_SAML_{word}NAME", "") or (name if word else "SAML")
    entity = env.text(f"SSO_SAML_{word}IDP_ENTITY_ID", "")
    url = env.text(f"SSO_SAML_{word}IDP_URL", "")
    certificate = env.text(f"SSO_SAML_{word}IDP_CERTIFICATE", "")
    metadata = env.text(f"SSO_SAML_{word}IDP_METADATA", "")
    identifier = env.text(f"SSO_SAML_{word}ID_ATTRIBUTE", "eduPersonPrincipalName")
    attributes = env.words(f"SSO_SAML_{word}ATTRIBUTES", "")
    domains = env.words(f"SSO_SAML_{word}MAIL_DOMAINS", "")
    if not any((entity, url, certificate, metadata)):
        return None
    certificates = [certificate]
    if metadata:
        url, certificates = _from_metadata(env, f"SSO_SAML_{word}IDP_METADATA", metadata, entity)
    env.require(
        bool(entity), f"SSO_SAML_{word}IDP_ENTITY_ID is missing: it names the identity provider"
    )
    env.require(is_safe(url), f"SSO_SAML_{word}IDP_URL is wrong: it must be an https:// address")
    for each in certificates:
        _require_certificate(env, f"SSO_SAML_{word}IDP_CERTIFICATE", each)
    return saml_provider(
        name=name,
        title=title,
        entity=entity,
        url=url,
        certificates=certificates,
        own_entity=own.entity,
        key=own.key,
        certificate=own.certificate,
        identifier=identifier,
        attributes=_attributes(env, f"SSO_SAML_{word}ATTRIBUTES", attributes),
        mail_domains=tuple(each.casefold() for each in domains),
    )


def saml_provider(
    *,
    title: str,
    entity: str,
    url: str,
    certificates: list[str],
    name: str = SAML,
    own_entity: str = "",
    key: str = "",
    certificate: str = "",
    identifier: str = "eduPersonPrincipalName",
    attributes: dict[str, str] | None = None,
    mail_domains: tuple[str, ...] = (),
) -> Provider:
    """A SAML identity provider; with a key of our own requests are signed and answers decrypted.

    `attributes` says what those are that it calls otherwise than universities do.
    """
    idp = {
        "entity_id": entity,
        "url": url,
        "x509certMulti": {"signing": certificates, "encryption": certificates[:1]},
    }
    return Provider(
        name=name,
        title=title,
        origins=(origin_of(url),),
        protocol=SAML,
        mail_domains=mail_domains,
        options={
            "ENABLED_IDPS": {name: idp},
            "SP_ENTITY_ID": own_entity,
            "SP_PUBLIC_CERT": certificate,
            "SP_PRIVATE_KEY": key,
            "IDENTIFIER": identifier,
            "ATTRIBUTES": attributes or {},
        },
    )


def _entity_of(provider: Provider) -> str:
    return str(provider.options["ENABLED_IDPS"][provider.name]["entity_id"])


def _attributes(env: Environment, setting: str, words: list[str]) -> dict[str, str]:
    """Pairs of a name of theirs and one of ours; theirs may contain `=`."""
    found = {}
    for word in words:
        theirs, _equals, ours = (part.strip() for part in word.rpartition("="))
        env.require(
            bool(theirs) and ours in KNOWN_ATTRIBUTES,
            f"{setting} is wrong at {word!r}: it must read their-name=our-name, ours being one of "
            + ", ".join(KNOWN_ATTRIBUTES),
        )
        found[theirs] = ours
    return found


def _from_metadata(env: Environment, setting: str, text: str, entity: str) -> tuple[str, list[str]]:
    """Where the provider of that name answers in the metadata, and what it signs with."""
    # Its libraries are large; most installations need none of them.
    from onelogin.saml2.errors import OneLogin_Saml2_Error
    from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

    try:
        found = OneLogin_Saml2_IdPMetadataParser.parse(text, entity_id=entity or None)["idp"]
    except (OneLogin_Saml2_Error, ValueError, KeyError):
        env.require(False, f"{setting} is wrong: it has no such identity provider")
        return "", []
    several = found.get("x509certMulti", {}).get("signing", [])
    one = [found["x509cert"]] if found.get("x509cert") else []
    env.require(bool(several or one), f"{setting} is wrong: it has no certificate")
    return found.get("singleSignOnService", {}).get("url", ""), several or one


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
