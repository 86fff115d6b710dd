"""What people are told of the roles they were granted, and where the links lead."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.links import site_address
from accounts.models import User

Text = str | Promise

# Subject, text above the link, text below it.
ROLE_WORDS: Mapping[str, tuple[Text, Text, Text]] = {
    "account.role_granted": (
        _("Your new role: %(role)s"),
        _("You are %(role)s %(where)s at %(lab)s now. What you may do:"),
        _("If you did not expect this, tell us: you can give the role up on that page."),
    ),
    "account.role_revoked": (
        _("Your role %(role)s was taken away"),
        _("You are no longer %(role)s %(where)s at %(lab)s. What you may do:"),
        "",
    ),
    "account.role_expired": (
        _("Your role %(role)s has ended"),
        _("The time for which you were %(role)s %(where)s at %(lab)s is over. What you may do:"),
        "",
    ),
}
ROLE_LINKS: Mapping[str, Callable[[User | None, Mapping[str, Any]], str]] = dict.fromkeys(
    ROLE_WORDS, lambda _user, _facts: site_address("accounts:may")
)
