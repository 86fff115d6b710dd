from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People: users, their roles and preferences, and how they log in."""

    name = "accounts"

    def ready(self) -> None:
        """Connect the only signal receivers and the checks of a deployment."""
        from accounts import checks, receivers  # noqa: F401
