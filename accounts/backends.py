"""How a person is recognised."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from accounts.models import User


class UserBackend(ModelBackend):
    """Django's own backend; the user comes with preferences in the same query."""

    def get_user(self, user_id: Any) -> User | None:  # noqa: ANN401 - Django's signature
        """The user of a session, or None when the account is gone or inactive."""
        user = User.objects.select_related("preferences").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
