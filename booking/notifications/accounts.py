"""Messages about accounts: to their owners, and to people who have none yet."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from accounts.services.passwords import password_reset_link
from booking.notifications.keys import KEY_LINKS
from booking.notifications.people import PEOPLE_LINKS
from booking.notifications.roles import ROLE_LINKS
from booking.notifications.sign_on import SIGN_ON_LINKS
from booking.notifications.wordings import Wordings
from booking.notifications.words import Words, reader_locale

Facts = Mapping[str, Any]
# What a link leads to, made at the time of sending: no token is ever stored.
LINKS: Mapping[str, Callable[[User | None, Facts], str]] = {
    **PEOPLE_LINKS,
    **KEY_LINKS,
    **ROLE_LINKS,
    **SIGN_ON_LINKS,
    "account.password_reset_requested": lambda user, _facts: password_reset_link(_owner(user)),
    **dict.fromkeys(
        (
            "account.factor_added",
            "account.factor_removed",
            "account.backup_code_used",
            "account.factor_reset_asked",
            "account.factor_reset",
        ),
        lambda _user, _facts: _page("accounts:factor_list"),
    ),
    "account.factor_failing": lambda _user, _facts: _page("accounts:password_change"),
}


def account_words(
    *,
    kind: str,
    facts: Facts,
    reader: User | None,
    wordings: Wordings | None = None,
    example: str = "",
) -> Words:
    """What an account's owner is told, or somebody who has none yet.

    The link is made now, whenever it is sent: it may open the account once. It stands there
    whatever the words say. Where the words are only looked at, an `example` stands in its place.
    """
    with reader_locale(reader):
        values = {**facts, "lab": settings.LAB_NAME, "minutes": _reset_minutes()}
        said = (wordings or Wordings([kind])).say(kind, values)
        make_link = LINKS.get(kind)
        return Words(
            subject=said.subject,
            text=said.text,
            after=said.after,
            link=(example or make_link(reader, facts)) if make_link else "",
            button=said.subject,
        )


def _page(name: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{reverse(name)}"


def _reset_minutes() -> int:
    return settings.PASSWORD_RESET_TIMEOUT // 60


def _owner(user: User | None) -> User:
    if user is None:
        raise ValueError("this mail goes to people with accounts only")
    return user
