"""Mails about passwords and the login: their words and links."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.guards import unlock_link

# Subject, text, and what stands below the link.
KEY_WORDS: Mapping[str, tuple[Any, Any, Any]] = {
    "account.locked": (
        _("Somebody fails to log in to your account"),
        _(
            "Somebody failed to log in to your account at %(lab)s several times and now has to "
            "wait, as you do in a new browser. Was it you? This link lets you in from the browser "
            "you open it in, once, for %(minutes)s minutes:"
        ),
        _("If it was not you, do nothing: browsers that you log in with are not locked out."),
    ),
    "account.unlock_requested": (
        _("Log in to your account again"),
        _(
            "Somebody asked to be let in to your account at %(lab)s. This link does so from the "
            "browser you open it in, once, for %(minutes)s minutes; you still need your password:"
        ),
        _("If it was not you, do nothing."),
    ),
    "account.password_changed": (
        _("Your password was changed"),
        _(
            "The password of your account at %(lab)s was changed; all other sessions have ended. "
            "Where you are logged in:"
        ),
        _("If it was not you, choose a new one by “Forgot your password?” and tell us at once."),
    ),
    "account.sessions_ended": (
        _("You were logged out of your account"),
        _(
            "%(actor)s, who looks after accounts at %(lab)s, has logged you out: %(reason)s. You "
            "can log in again as always. Where you are still logged in:"
        ),
        _("If you did not expect this, choose a new password and ask us."),
    ),
    "account.security_alert": (
        _("Security alarm: %(alarm)s"),
        _("At %(lab)s: %(alarm)s. Look at it and say what it was:"),
        _("It rings no more for the same person or address until somebody has handled it."),
    ),
}


def _page(name: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{reverse(name)}"


def _own_unlock_link(user: User | None, _facts: Mapping[str, Any]) -> str:
    if user is None:
        raise ValueError("this mail goes to people with accounts only")
    return unlock_link(user)


KEY_LINKS: Mapping[str, Callable[[User | None, Mapping[str, Any]], str]] = {
    "account.locked": _own_unlock_link,
    "account.unlock_requested": _own_unlock_link,
    "account.password_changed": lambda _user, _facts: _page("accounts:sessions"),
    "account.sessions_ended": lambda _user, _facts: _page("accounts:sessions"),
    "account.security_alert": lambda _user, _facts: _page("audit:security"),
}
