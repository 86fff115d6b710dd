"""What people are told of groups, registrations and invitations, and where the links lead."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.links import confirm_link, invitation_link, site_address
from accounts.models import User

Text = str | Promise

# Subject, text above the link, text below it.
PEOPLE_WORDS: Mapping[str, tuple[Text, Text, Text]] = {
    "account.join_requested": (
        _("%(user)s wants to join %(group)s"),
        _("%(user)s asks to join %(group)s: %(reason)s. You can accept or decline:"),
        "",
    ),
    "account.join_accepted": (
        _("You are in %(group)s"),
        _("Your request to join %(group)s was accepted. Your groups and projects:"),
        "",
    ),
    "account.join_declined": (
        _("Your request to join %(group)s"),
        _("Your request to join %(group)s was declined: %(reason)s"),
        "",
    ),
    "account.registration_confirm": (
        _("Confirm your e-mail address"),
        _(
            "Somebody asked for an account at %(lab)s with this address and the user name "
            "%(user)s. If it was you, confirm it within two days:"
        ),
        _("If it was not you, do nothing: no account is made."),
    ),
    "account.registration_known": (
        _("You have an account already"),
        _(
            "Somebody asked for an account at %(lab)s with this address, but there is one. If it "
            "was you, log in, or choose a new password there:"
        ),
        _("If it was not you, do nothing: nothing was changed."),
    ),
    "account.registration_name_taken": (
        _("Choose another user name"),
        _(
            "You asked for an account at %(lab)s, but the user name %(user)s is taken. Please "
            "register again with another one:"
        ),
        _("If it was not you, do nothing: no account is made."),
    ),
    "account.registration_waiting": (
        _("%(user)s asks for an account"),
        _("%(user)s registered at %(lab)s (group: %(group)s). Please approve or decline:"),
        "",
    ),
    "account.registration_approved": (
        _("Your account is ready"),
        _("Your account at %(lab)s is made. Log in as %(user)s with the password you chose:"),
        "",
    ),
    "account.registration_declined": (
        _("Your registration"),
        _("Your registration at %(lab)s was declined: %(reason)s"),
        "",
    ),
    "account.invited": (
        _("You are invited to %(lab)s"),
        _(
            "%(actor)s invites you to book instruments at %(lab)s (group: %(group)s). Make your "
            "account within two weeks; the link works once:"
        ),
        _("If you do not know why you get this, do nothing: no account is made."),
    ),
    "account.address_tried": (
        _("Mails reach you again"),
        _(
            "Mails to you from %(lab)s had come back, and none were sent any more. This one came, "
            "and so will the others. What you hear of:"
        ),
        "",
    ),
    "account.erasure_asked": (
        _("You asked for the erasure of your data"),
        _(
            "You asked that your personal data at %(lab)s be erased. You have an answer within 30 "
            "days. After an erasure no mail can reach you, and you cannot log in. Take it back:"
        ),
        _("If it was not you, take it back, change your password and tell us at once."),
    ),
    "account.erasure_refused": (
        _("Your data cannot be erased"),
        _("Your request for erasure at %(lab)s was refused: %(reason)s. Your data and requests:"),
        _("You can complain to the data protection officer or the authority."),
    ),
}

PEOPLE_LINKS: Mapping[str, Callable[[User | None, Mapping[str, Any]], str]] = {
    "account.join_requested": lambda _user, _facts: site_address("accounts:group_mine"),
    "account.join_accepted": lambda _user, _facts: site_address("accounts:group_mine"),
    "account.registration_confirm": lambda _user, facts: confirm_link(facts),
    "account.registration_known": lambda _user, _facts: site_address("accounts:login"),
    "account.registration_name_taken": lambda _user, _facts: site_address("accounts:register"),
    "account.registration_waiting": lambda _user, _facts: site_address(
        "accounts:registration_list"
    ),
    "account.registration_approved": lambda _user, _facts: site_address("accounts:login"),
    "account.invited": lambda _user, facts: invitation_link(facts),
    "account.address_tried": lambda _user, _facts: site_address("booking:notification_preferences"),
    "account.erasure_asked": lambda _user, _facts: site_address("accounts:privacy"),
    "account.erasure_refused": lambda _user, _facts: site_address("accounts:privacy"),
}
