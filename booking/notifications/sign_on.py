"""Mails about logins elsewhere: their words and links."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.links import site_address
from accounts.models import User

Text = str | Promise

# Subject, text above the link, text below it.
SIGN_ON_WORDS: Mapping[str, tuple[Text, Text, Text]] = {
    "account.sso_linked": (
        _("A login at %(provider)s opens your account"),
        _("A login at %(provider)s opens your account at %(lab)s from now on. Your logins:"),
        _("If it was not you, unlink it, change your password, and tell us at once."),
    ),
    "account.sso_unlinked": (
        _("A login at %(provider)s opens your account no more"),
        _("A login at %(provider)s no longer opens your account at %(lab)s. Your logins:"),
        _("If it was not you, change your password and tell us at once."),
    ),
}


def _own_logins(_user: User | None, _facts: Mapping[str, Any]) -> str:
    return site_address("accounts:sso_links")


SIGN_ON_LINKS: Mapping[str, Callable[[User | None, Mapping[str, Any]], str]] = dict.fromkeys(
    SIGN_ON_WORDS, _own_logins
)
