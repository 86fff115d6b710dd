from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People: users, their roles and preferences, and how they log in."""

    name = "accounts"

    def ready(self) -> None:
        """Connect the only signal receivers."""
        from accounts import receivers  # noqa: F401
