"""Logins elsewhere: which there are, which of them are a person's, whose password counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from social_django.models import UserSocialAuth

from accounts.models import User
from accounts.queries.factors import methods_of

LDAP = "ldap"
# The session came by a provider that asked for a second factor.
FACTOR_ELSEWHERE = "factor_elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOnLink:
    """A login elsewhere that opens a person's account, as its owner sees it."""

    pk: int
    title: str
    name: str
    linked_at: datetime
    used_at: datetime | None
    may_unlink: bool


def links_of(user: User) -> list[SignOnLink]:
    """The person's logins elsewhere, and whether each may go."""
    rows = list(UserSocialAuth.objects.filter(user=user).order_by("provider", "pk"))
    other = has_way_in_besides(user)
    usable = [row for row in rows if is_configured(row.provider)]
    return [
        SignOnLink(
            pk=row.pk,
            title=title_of(row.provider),
            name=row.extra_data.get("name", ""),
            linked_at=row.created,
            used_at=_moment(row.extra_data.get("used_at")),
            may_unlink=other or usable != [row],
        )
        for row in rows
    ]


def has_way_in_besides(user: User) -> bool:
    """Whether the person gets in without any of the logins elsewhere."""
    if not may_use_password(user):
        return False
    return user.has_usable_password() or methods_of(user).passkey


def may_use_password(user: User) -> bool:
    """Whether the account's own password and passkeys open it: not under SSO_ONLY, except for the
    superusers that the operator named for the day the provider is away.
    """
    if not settings.SSO.only:
        return True
    return user.is_superuser and user.username.casefold() in settings.SSO.break_glass


def is_configured(provider: str) -> bool:
    """Whether that provider is one of ours."""
    return provider in settings.SSO.providers or (
        provider == LDAP and settings.SSO.directory is not None
    )


def title_of(provider: str) -> str:
    """What people call the provider; its bare name once it is configured no more."""
    if provider == LDAP and settings.SSO.directory is not None:
        return str(settings.SSO.directory.title)
    found = settings.SSO.providers.get(provider)
    return found.title if found else provider


def buttons() -> list[Any]:
    """The providers that are reached by a button, in the order of the settings."""
    return list(settings.SSO.providers.values())


def _moment(value: Any) -> datetime | None:  # noqa: ANN401 - of a JSON field
    return datetime.fromisoformat(value) if value else None
