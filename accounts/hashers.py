"""How passwords are kept."""

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher


class PasswordHasher(PBKDF2PasswordHasher):
    """PBKDF2 with as many rounds as the settings say; a login brings older hashes up to that."""

    @property
    def iterations(self) -> int:  # type: ignore[override]
        """The rounds of SHA-256."""
        return int(settings.PASSWORD_ITERATIONS)
