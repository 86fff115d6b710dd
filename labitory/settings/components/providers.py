"""What the ways to log in elsewhere share: their shape, and the checks of their settings."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from labitory.settings.env import Environment

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
OIDC, SAML = "oidc", "saml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One way to log in elsewhere. `options` is what its library asks for by name.

    Its word on an address counts for `mail_domains` only, where any are named.
    """

    name: str
    title: str
    origins: tuple[str, ...]
    options: dict[str, Any]
    protocol: str = OIDC
    mail_domains: tuple[str, ...] = ()


def origin_of(url: str) -> str:
    """The part of an address that the content security policy compares."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def both(env: Environment, first: str, one: str, second: str, other: str) -> bool:
    """Whether both values are given; one alone is a mistake."""
    env.require(bool(one) == bool(other), f"{first} and {second} belong together: set both or none")
    return bool(one and other)


def is_safe(url: str) -> bool:
    """Whether an address is https, or plain http on this machine."""
    parts = urlsplit(url)
    loopback = parts.scheme == "http" and parts.hostname in LOOPBACK
    return bool(parts.hostname) and (parts.scheme == "https" or loopback)


def is_within(address: str, domains: tuple[str, ...]) -> bool:
    """Whether a mail address lies in one of these domains; `.example.org` are those below it."""
    domain = address.rpartition("@")[2].casefold()
    return any(
        domain == each or (each.startswith(".") and domain.endswith(each)) for each in domains
    )
