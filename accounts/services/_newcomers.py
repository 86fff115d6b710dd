"""The shared steps of making an account for somebody who came by a link."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.models import ResearchGroup, User, UserPreferences, UserProfile
from accounts.services._refusals import Known, naming_what_is_taken, require_fields
from audit.services import record

_TAKEN: Known = {
    "user_email_unique": (
        "user.email_taken",
        gettext_lazy("There is an account with this e-mail address already."),
        "email",
    ),
    "user_username_unique": (
        "user.username_taken",
        gettext_lazy("There is an account with this user name already."),
        "username",
    ),
}


def require_person(user: User, password: str) -> None:
    """Refuse names, addresses and passwords that no account can have."""
    if "@" in user.username:
        # At login a word with an @ is an address: such a name could never be used.
        text = _("A user name cannot contain @.")
        raise AccountRefused(code="user.username_at", text=text, field="username")
    require_fields(user, exclude=["password"])
    try:
        validate_password(password, user)
    except ValidationError as error:
        text = " ".join(error.messages)
        raise AccountRefused(code="user.password", text=text, field="password") from error


def make_account(
    user: User, *, hashed: str, group: ResearchGroup | None, role: Role, now: datetime
) -> User:
    """Write the account with a password that was hashed before; the audit names nobody else."""
    user.password, user.role, user.date_joined = hashed, role, now
    user.email = User.objects.normalize_email(user.email)
    with naming_what_is_taken(_TAKEN):
        user.save()
    UserProfile.objects.create(
        user=user,
        affiliation=group.name[:120] if group else "",
        unit=group.unit if group else None,
    )
    UserPreferences.objects.create(user=user)
    record(
        action="user.created",
        actor=None,
        target=user,
        now=now,
        changes={"email": (None, user.email), "role": (None, user.role)},
    )
    return user
