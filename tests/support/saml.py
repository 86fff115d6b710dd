"""A SAML 2 identity provider that runs in the tests: assertions signed with keys made at run time.

Its `answer` says the truth unless told otherwise; what the lies are is written at each of them.
"""

import base64
import secrets
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any, ClassVar
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from tests.support.identity import Handler, _single, new_key, serving

_NS = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
    ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)
_PERSON = {
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.6": "ada@campus.example.org",
    "urn:oid:0.9.2342.19200300.100.1.3": "ada@example.org",
    "urn:oid:2.5.4.42": "Ada",
    "urn:oid:2.5.4.4": "Student",
    "urn:oid:1.3.6.1.4.1.25178.1.2.9": "campus.example.org",
}
_PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
_PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


def private_pem(key: rsa.RSAPrivateKey) -> str:
    """A key as operators give it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def certificate_of(key: rsa.RSAPrivateKey, host: str = "localhost") -> str:
    """A certificate that the key signs for itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    at = _moment()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


@dataclass(kw_only=True)
class Lies:
    """What an answer says wrongly."""

    asked: str | None = None
    audience: str | None = None
    recipient: str | None = None
    issuer: str | None = None
    age: timedelta = timedelta(0)
    key: rsa.RSAPrivateKey | None = None
    unsigned: bool = False
    changed: Callable[[str], str] = lambda xml: xml


@dataclass(kw_only=True)
class SamlProvider:
    """The provider: whom it knows, and how they log in there."""

    entity: str
    url: str
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    certificate: str = ""
    person: dict[str, Any] = field(default_factory=lambda: dict(_PERSON))
    name_id: str = "opaque-ada"
    name_format: str = _PERSISTENT
    login_class: str = _PASSWORD
    asks: bool = False

    def __post_init__(self) -> None:
        self.certificate = self.certificate or certificate_of(self.key)

    def answer(self, address: str, lies: Lies | None = None) -> tuple[str, dict[str, str]]:
        """To a question at this address: where the form goes, and its fields."""
        asked = _single(urlsplit(address).query)
        request = ET.fromstring(_inflated(asked["SAMLRequest"]))  # noqa: S314 - our own
        issuer = request.find("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer")
        assert issuer is not None
        back = request.attrib["AssertionConsumerServiceURL"]
        xml = self.response(
            question=request.attrib["ID"], back=back, audience=str(issuer.text), lies=lies or Lies()
        )
        form = {"SAMLResponse": base64.b64encode(xml.encode()).decode()}
        return back, {**form, "RelayState": asked["RelayState"]}

    def response(self, *, question: str, back: str, audience: str, lies: Lies) -> str:
        """The whole answer."""
        at = _moment() - lies.age
        question = question if lies.asked is None else lies.asked
        assertion = self.assertion(question, back, audience, at, lies)
        if not lies.unsigned:
            assertion = sign(assertion, lies.key or self.key)
        return lies.changed(
            f'<samlp:Response {_NS} ID="_{secrets.token_hex(16)}" Version="2.0"'
            f' IssueInstant="{_say(at)}" Destination="{lies.recipient or back}"'
            f' InResponseTo="{question}"><saml:Issuer>{lies.issuer or self.entity}</saml:Issuer>'
            '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>'
            f"</samlp:Status>{assertion}</samlp:Response>"
        )

    def assertion(self, question: str, back: str, audience: str, at: datetime, lies: Lies) -> str:
        """Who it is, not yet signed."""
        until = _say(at + timedelta(minutes=5))
        return (
            f'<saml:Assertion {_NS} ID="_{secrets.token_hex(16)}" Version="2.0"'
            f' IssueInstant="{_say(at)}"><saml:Issuer>{lies.issuer or self.entity}</saml:Issuer>'
            f'<saml:Subject><saml:NameID Format="{self.name_format}">{self.name_id}</saml:NameID>'
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml:SubjectConfirmationData NotOnOrAfter="{until}" InResponseTo="{question}"'
            f' Recipient="{lies.recipient or back}"/></saml:SubjectConfirmation></saml:Subject>'
            f'<saml:Conditions NotBefore="{_say(at - timedelta(minutes=1))}"'
            f' NotOnOrAfter="{until}"><saml:AudienceRestriction>'
            f"<saml:Audience>{lies.audience or audience}</saml:Audience>"
            f"</saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement"
            f' AuthnInstant="{_say(at)}" SessionIndex="_{secrets.token_hex(8)}"><saml:AuthnContext>'
            f"<saml:AuthnContextClassRef>{self.login_class}</saml:AuthnContextClassRef>"
            "</saml:AuthnContext></saml:AuthnStatement>"
            f"<saml:AttributeStatement>{_attributes(self.person)}</saml:AttributeStatement>"
            "</saml:Assertion>"
        )

    def metadata(self) -> str:
        """What operators are given."""
        body = "".join(self.certificate.splitlines()[1:-1])
        return (
            f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
            f' entityID="{self.entity}"><md:IDPSSODescriptor WantAuthnRequestsSigned="false"'
            ' protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
            '<md:KeyDescriptor use="signing">'
            '<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
            f"<ds:X509Certificate>{body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            "</md:KeyDescriptor><md:SingleSignOnService"
            ' Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"'
            f' Location="{self.url}"/></md:IDPSSODescriptor></md:EntityDescriptor>'
        )


def sign(xml: str, key: rsa.RSAPrivateKey) -> str:
    """The element with its signature."""
    signed = OneLogin_Saml2_Utils.add_sign(xml, private_pem(key), certificate_of(key))
    return str(signed.decode() if isinstance(signed, bytes) else signed)


class SamlHandler(Handler):
    """The provider's login page: a form that goes back by itself, as such providers have it."""

    provider: ClassVar[Any]

    def do_GET(self) -> None:  # noqa: N802 - its own name
        """Who comes is Ada, and asked whether she is."""
        if self.is_about_icon():
            return
        back, fields = self.provider.answer(self.path)
        kept = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in fields.items()
        )
        page = (
            f'<!doctype html><title>Campus</title><form method="post" action="{escape(back)}">'
            f'{kept}<button type="submit">Yes, it is me</button></form>'
        )
        self.say(200, page.encode(), "text/html; charset=utf-8")


@contextmanager
def saml_provider() -> Iterator[SamlProvider]:
    """A provider that answers for a while."""
    handler = type("OwnSamlHandler", (SamlHandler,), {"base": ""})
    with serving(handler) as address:
        provider = SamlProvider(entity=f"{address}/metadata", url=f"{address}/login")
        handler.provider = provider  # type: ignore[attr-defined]
        yield provider


def _attributes(person: Mapping[str, Any]) -> str:
    words = ""
    for name, value in person.items():
        values = value if isinstance(value, list) else [value]
        inner = "".join(
            f"<saml:AttributeValue>{escape(each)}</saml:AttributeValue>" for each in values
        )
        words += f'<saml:Attribute Name="{name}">{inner}</saml:Attribute>'
    return words


def _moment() -> datetime:
    """The real time: the library asks no other clock, whatever the tests have frozen."""
    return datetime.fromtimestamp(time.time(), UTC)


def _inflated(word: str) -> bytes:
    return zlib.decompress(base64.b64decode(word), -15)


def _say(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
