"""Authenticator apps: adding one, which counts only when it has shown a code."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.locks import lock_user
from accounts.models import Authenticator, User
from accounts.services._factors import (
    clean_name,
    factor_added,
    gone,
    is_app_code,
    new_key,
    owns_factor,
    plain_code,
    refuse,
    step_of,
)
from accounts.wall import run_as

MOST_APPS = 10


def begin_authenticator(*, user: User, now: datetime) -> Authenticator:
    """Make a key for an app to be set up with; it opens nothing until a code confirms it."""

    def work() -> Authenticator:
        lock_user(user.pk)
        Authenticator.objects.filter(user=user, confirmed=False).delete()
        if Authenticator.objects.filter(user=user).count() >= MOST_APPS:
            raise refuse("many", _("That is enough: remove an app before you add another."))
        app: Authenticator = Authenticator.objects.create(
            user=user,
            name=_("Authenticator app"),
            key=new_key(),
            confirmed=False,
            added_at=now,
        )
        return app

    return run_as(user.pk, work)


def confirm_authenticator(
    *, user: User, app_id: UUID, name: str, code: str, keep: str, now: datetime
) -> list[str]:
    """Let an app count from now on, having shown its code.

    With the first factor of a person come ten backup codes, given back to be shown once. Other
    sessions of theirs than the one with the key `keep` end.
    """

    def work() -> list[str] | None:
        lock_user(user.pk)
        app = Authenticator.objects.filter(user=user, public_id=app_id, confirmed=False).first()
        if app is None:
            raise gone()
        typed = plain_code(code)
        step = step_of(app, typed, now) if is_app_code(typed) else None
        if step is None:
            return None
        is_first = not owns_factor(user)
        app.name, app.confirmed = clean_name(name, app.name), True
        app.last_step, app.used_at = step, now
        app.save(update_fields=["name", "confirmed", "last_step", "used_at"])
        return factor_added(
            "factor.app_added", user, app.name, is_first=is_first, keep=keep, now=now
        )

    codes = run_as(user.pk, work)
    if codes is None:
        raise refuse(
            "wrong",
            _("This is not the code that the app shows now. Is the clock of the phone right?"),
            "code",
        )
    return codes
