"""Passwords: whether one is too old, and how good one looks while it is typed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import get_default_password_validators
from django.core.exceptions import ValidationError

from accounts.models import User

# From how many characters on an accepted password is called good, and very good.
_GOOD, _VERY_GOOD = 14, 18
STEPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What there is to say of a password: what stands against it, and how good it is, up to 3."""

    problems: list[str]
    strength: int


def password_feedback(password: str, user: User | None) -> Feedback:
    """What the validators say of a password; those that cost much are asked when it is set."""
    problems: list[str] = []
    for validator in get_default_password_validators():
        if getattr(validator, "is_costly", False):
            continue
        try:
            validator.validate(password, user)
        except ValidationError as error:
            problems += error.messages
    if problems:
        return Feedback(problems=problems, strength=0)
    return Feedback(
        problems=[], strength=1 + (len(password) >= _GOOD) + (len(password) >= _VERY_GOOD)
    )


def is_password_too_old(user: User, now: datetime) -> bool:
    """Whether the person has to choose a new password, where the lab asks for that at all."""
    if not settings.PASSWORD_MAX_DAYS or not user.has_usable_password():
        return False
    since = user.password_changed_at or user.date_joined
    return now - since >= timedelta(days=settings.PASSWORD_MAX_DAYS)
