"""How a person is recognised."""

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.demo import DEMO_PASSWORD
from accounts.errors import AccountRefused
from accounts.models import User
from accounts.permissions.administration import may_in_admin, may_in_app
from accounts.queries.factors import duty_annotations
from accounts.queries.sso import LDAP, may_use_password
from accounts.services.sso import keep_refusal, sign_on
from accounts.session_store import open_session_ids
from accounts.sso.directory import look_up
from labitory.lib.clock import now


@cache
def _readers() -> QuerySet[User]:
    """Everybody, with what each page asks of its reader: half a millisecond to put together."""
    return User.objects.select_related("preferences").annotate(
        **duty_annotations(), open_sessions=open_session_ids()
    )


class UserBackend(ModelBackend):
    """Django's own backend; the user comes with preferences, open sessions and what is owed in one
    query.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Any:  # noqa: ANN401 - Django's signature
        """The user of a name and password. The demo password opens nothing outside development.

        Under SSO_ONLY no password does, but those of the superusers kept for emergencies.
        """
        if password == DEMO_PASSWORD and not settings.DEMO_LOGINS:
            return None
        user = super().authenticate(request, username=username, password=password, **kwargs)
        return user if user is None or may_use_password(user) else None

    def get_user(self, user_id: Any) -> User | None:  # noqa: ANN401 - Django's signature
        """The user of a session, or None when the account is gone or inactive."""
        user = _readers().filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:  # noqa: ANN401 - Django's
        """What the admin asks, answered by the same function as everything else."""
        return isinstance(user_obj, User) and may_in_admin(user_obj, perm)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:  # noqa: ANN401 - Django's
        """Whether any part of an app in the admin is open to the person."""
        return isinstance(user_obj, User) and may_in_app(user_obj, app_label)


class DirectoryBackend(UserBackend):
    """Names and passwords of the LDAP server, where one is configured."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_kwargs: Any,
    ) -> User | None:
        """The user whose login this is in the directory."""
        moment = now()
        try:
            identity = look_up(username or "", password or "")
            return None if identity is None else sign_on(identity=identity, now=moment)
        except AccountRefused as refusal:
            keep_refusal(provider=LDAP, code=refusal.code, now=moment)
            if request is not None:
                messages.warning(request, refusal.text, fail_silently=True)
            return None
