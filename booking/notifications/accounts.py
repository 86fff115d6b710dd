"""Mails about accounts: to their owners, and to people who have none yet."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from accounts.services.passwords import password_reset_link
from booking.models import EmailMessage
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.keys import KEY_LINKS
from booking.notifications.messages import reader_locale, write_mail
from booking.notifications.people import PEOPLE_LINKS
from booking.notifications.roles import ROLE_LINKS
from booking.notifications.sign_on import SIGN_ON_LINKS

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


def build_account_mail(email: EmailMessage) -> EmailMultiAlternatives:
    """The mail of one row about an account, in the words of the catalogue."""
    entry = CATALOGUE[email.kind]
    facts = email.payload.get("facts", {})
    with _locale(email.user):
        values = {**facts, "lab": settings.LAB_NAME, "minutes": _reset_minutes()}
        make_link = LINKS.get(email.kind)
        subject = " ".join((str(entry.subject) % values).split())[:200]
        context = {
            "subject": subject,
            "text": str(entry.text) % values,
            "after": str(entry.after) % values,
            "link": make_link(email.user, facts) if make_link else "",
            "lab": settings.LAB_NAME,
            "name": email.user.get_short_name() if email.user else facts.get("name", ""),
        }
        return write_mail(email, subject, "account", context)


@contextmanager
def _locale(reader: User | None) -> Iterator[None]:
    if reader is None:
        with translation.override(settings.LANGUAGE_CODE):
            yield
    else:
        with reader_locale(reader):
            yield


def _page(name: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{reverse(name)}"


def _reset_minutes() -> int:
    return settings.PASSWORD_RESET_TIMEOUT // 60


def _owner(user: User | None) -> User:
    if user is None:
        raise ValueError("this mail goes to people with accounts only")
    return user
