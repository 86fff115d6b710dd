"""Who a provider says somebody is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# Words for a login with more than a password: OpenID Connect's amr (RFC 8176), and the classes of
# Entra, REFEDS and the FAPI profiles.
_FACTOR_METHODS = {"mfa", "ngcmfa"}
_FACTOR_CLASSES = {
    "http://schemas.microsoft.com/claims/multipleauthn",
    "https://refeds.org/profile/mfa",
    "phr",
    "phrh",
}
_LONGEST_ID = 255
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_CN = re.compile(r"^cn=((?:[^,\\]|\\.)+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody as a provider knows them; `uid` never changes, all else may.

    `groups` is None where the provider does not tell them. `receipt` is what the provider's answer
    is known by, and the second until which it could be shown again.
    """

    provider: str
    title: str
    uid: str
    email: str = ""
    is_email_verified: bool = False
    username: str = ""
    first_name: str = ""
    last_name: str = ""
    organisation: str = ""
    units: tuple[str, ...] = ()
    groups: frozenset[str] | None = None
    has_shown_factor: bool = False
    receipt: tuple[str, int] | None = None


def is_factor(methods: Iterable[str], classes: Iterable[str]) -> bool:
    """Whether the provider asked for a second factor."""
    return bool(_FACTOR_METHODS & set(methods) or _FACTOR_CLASSES & set(classes))


def text_of(value: Any, longest: int = 254) -> str:  # noqa: ANN401 - whatever a provider sends
    """A claim as one line; the first where there are several."""
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    return _CONTROL.sub(" ", value).strip()[:longest] if isinstance(value, str) else ""


def texts_of(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - whatever a provider sends
    """All values of a claim."""
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(filter(None, (text_of(each) for each in values)))


def uid_of(value: Any) -> str:  # noqa: ANN401 - whatever a provider sends
    """An identifier; empty where it cannot be kept whole."""
    text = str(value) if isinstance(value, str | int) else ""
    return "" if len(text) > _LONGEST_ID or _CONTROL.search(text) else text


def groups_of(claims: Mapping[str, Any], name: str) -> frozenset[str] | None:
    """The groups that the claims name; none where the claim is missing.

    None where the provider leaves them out because they are too many (Entra): nobody is in no
    group for having many.
    """
    if "hasgroups" in claims or name in (claims.get("_claim_names") or ()):
        return None
    return frozenset(texts_of(claims.get(name)))


def group_name(word: str) -> str:
    """A group of a directory by its name; elsewhere it is called by its place in the tree."""
    found = _CN.match(word)
    return found[1].replace("\\", "") if found else word
