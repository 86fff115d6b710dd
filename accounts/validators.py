"""What a new password must be, beyond Django's own validators."""

from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.breaches import is_breached
from accounts.models import PasswordRecord, User
from accounts.wall import acting_for

logger = structlog.get_logger(__name__)


class BreachedPasswordValidator:
    """Not one of the passwords that were found in breaches, where the operator keeps their list."""

    def validate(self, password: str, user: Any | None = None) -> None:  # noqa: ANN401 - Django's
        """Refuse a password of the list; a list that cannot be read refuses nobody."""
        if not settings.BREACHED_PASSWORDS:
            return
        try:
            breached = is_breached(password, Path(settings.BREACHED_PASSWORDS))
        except OSError as error:
            logger.warning("passwords.list_unreadable", error=error.strerror)
            return
        if breached:
            text = _("This password was found in a breach of another site. Choose another one.")
            raise ValidationError(text, code="password_breached")

    def get_help_text(self) -> str:
        """The rule in words."""
        return _("Your password can’t be one that was found in a breach.")


class PasswordHistoryValidator:
    """Not one of the person's last passwords."""

    # A look at each costs as much as a login: not while somebody types.
    is_costly = True

    def validate(self, password: str, user: Any | None = None) -> None:  # noqa: ANN401 - Django's
        """Refuse the present password and the ones before it."""
        if not isinstance(user, User) or user.pk is None or not settings.PASSWORD_HISTORY:
            return
        earlier = PasswordRecord.objects.filter(user=user).order_by("-set_at", "-pk")
        with acting_for(user.pk):
            kept = list(earlier.values_list("password", flat=True)[: settings.PASSWORD_HISTORY - 1])
        if any(check_password(password, each) for each in [user.password, *kept]):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    def get_help_text(self) -> str:
        """The rule in words."""
        number = settings.PASSWORD_HISTORY
        text = ngettext(
            "Your password can’t be the one you have.",
            "Your password can’t be one of your last %(n)d.",
            number,
        )
        return text % {"n": number}
